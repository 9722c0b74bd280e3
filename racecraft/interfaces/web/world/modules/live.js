/** A training or an evaluation as it happens: the WebSocket of a job as a source of the world. */

import { LiveClock } from "./clock.js";
import { PAINTS } from "./palette.js";
import { showsSaliency } from "./saliency.js";
import { CARS, VIEW, readSegment } from "./segments.js";
import { Timeline } from "./timeline.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;
const PATIENCE_S = 0.8;
const HIDDEN_CLOSE_MS = 30000;
const ENDED = "The job is over.";
const CLOSED = {
  4401: "You are signed out; sign in again to go on watching.",
  4403: "This page may not watch the job; open it from the console itself.",
  4404: "There is no such job, or you may not see it.",
  4429: "Too many people watch at the moment; the picture comes as soon as there is room.",
};
const WAITING = { QUEUED: "The job waits for its turn.", INITIALIZING: "The cars are being built…", STOPPING: "The job is being stopped…" };
const LEARNING = "The cars are learning from what they drove; the next scene comes in a moment.";
const SCENES = "Waiting for the first scene…";

export class LiveSource {
  /** @param {string} jobId @param {{api?: string, socket?: string}} options */
  constructor(jobId, { api = "/api", socket } = {}) {
    this.api = api;
    this.address = socket ?? `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${api}/jobs/${encodeURIComponent(jobId)}/live`;
    this.clock = new LiveClock();
    this.geometry = null;
    this.looks = [];
    this.lines = [];
    this.views = new Map();
    this.notice = "Connecting…";
    this.canScrub = false;
    this.onChange = () => {};
    this.wait_ms = FIRST_RETRY_MS;
    this.followed = 0;
    this.wantsSight = false;
    this.explains = showsSaliency();
    this.counts = { connects: 0, segments: 0 };
    this.onVisible = () => this.seeVisibility();
    document.addEventListener("visibilitychange", this.onVisible);
    this.connect();
  }

  connect() {
    clearTimeout(this.retry);
    this.counts.connects += 1;
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => (typeof data === "string" ? this.tell(JSON.parse(data)) : this.take(data));
    socket.onclose = (event) => socket === this.socket && this.lost(event.code);
    this.socket = socket;
  }

  lost(code) {
    if (this.isClosed) return;
    if (code === 1000 || code === 4401 || code === 4403 || code === 4404) {
      this.isOver = true;
      this.say(CLOSED[code] ?? ENDED);
      return;
    }
    this.say(CLOSED[code] ?? "The connection was lost; trying again…");
    this.retry = setTimeout(() => this.connect(), this.wait_ms);
    this.wait_ms = Math.min(LONGEST_RETRY_MS, this.wait_ms * 2);
  }

  /** Whoever does not look for a while needs no stream. */
  seeVisibility() {
    clearTimeout(this.sleep);
    if (document.hidden) {
      this.sleep = setTimeout(() => {
        this.isAsleep = true;
        const { socket } = this;
        this.socket = null;
        socket?.close();
      }, HIDDEN_CLOSE_MS);
    } else if (this.isAsleep && !this.isOver) {
      this.isAsleep = false;
      this.connect();
    }
  }

  async tell(message) {
    this.wait_ms = FIRST_RETRY_MS;
    if (message.type === "hello") {
      this.hello = message;
      const count = message.num_cars;
      if (this.looks.length !== count) {
        const hex = PAINTS[message.colour] ?? PAINTS.black;
        const sensors = [message.camera?.eyes === 2 || message.camera?.channels === 2 ? "STEREO_CAMERAS" : message.camera ? "FRONT_FACING_CAMERA" : "LIDAR"];
        this.looks = Array.from({ length: count }, (_, k) => ({ name: count > 1 ? `Car ${k + 1}` : message.model, shell: message.shell, colour: hex, sensors }));
        this.lines = this.looks.map(() => new Timeline());
      }
      this.say(WAITING[message.status] ?? SCENES);
      this.ask();
      await this.loadTrack();
    } else if (message.type === "status") {
      this.hello = { ...this.hello, status: message.status };
      this.say(WAITING[message.status] ?? message.message ?? "");
    }
  }

  /** The road of the followed car; the cars of a training may drive on several. */
  async loadTrack() {
    const tracks = this.hello?.tracks ?? [];
    const track = tracks[this.followed % Math.max(1, tracks.length)];
    const key = track && `${track.name} ${track.is_reversed}`;
    if (!track || key === this.trackKey) return;
    this.trackKey = key;
    const answer = await fetch(`${this.api}/tracks/${encodeURIComponent(track.name)}/geometry?reversed=${Boolean(track.is_reversed)}`);
    if (!answer.ok) {
      this.trackKey = null;
      this.say("The road of this track could not be loaded; reload the page.");
      return;
    }
    this.geometry = await answer.json();
    this.onChange();
  }

  /** @param {ArrayBuffer} message */
  take(message) {
    const segment = readSegment(message);
    if (!segment) return;
    if (segment.kind === VIEW) {
      this.views.set(segment.sequence, segment);
      for (const old of [...this.views.keys()].slice(0, -40)) this.views.delete(old);
      return;
    }
    if (segment.kind !== CARS || !segment.steps || segment.cars !== this.lines.length) return;
    this.counts.segments += 1;
    const end_s = segment.start_s + segment.time_s[segment.steps - 1];
    if (this.clock.extend(segment.start_s, end_s, segment)) {
      for (const line of this.lines) line.clear();
    }
    this.lines.forEach((line, car) => {
      line.add(segment, { stride: segment.cars, first: car, shift_s: segment.start_s });
      line.forget(this.clock.time_s);
    });
    this.part = segment.part;
  }

  /** Cars of other tracks than the one in the picture are left out. */
  read(states) {
    const count = Math.max(1, this.hello?.tracks?.length ?? 1);
    states.forEach((state, car) => {
      this.lines[car]?.read(this.clock.time_s, state);
      if (car % count !== this.followed % count) state.isShown = false;
    });
    const isLearning = this.clock.isWaiting && this.clock.waited_s > PATIENCE_S;
    if (!this.isOver && this.counts.segments && isLearning !== this.wasLearning) {
      this.wasLearning = isLearning;
      this.say(isLearning && this.hello?.kind === "TRAINING" ? LEARNING : "");
    }
  }

  /** The view that belongs to the clock's time, and its step; null when there is none. */
  viewNow(car) {
    let found = null;
    for (const view of this.views.values()) {
      if (view.cars === car && view.start_s <= this.clock.time_s + 1e-3 && (!found || view.start_s > found.start_s)) found = view;
    }
    if (!found) return null;
    const period_s = this.hello?.period_s ?? 1 / 15;
    const passed_s = Math.max(0, this.clock.time_s - found.start_s);
    const step = Math.min(found.steps - 1, Math.floor(passed_s / period_s + 1e-3));
    return this.clock.time_s - found.start_s < found.steps * period_s + 0.5 ? { view: found, step } : null;
  }

  thingsFor(car) {
    const now = this.viewNow(car);
    if (!now) return [];
    const { view, step } = now;
    return Array.from({ length: view.objects }, (_, k) => {
      const at = step * view.objects + k;
      return { kind: view.thing[k], x_m: view.x_m[at], y_m: view.y_m[at], heading_rad: view.heading_rad[at] };
    });
  }

  follow(car) {
    this.followed = car;
    this.ask();
    this.loadTrack();
  }

  /** Tell the service whose pictures are wanted. */
  ask() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const choice = { car: this.wantsSight ? this.followed : null };
    this.socket.send(JSON.stringify(this.wantsSight && this.explains ? { ...choice, saliency: true } : choice));
  }

  say(text) {
    if (text === this.notice) return;
    this.notice = text;
    this.onChange();
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.retry);
    clearTimeout(this.sleep);
    document.removeEventListener("visibilitychange", this.onVisible);
    this.socket?.close();
  }
}
