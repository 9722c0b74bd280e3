// A heat that was driven, shown to everybody at the same moment: the recording as a source of the 3D
// world, and what a commentator tells of it.
"use strict";

const CARS = 1, VIEW = 2;
export const SERIES = ["#ff7a1a", "#5aa9ff", "#3ddc97", "#f2c14e", "#c58bff", "#ff6f91", "#7fe3f0", "#c9d1d9"];
const RUN_OUT_S = 3;

// Splits the bytes of a recording into segments.
function* segments(buffer, readSegment) {
  const view = new DataView(buffer);
  for (let at = 0; at + 40 <= buffer.byteLength; ) {
    const size = view.getUint32(at + 8, true);
    if (size < 40 || at + size > buffer.byteLength) return;
    const found = readSegment(buffer.slice(at, at + size));
    if (found) yield found;
    at += size;
  }
}

// How far a car has come since the start, in percent of a lap, at every moment of its recording.
class Way {
  constructor(line) {
    this.time_s = line.time_s.subarray(0, line.length);
    this.percent = line.wholeProgress();
    // The furthest that it had ever come: it may have been put back since.
    this.furthest = this.percent.slice();
    for (let k = 1; k < line.length; k++) this.furthest[k] = Math.max(this.furthest[k], this.furthest[k - 1]);
  }

  far(time_s) {
    return between(this.time_s, this.percent, time_s);
  }

  // When it first came so far.
  reached(percent) {
    return between(this.furthest, this.time_s, percent);
  }
}

// The value in `to` at a place in `from`, which never falls: in between straight, outside the outermost.
function between(from, to, at) {
  let [low, high] = [0, from.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (from[middle] < at) low = middle + 1;
    else high = middle;
  }
  if (low === 0 || from.length === 0) return to[0] ?? 0;
  if (low === from.length) return to[low - 1];
  return to[low - 1] + ((at - from[low - 1]) / (from[low] - from[low - 1])) * (to[low] - to[low - 1]);
}

export class Heat {
  // api: where recordings are; heat: as the screen tells it; now: seconds of the service's clock.
  constructor(api, heat, now) {
    Object.assign(this, { api, heat, now, lines: [], ways: [], views: [], moments: [] });
    this.key = `${heat.id} ${heat.attempt}`;
    this.notice = "";
    this.canScrub = false;
    this.onChange = () => {};
    this.geometry = null;
    this.looks = heat.cars.map((car, k) => ({ name: car.name, shell: car.shell, colour: SERIES[k % SERIES.length], sensors: ["FRONT_FACING_CAMERA"] }));
    this.clock = { time_s: 0, isPaused: false, rate: 1, isWaiting: false, advance: () => this.advance() };
  }

  async load() {
    const path = `${this.api}/heats/${this.heat.id}`;
    const turn = `?attempt=${this.heat.attempt}`;
    const world = await import("racecraft-world");
    const [recording, moments, geometry] = await Promise.all([
      fetch(`${path}/recording${turn}`).then((answer) => answer.arrayBuffer()),
      fetch(`${path}/moments${turn}`).then((answer) => answer.json()),
      fetch(`${this.api}/geometry`).then((answer) => answer.json()),
    ]);
    const lines = this.heat.cars.map(() => new world.Timeline());
    for (const segment of segments(recording, world.readSegment)) {
      if (segment.kind === VIEW) this.views.push(segment);
      if (segment.kind !== CARS) continue;
      lines.forEach((line, car) => car < segment.cars && line.add(segment, { stride: segment.cars, first: car, shift_s: segment.start_s }));
    }
    this.use(lines, moments);
    this.geometry = geometry;
    this.onChange();
  }

  // lines: a finished timeline of each car; moments: what a commentator tells.
  use(lines, moments) {
    Object.assign(this, { lines, moments, ways: lines.map((line) => new Way(line)) });
  }

  // Seconds since the start; negative during the countdown.
  get time_s() {
    return this.now() - this.heat.shown_from_s;
  }

  get isOver() {
    return this.time_s > this.heat.shown_s;
  }

  advance() {
    const before = this.clock.time_s;
    this.clock.time_s = Math.max(0, Math.min(this.time_s, this.heat.shown_s + RUN_OUT_S));
    return Math.max(0, this.clock.time_s - before);
  }

  read(states) {
    states.forEach((state, car) => {
      const line = this.lines[car];
      line?.read(Math.max(this.clock.time_s, line.begin_s), state);
      if (line && this.clock.time_s >= line.end_s) state.speed_mps = 0;
      state.lap_s = this.lapTime(car);
    });
  }

  thingsFor() {
    const { time_s } = this.clock;
    let found = null;
    for (const view of this.views) if (view.start_s <= time_s + 1e-3) found = view;
    if (!found?.objects) return [];
    const step = Math.max(0, Math.min(found.steps - 1, Math.floor((time_s - found.start_s) * 15 + 1e-3)));
    return Array.from({ length: found.objects }, (_, k) => {
      const at = step * found.objects + k;
      return { kind: found.thing[k], x_m: found.x_m[at], y_m: found.y_m[at], heading_rad: found.heading_rad[at] };
    });
  }

  // What has happened by now, the newest last.
  told() {
    const { time_s } = this;
    return this.moments.filter((moment) => moment.at_s <= time_s);
  }

  ofCar(car) {
    return this.told().filter((moment) => moment.car === car);
  }

  lapsOf(car) {
    return this.ofCar(car).filter((moment) => moment.kind === "LAP");
  }

  lapTime(car) {
    const laps = this.lapsOf(car);
    return Math.max(0, this.clock.time_s - (laps.length ? laps[laps.length - 1].at_s : 0));
  }

  isDone(car) {
    return this.ofCar(car).some((moment) => moment.kind === "FINISHED" || moment.kind === "OUT");
  }

  // Who is where: those at the end by when they came there, the others by how far they are. Gaps are
  // those of the place where a car is now: how long ago the first one was there.
  order(num_laps) {
    const { time_s } = this;
    const rows = this.heat.cars.map((car, k) => {
      const told = this.ofCar(k);
      const laps = told.filter((moment) => moment.kind === "LAP");
      const points = told.filter((moment) => moment.sector);
      const last = points[points.length - 1];
      const far = Math.min(num_laps * 100, this.ways[k]?.far(time_s) ?? 0);
      const done = told.find((moment) => moment.kind === "FINISHED");
      const out = told.find((moment) => moment.kind === "OUT");
      return { car, k, laps: laps.length, far, done, out, last, best: laps.length ? Math.min(...laps.map((lap) => lap.time_ms)) : null };
    });
    rows.sort((a, b) => (a.done && b.done ? a.done.at_s - b.done.at_s : a.done ? -1 : b.done ? 1 : b.far - a.far) || a.k - b.k);
    const [first] = rows;
    for (const row of rows) row.gap_ms = row === first ? 0 : this.gap(first, row, time_s);
    return rows;
  }

  gap(first, row, time_s) {
    if (row.done) return Math.round((row.done.at_s - first.done.at_s) * 1000);
    const since_s = this.ways[first.k]?.reached(row.far) ?? time_s;
    return Math.max(0, Math.round((time_s - since_s) * 1000));
  }
}
