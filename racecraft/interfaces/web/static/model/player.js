// Plays segments at real speed: which step is now, and where each car is between two steps.
"use strict";

const KEPT_S = 3; // of what was played
const LATE_S = 3;
const TURN = 2 * Math.PI * 10000; // a full turn in units of 0.0001 rad

export class Player {
  constructor() {
    this.segments = [];
    this.views = new Map();
    this.clock = null;
    this.speed = 1;
    this.isPaused = false;
    this.isRecorded = false;
    this.isHolding = true;
  }

  add(segment) {
    if (segment.kind === 2) {
      this.views.set(`${segment.sequence}:${segment.cars}`, segment);
      return;
    }
    const before = this.segments[this.segments.length - 1];
    if (!before || segment.startS < before.startS) {
      this.segments = [];
      this.clock = segment.startS;
    }
    this.isRecorded = segment.isRecorded;
    this.segments.push(segment);
  }

  get endS() {
    const last = this.segments[this.segments.length - 1];
    return last ? last.startS + last.time[last.steps - 1] : 0;
  }

  // Let so many seconds of the clock on the wall pass.
  advance(seconds) {
    if (this.clock === null || this.isPaused) return;
    const behind = this.endS - this.clock;
    const rate = !this.isRecorded && behind > LATE_S ? 1.25 : this.speed;
    let to = this.clock + seconds * rate;
    const next = this.segments.find((segment) => segment.startS > this.clock && segment.isCut && !segment.isRecorded);
    if (next) {
      const before = this.segments[this.segments.indexOf(next) - 1];
      const ended = before ? before.startS + before.time[before.steps - 1] : this.clock;
      if (to > ended && to < next.startS) to = next.startS;
    }
    this.isHolding = to >= this.endS;
    this.clock = Math.min(to, this.endS);
    if (!this.isRecorded) this.forget();
  }

  forget() {
    while (this.segments.length > 1 && this.segments[1].startS < this.clock - KEPT_S) {
      const gone = this.segments.shift();
      for (const [key, view] of this.views) if (view.sequence <= gone.sequence) this.views.delete(key);
    }
  }

  restart() {
    if (this.segments.length) this.clock = this.segments[0].startS;
  }

  // The segment and step that are shown, and how far it is to the next step.
  now() {
    let k = this.segments.length - 1;
    while (k > 0 && this.segments[k].startS > this.clock) k -= 1;
    const segment = this.segments[k];
    if (!segment) return null;
    const at = this.clock - segment.startS;
    let step = segment.steps - 1;
    while (step > 0 && segment.time[step] > at) step -= 1;
    const next = step + 1 < segment.steps ? [segment, step + 1] : this.following(k);
    const from = segment.startS + segment.time[step];
    const until = next ? next[0].startS + next[0].time[next[1]] : from;
    const share = until > from ? Math.min(Math.max((this.clock - from) / (until - from), 0), 1) : 0;
    return { segment, step, next, share };
  }

  following(k) {
    const after = this.segments[k + 1];
    return after && !after.isCut && after.cars === this.segments[k].cars ? [after, 0] : null;
  }

  // Where a car is.
  car(now, car) {
    const { segment, step, next, share } = now;
    const k = step * segment.cars + car;
    const made = {
      x: segment.x[k], y: segment.y[k], heading: segment.heading[k] / 10000,
      speed: segment.speed[k] / 1000, steering: segment.steering[k] / 10000,
      progress: segment.progress[k] / 100, action: segment.action[k], status: segment.status[k],
      reward: segment.reward[k],
    };
    if (!next) return made;
    const [after, at] = next;
    const j = at * after.cars + car;
    if (after.jump[j]) return made;
    let turn = after.heading[j] - segment.heading[k];
    turn -= Math.round(turn / TURN) * TURN;
    made.x += share * (after.x[j] - made.x);
    made.y += share * (after.y[j] - made.y);
    made.heading += (share * turn) / 10000;
    return made;
  }

  view(now, car) {
    return this.views.get(`${now.segment.sequence}:${car}`) ?? null;
  }
}
