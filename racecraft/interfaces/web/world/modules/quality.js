/** Keeps the pictures coming: fewer points and fewer extras when frames are slow, more when fast. */

const WINDOW_FRAMES = 24;
const SLOW_MS = 1000 / 31;
const QUICK_MS = 1000 / 52;
const QUICK_WINDOWS = 5;
const WARM_UP_FRAMES = 8;
const FORGET_WINDOWS = 60;

/** From best to cheapest; `points` of a picture are at most so many. */
export const LEVELS = [
  { points: Infinity, fine: 5, hasShadows: true, hasMarks: true, hasGrain: true },
  { points: 680_000, fine: 3, hasShadows: true, hasMarks: true, hasGrain: true },
  { points: 500_000, fine: 2, hasShadows: true, hasMarks: true, hasGrain: false },
  { points: 340_000, fine: 1, hasShadows: true, hasMarks: true, hasGrain: false },
  { points: 230_000, fine: 1, hasShadows: true, hasMarks: false, hasGrain: false },
  { points: 160_000, fine: 0, hasShadows: false, hasMarks: false, hasGrain: false },
];

export class Quality {
  /** @param {(level: typeof LEVELS[0]) => void} apply @param {number} start */
  constructor(apply, start = 0) {
    this.apply = apply;
    this.start(start);
  }

  start(level) {
    this.level = Math.max(0, Math.min(LEVELS.length - 1, level));
    this.isFixed = false;
    this.ceiling = 0;
    this.patience = 0;
    this.quick = 0;
    this.warm_up = WARM_UP_FRAMES;
    this.times_ms = [];
    this.apply(LEVELS[this.level]);
  }

  /** Stay at a level, for pictures and measurements. @param {number} level */
  fix(level) {
    this.start(level);
    this.isFixed = true;
  }

  /** @param {number} frame_ms between this frame and the one before */
  tell(frame_ms) {
    if (this.isFixed || frame_ms > 400 || --this.warm_up > 0) return;
    this.times_ms.push(frame_ms);
    if (this.times_ms.length < WINDOW_FRAMES) return;
    const middle_ms = this.times_ms.sort((a, b) => a - b)[WINDOW_FRAMES >> 1];
    const slow_ms = this.times_ms[Math.floor(WINDOW_FRAMES * 0.8)];
    this.times_ms = [];
    if (this.patience > 0 && --this.patience === 0) this.ceiling = 0;
    if (middle_ms > SLOW_MS || slow_ms > SLOW_MS * 1.35) this.step(1);
    else if (middle_ms < QUICK_MS && ++this.quick >= QUICK_WINDOWS) this.step(-1);
  }

  step(by) {
    this.quick = 0;
    const next = this.level + by;
    if (next < this.ceiling || next >= LEVELS.length) return;
    // Better was too slow just now: it is not tried again for a while.
    if (by > 0) [this.ceiling, this.patience] = [next, FORGET_WINDOWS];
    this.warm_up = WARM_UP_FRAMES; // other shaders are made now
    this.level = next;
    this.apply(LEVELS[next]);
  }
}
