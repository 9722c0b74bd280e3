// One job that is watched: its socket, its player, the road, and which car is looked at.
"use strict";
import { ask } from "./feed.js";
import { Player } from "./player.js";
import { decode } from "./segments.js";
import { Teller } from "./teller.js";
import { showsSaliency } from "../world/saliency.js";

const stages = new Map();
const RETRY_MS = 1500;
const FINAL = [1000, 4401, 4403, 4404, 4429];

export function stageOf(job) {
  if (!stages.has(job)) stages.set(job, new Stage(job));
  return stages.get(job);
}

class Stage extends Teller {
  constructor(job) {
    super();
    this.job = job;
    this.player = new Player();
    this.facts = null;
    this.roads = [];
    this.car = 0;
    this.users = 0;
    this.wantsViews = 0;
    this.explains = showsSaliency();
    this.isOver = false;
    this.reason = "";
    this.onVisible = () => this.connect();
  }

  // Every element that shows something of it joins; with the last that leaves, nothing is sent.
  join(wantsViews) {
    this.users += 1;
    this.wantsViews += wantsViews ? 1 : 0;
    if (this.users === 1) {
      document.addEventListener("visibilitychange", this.onVisible);
      this.connect();
      this.beforeMs = performance.now();
      this.turning = requestAnimationFrame((ms) => this.turn(ms));
    }
    if (wantsViews) this.choose(this.car);
  }

  leave(wantsViews) {
    this.users -= 1;
    this.wantsViews -= wantsViews ? 1 : 0;
    if (this.users) return;
    document.removeEventListener("visibilitychange", this.onVisible);
    cancelAnimationFrame(this.turning);
    this.close();
    stages.delete(this.job);
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  connect() {
    if (document.hidden) return this.close();
    if (this.socket || this.isOver || !this.users) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/jobs/${this.job}/live`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onmessage = (event) => this.hear(event.data);
    socket.onclose = (event) => this.lost(socket, event);
  }

  lost(socket, event) {
    if (socket !== this.socket) return;
    this.socket = null;
    if (FINAL.includes(event.code)) {
      this.isOver = true;
      this.reason = event.code === 1000 ? "" : event.reason;
      this.tell("over", this.reason);
    } else {
      this.timer = setTimeout(() => this.connect(), RETRY_MS);
    }
  }

  async hear(data) {
    if (typeof data !== "string") {
      for (const segment of decode(data)) this.player.add(segment);
      return;
    }
    const said = JSON.parse(data);
    if (said.type === "hello") await this.begin(said);
    else this.tell("status", said);
  }

  async begin(facts) {
    this.facts = facts;
    if (this.wantsViews) this.choose(this.car);
    this.tell("facts", facts);
    this.roads = await Promise.all(facts.tracks.map((track) => ask(`tracks/${encodeURIComponent(track.name)}/geometry?reversed=${track.is_reversed}`).catch(() => null)));
    this.tell("roads", this.roads);
  }

  choose(car) {
    const count = this.facts?.num_cars ?? car + 1;
    this.car = (car + count) % count;
    if (this.socket?.readyState === WebSocket.OPEN) {
      const choice = { car: this.wantsViews ? this.car : null };
      this.socket.send(JSON.stringify(this.wantsViews && this.explains ? { ...choice, saliency: true } : choice));
    }
    this.tell("car", this.car);
  }

  // Whether what the network looks at is wanted, too.
  explain(isWanted) {
    this.explains = isWanted;
    this.choose(this.car);
  }

  // The road of the chosen car, and which cars drive on it.
  get road() {
    return this.roads.length ? this.roads[this.car % this.roads.length] : null;
  }

  shares(car) {
    return car % this.roads.length === this.car % this.roads.length;
  }

  turn(ms) {
    this.player.advance(Math.min((ms - this.beforeMs) / 1000, 0.25));
    this.beforeMs = ms;
    const now = this.player.now();
    if (now) this.tell("frame", now);
    this.turning = requestAnimationFrame((next) => this.turn(next));
  }
}
