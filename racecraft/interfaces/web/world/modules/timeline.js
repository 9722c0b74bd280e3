/**
 * What cars did, step by step, and where they are between two steps. Times are simulated seconds.
 * At the time of a step the answer is exactly that step; between two it is smooth.
 */

import { wrapped } from "./course.js";

/** Names of what a step tells; an array of each lies in a `Steps`. */
export const COLUMNS = ["x_m", "y_m", "heading_rad", "speed_mps", "steering_rad", "progress_percent", "reward", "action", "status", "jump"];

/**
 * Steps of one car, in order of time; every array is equally long. What is left out is zero.
 * @typedef {object} Steps
 * @property {ArrayLike<number>} time_s rising
 * @property {ArrayLike<number>} x_m middle between the axles
 * @property {ArrayLike<number>} y_m
 * @property {ArrayLike<number>} heading_rad counter-clockwise from x
 * @property {ArrayLike<number>} [speed_mps]
 * @property {ArrayLike<number>} [steering_rad]
 * @property {ArrayLike<number>} [progress_percent]
 * @property {ArrayLike<number>} [reward]
 * @property {ArrayLike<number>} [action]
 * @property {ArrayLike<number>} [status]
 * @property {ArrayLike<number>} [jump] 1 where the car was put elsewhere since the step before
 */

const KEPT_S = 20;
const JUMP_M = 0.6;
const GAP_S = 0.4;
const PREPARE = 0;
const NEW_LAP_PERCENT = 50;
const STORED = [...COLUMNS, "attempt_s"];

/** The steps of one car; more can be added at the end. */
export class Timeline {
  /** @param {Steps} [steps] */
  constructor(steps) {
    this.capacity = 64;
    this.length = 0;
    this.time_s = new Float64Array(this.capacity);
    for (const name of STORED) this[name] = new Float64Array(this.capacity);
    this.near = 0;
    if (steps) this.add(steps);
  }

  get begin_s() {
    return this.length ? this.time_s[0] : 0;
  }

  get end_s() {
    return this.length ? this.time_s[this.length - 1] : 0;
  }

  clear() {
    this.length = 0;
    this.near = 0;
  }

  /**
   * @param {Steps} steps
   * @param {{stride?: number, first?: number, shift_s?: number}} where every `stride`th value from `first`
   */
  add(steps, { stride = 1, first = 0, shift_s = 0 } = {}) {
    const count = steps.time_s.length;
    this.grow(this.length + count);
    for (let k = 0; k < count; k++) {
      const time_s = steps.time_s[k] + shift_s;
      if (this.length && time_s <= this.end_s) continue;
      const n = this.length++;
      this.time_s[n] = time_s;
      for (const name of COLUMNS) this[name][n] = steps[name]?.[k * stride + first] ?? 0;
      if (n && time_s - this.time_s[n - 1] > GAP_S) this.jump[n] = 1;
      if (n && Math.hypot(this.x_m[n] - this.x_m[n - 1], this.y_m[n] - this.y_m[n - 1]) > JUMP_M) this.jump[n] = 1;
      this.attempt_s[n] = !n || this.jump[n] || this.status[n] === PREPARE ? time_s : this.attempt_s[n - 1];
    }
  }

  grow(count) {
    if (count <= this.capacity) return;
    while (this.capacity < count) this.capacity *= 2;
    for (const name of ["time_s", ...STORED]) {
      const larger = new Float64Array(this.capacity);
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  /** Let go of what was long ago. @param {number} now_s */
  forget(now_s) {
    const first = this.rowAt(now_s - KEPT_S);
    if (first < 256) return;
    for (const name of ["time_s", ...STORED]) this[name].copyWithin(0, first, this.length);
    this.length -= first;
    this.near = Math.max(0, this.near - first);
  }

  /** The last row that is not after a time; 0 before the first. */
  rowAt(time_s) {
    let row = Math.min(this.near, Math.max(0, this.length - 1));
    if (this.time_s[row] > time_s || (row + 8 < this.length && this.time_s[row + 8] < time_s)) {
      let [low, high] = [0, this.length];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (this.time_s[middle] <= time_s) low = middle;
        else high = middle;
      }
      row = low;
    }
    while (row + 1 < this.length && this.time_s[row + 1] <= time_s) row++;
    this.near = row;
    return row;
  }

  /**
   * Where the car is at a time.
   * @param {number} time_s
   * @param {import("./fleet.js").CarState & Record<string, number>} state filled in
   * @returns {typeof state}
   */
  read(time_s, state) {
    state.isShown = this.length > 0;
    if (!this.length) return state;
    const row = this.rowAt(time_s);
    const next = Math.min(row + 1, this.length - 1);
    const gap_s = this.time_s[next] - this.time_s[row];
    let share = gap_s > 0 ? Math.max(0, Math.min(1, (time_s - this.time_s[row]) / gap_s)) : 0;
    if (this.jump[next]) share = 0;
    state.x_m = this.smooth(this.x_m, row, next, share);
    state.y_m = this.smooth(this.y_m, row, next, share);
    state.heading_rad = this.heading_rad[row] + share * wrapped(this.heading_rad[next] - this.heading_rad[row]);
    for (const name of ["speed_mps", "steering_rad"]) state[name] = this[name][row] + share * (this[name][next] - this[name][row]);
    state.progress_percent = this.progress(row, next, share);
    state.lap_s = Math.max(0, time_s - this.attempt_s[row]);
    state.reward = this.reward[row];
    state.action = this.action[row];
    state.status = this.status[row];
    state.row = row;
    return state;
  }

  /** Percent of the lap under way: between the line and the next step that is the new lap already. */
  progress(row, next, share) {
    const [a, b] = [this.progress_percent[row], this.progress_percent[next]];
    if (share > 0 && a - b > NEW_LAP_PERCENT) return b;
    return a + share * (b - a);
  }

  /** For each step, percent of a lap since the first: those of laps before are added. */
  wholeProgress() {
    const found = new Float64Array(this.length);
    let before = 0;
    for (let k = 0; k < this.length; k++) {
      if (k && this.progress_percent[k - 1] - this.progress_percent[k] > NEW_LAP_PERCENT) before += 100;
      found[k] = before + this.progress_percent[k];
    }
    return found;
  }

  /** A curve through the steps that is exact at each of them (Catmull-Rom); straight beside jumps. */
  smooth(values, row, next, share) {
    const [a, b] = [values[row], values[next]];
    if (share <= 0 || row === next) return a;
    const before = row > 0 && !this.jump[row] ? values[row - 1] : 2 * a - b;
    const after = next + 1 < this.length && !this.jump[next + 1] ? values[next + 1] : 2 * b - a;
    const [into, out] = [(b - before) / 2, (after - a) / 2];
    const square = share * share;
    const cube = square * share;
    return (2 * cube - 3 * square + 1) * a + (cube - 2 * square + share) * into + (3 * square - 2 * cube) * b + (cube - square) * out;
  }
}

/** A state to be filled in. */
export function emptyState() {
  return { isShown: false, x_m: 0, y_m: 0, heading_rad: 0, speed_mps: 0, steering_rad: 0, progress_percent: 0, lap_s: 0, reward: 0, action: -1, status: 0, row: 0 };
}
