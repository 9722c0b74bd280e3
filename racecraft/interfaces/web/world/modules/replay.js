/** Recorded laps as a source of the world: one, or several as ghosts from the same start. */

import { ReplayClock } from "./clock.js";
import { prefersLessMotion } from "./elements.js";
import { PAINTS, SERIES } from "./palette.js";
import { Timeline } from "./timeline.js";

const HOLD_S = 0.8;
const GHOST_OPACITY = 0.55;

/**
 * One recorded lap.
 * @typedef {object} Lap
 * @property {string} id
 * @property {string} label such as "my-model, trial 2"
 * @property {string} [shell]
 * @property {string} [colour] name of a paint of the garage
 * @property {string[]} [sensors]
 * @property {number | null} [lap_time_s] null when the lap was not completed
 * @property {number} [start_s] when the lap began, on the clock of its steps; the first step without
 * @property {import("./timeline.js").Steps} steps
 * @property {{kind: number[], x_m: number[][], y_m: number[][], heading_rad: number[][]}} [things] step by step
 */

export class ReplaySource {
  /**
   * @param {import("./course.js").Geometry} geometry
   * @param {Lap[]} laps the first one is followed; the others are ghosts
   * @param {{at_s?: number, rate?: number, isPaused?: boolean}} options
   */
  constructor(geometry, laps, { at_s = 0, rate = 1, isPaused } = {}) {
    this.geometry = geometry;
    this.laps = laps;
    this.canScrub = true;
    this.notice = "";
    this.onChange = () => {};
    this.lines = laps.map(({ steps, start_s }) => {
      const line = new Timeline();
      line.add(steps, { shift_s: -(start_s ?? steps.time_s[0] ?? 0) });
      line.attempt_s.fill(0, 0, line.length);
      return line;
    });
    const end_s = Math.max(0, ...this.lines.map((line) => line.end_s));
    this.clock = new ReplayClock(end_s + HOLD_S);
    this.clock.seek(at_s);
    Object.assign(this.clock, { rate, isPaused: isPaused ?? prefersLessMotion() });
    this.first = 0;
    this.setLooks();
  }

  setLooks() {
    const isOne = this.laps.length === 1;
    this.looks = this.laps.map((lap, k) => ({
      name: lap.label,
      shell: lap.shell ?? "classic",
      colour: isOne ? (PAINTS[lap.colour] ?? PAINTS.orange) : SERIES[k % SERIES.length],
      sensors: lap.sensors ?? ["FRONT_FACING_CAMERA"],
      opacity: k === this.first ? 1 : GHOST_OPACITY,
    }));
  }

  /** The followed lap is the solid one. */
  follow(car) {
    if (car === this.first) return;
    this.first = car;
    this.setLooks();
    this.onChange();
  }

  read(states) {
    states.forEach((state, k) => {
      const line = this.lines[k];
      line.read(Math.max(this.clock.time_s, line.begin_s), state);
      state.lap_s = Math.min(Math.max(0, this.clock.time_s), this.laps[k].lap_time_s ?? line.end_s);
      if (this.clock.time_s >= line.end_s) state.speed_mps = 0;
      state.isGhost = k !== this.first;
    });
  }

  thingsFor(car) {
    const { things, steps } = this.laps[car] ?? {};
    if (!things || !this.lines[car].length) return [];
    const row = Math.min(this.lines[car].rowAt(this.clock.time_s), steps.time_s.length - 1, things.x_m.length - 1);
    return things.kind.map((kind, k) => ({ kind, x_m: things.x_m[row][k], y_m: things.y_m[row][k], heading_rad: things.heading_rad[row][k] }));
  }
}

/**
 * The address that shows the same again.
 * @param {string} address of the page
 * @param {{time_s: number, camera: string, car: number, rate: number}} state
 */
export function shareAddress(address, { time_s, camera, car, rate }) {
  const url = new URL(address);
  url.searchParams.set("t", time_s.toFixed(2));
  url.searchParams.set("camera", camera);
  for (const [name, value, usual] of [["car", car, 0], ["speed", rate, 1]]) {
    if (value === usual) url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** What an address says of time, camera, car and speed. @param {string} address */
export function sharedState(address) {
  const query = new URL(address).searchParams;
  const number = (name, usual) => {
    const value = Number(query.get(name) ?? usual);
    return Number.isFinite(value) ? value : usual;
  };
  return { at_s: number("t", 0), camera: query.get("camera") ?? "chase", car: Math.max(0, Math.floor(number("car", 0))), rate: number("speed", 1) };
}
