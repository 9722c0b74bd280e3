// What happens to a model: its graph, its job, its log. Fetched once, then only what is new.
"use strict";
import { Teller } from "./teller.js";

const RETRY_MS = 1500;
const TAIL_BYTES = 24000;
const feeds = new Map();

export function feedOf(model) {
  if (!feeds.has(model)) feeds.set(model, new Feed(model));
  return feeds.get(model);
}

// Where the clock of the service is ahead of this browser's, in seconds.
let ahead = 0;
export function setClock(now) {
  ahead = now - Date.now() / 1000;
}
export function nowS() {
  return Date.now() / 1000 + ahead;
}

export async function ask(path) {
  const answer = await fetch(`/api/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

class Feed extends Teller {
  constructor(model) {
    super();
    this.model = model;
    this.job = null;
    this.place = null;
    this.graph = null;
    this.heardS = 0; // when the newest iteration was heard of
    this.log = "";
    this.offset = null;
    this.jobId = "";
    this.source = null;
    this.timer = 0;
    this.wanted = 0;
    document.addEventListener("visibilitychange", () => this.connect());
    this.ready = this.fetchGraph();
  }

  async fetchGraph() {
    try {
      this.graph = await ask(`models/${this.model}/graph`);
      this.tell("graph", this.graph);
    } catch (error) {
      this.tell("graph", null);
    }
  }

  get last() {
    const known = this.graph?.iterations.iteration;
    return known?.length ? known[known.length - 1] : -1;
  }

  // Follow a job, or none.
  async follow(jobId) {
    if (jobId === this.jobId) return;
    this.jobId = jobId;
    this.job = this.place = this.status = null;
    this.laps = 0;
    await this.ready;
    this.connect();
  }

  async wantLog() {
    if (this.offset !== null) return;
    this.offset = 0;
    try {
      const { next_offset: size } = await ask(`models/${this.model}/log?offset=${2 ** 52}`);
      const part = await ask(`models/${this.model}/log?offset=${Math.max(size - TAIL_BYTES, 0)}`);
      this.log = size > TAIL_BYTES ? part.text.slice(part.text.indexOf("\n") + 1) : part.text;
      this.offset = part.next_offset;
    } catch {
      this.offset = null;
      return;
    }
    this.tell("log", this.log);
    this.connect();
  }

  async connect() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    if (!this.jobId || document.hidden) return;
    if (!this.graph) {
      await this.fetchGraph();
      if (!this.graph || this.source) return this.later();
    }
    const log = this.offset === null ? "" : `&log=${this.offset}`;
    const path = `/api/jobs/${this.jobId}/events?iteration=${this.last}${log}`;
    const source = new EventSource(path);
    this.source = source;
    source.addEventListener("job", (event) => this.hearJob(JSON.parse(event.data)));
    source.addEventListener("iteration", (event) => this.hearIteration(JSON.parse(event.data)));
    source.addEventListener("log", (event) => this.hearLog(JSON.parse(event.data)));
    source.addEventListener("fault", () => this.again(source));
    source.onerror = () => this.again(source);
  }

  // A browser would ask the same again by itself; what is known by now must not come twice.
  again(source) {
    source.close();
    if (source !== this.source) return;
    this.source = null;
    const isOver = ["COMPLETED", "FAILED", "CANCELED"].includes(this.job?.status);
    if (!isOver) this.later();
  }

  later() {
    this.timer = setTimeout(() => this.connect(), RETRY_MS);
  }

  hearJob({ job, place }) {
    const laps = job.report?.laps?.length ?? 0;
    const isOther = job.status !== this.status || laps !== this.laps;
    this.job = job;
    this.place = place;
    this.tell("job", job);
    this.status = job.status;
    this.laps = laps;
    if (isOther) this.tell("turn", job);
  }

  hearIteration(news) {
    const { iterations, episodes } = this.graph;
    const at = iterations.iteration.indexOf(news.iteration);
    this.heardS = nowS();
    if (at < 0) {
      for (const name of Object.keys(iterations)) iterations[name].push(news[name] ?? null);
      for (const [k, reward] of (news.episode_rewards ?? []).entries()) {
        episodes.iteration.push(news.iteration);
        episodes.reward.push(reward);
        episodes.progress.push(news.episode_progress[k]);
      }
    } else {
      for (const name of Object.keys(iterations)) iterations[name][at] = news[name] ?? null;
    }
    if (news.best_iteration != null) this.graph.best_iteration = news.best_iteration;
    this.tell("graph", this.graph);
  }

  hearLog({ text, next_offset: end }) {
    if (end <= this.offset) return;
    this.offset = end;
    this.log = (this.log + text).slice(-4 * TAIL_BYTES);
    this.tell("log", text);
  }
}
