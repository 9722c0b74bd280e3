/** Keeps the pictures coming: fewer points and fewer extras when frames are slow, more when fast. */

const WINDOW_FRAMES = 24;
const SLOW_MS = 1000 / 31;
const QUICK_MS = 1000 / 52;
const QUICK_WINDOWS = 6;

/** From best to cheapest. `share` of the screen's points on each axis. */
export const LEVELS = [
  { share: 1, fine: 5, hasShadows: true, hasMarks: true, hasGrain: true },
  { share: 0.85, fine: 3, hasShadows: true, hasMarks: true, hasGrain: true },
  { share: 0.75, fine: 2, hasShadows: true, hasMarks: true, hasGrain: false },
  { share: 0.62, fine: 1, hasShadows: true, hasMarks: true, hasGrain: false },
  { share: 0.5, fine: 1, hasShadows: true, hasMarks: false, hasGrain: false },
  { share: 0.42, fine: 0, hasShadows: false, hasMarks: false, hasGrain: false },
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
    this.quick = 0;
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
    if (this.isFixed || frame_ms > 400) return;
    this.times_ms.push(frame_ms);
    if (this.times_ms.length < WINDOW_FRAMES) return;
    const middle_ms = this.times_ms.sort((a, b) => a - b)[WINDOW_FRAMES >> 1];
    const slow_ms = this.times_ms[Math.floor(WINDOW_FRAMES * 0.8)];
    this.times_ms = [];
    if (middle_ms > SLOW_MS || slow_ms > SLOW_MS * 1.35) this.step(1);
    else if (middle_ms < QUICK_MS && ++this.quick >= QUICK_WINDOWS) this.step(-1);
  }

  step(by) {
    this.quick = 0;
    const next = this.level + by;
    if (next < this.ceiling || next >= LEVELS.length) return;
    // Better was too slow once: it is not tried again for as long as this page is open.
    if (by > 0) this.ceiling = Math.min(next, LEVELS.length - 1);
    this.level = next;
    this.apply(LEVELS[next]);
  }
}
