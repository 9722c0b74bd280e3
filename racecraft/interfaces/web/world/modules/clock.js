/**
 * Clocks of playback. A live clock runs at real speed in the time of the stream, waits when nothing
 * is left and catches up without jumps; the clock of a replay goes where its viewer wants it.
 */

const LEAD_S = 0.9;
const MOST_WAIT_S = 1.4;
const LATE_S = 3;
const LOST_S = 12;
const CATCH_UP = 1.25;

export class LiveClock {
  constructor() {
    this.rate = 1;
    this.isPaused = false;
    this.reset(0);
    this.isStarted = false;
  }

  /** Begin at a time of the stream. */
  reset(start_s) {
    this.time_s = start_s;
    this.end_s = start_s;
    this.cuts = [];
    this.isStarted = true;
    this.isWaiting = true;
    this.waited_s = 0;
    this.isRecorded = false;
  }

  /**
   * More steps have come.
   * @param {number} start_s of the first of them
   * @param {number} end_s of the last
   * @returns {boolean} whether the stream began anew and what was kept is void
   */
  extend(start_s, end_s, { isCut = false, isRecorded = false } = {}) {
    const isAnew = !this.isStarted || start_s < this.last_s - 1e-6;
    if (isAnew) this.reset(start_s);
    else if (isCut || start_s - this.end_s > 0.5) this.cuts.push({ from_s: this.end_s, to_s: start_s });
    this.last_s = start_s;
    this.end_s = Math.max(this.end_s, end_s);
    this.isRecorded = isRecorded;
    return isAnew;
  }

  /** How much can be played before the next cut or the end. */
  get ready_s() {
    return (this.cuts[0]?.from_s ?? this.end_s) - this.time_s;
  }

  /** All that is to be played, without the gaps of the cuts. */
  get behind_s() {
    return this.cuts.reduce((sum, cut) => sum - (cut.to_s - cut.from_s), this.end_s - this.time_s);
  }

  /** @param {number} frame_s of the viewer's clock @returns {number} of the stream's clock */
  advance(frame_s) {
    if (!this.isStarted || this.isPaused) return 0;
    if (this.isWaiting) {
      this.waited_s += frame_s;
      if (this.behind_s < LEAD_S && !this.cuts.length && !(this.behind_s > 0.05 && this.waited_s > MOST_WAIT_S)) return 0;
      this.isWaiting = false;
    }
    if (!this.isRecorded && this.behind_s > LOST_S) return this.skip();
    const hurry = this.behind_s > LATE_S && !this.isRecorded ? CATCH_UP : 1;
    const before_s = this.time_s;
    this.time_s += frame_s * hurry * this.rate;
    const cut = this.cuts[0];
    if (cut && this.time_s >= cut.from_s) {
      this.time_s = cut.to_s;
      this.cuts.shift();
      return 0;
    }
    if (this.time_s >= this.end_s) {
      this.time_s = this.end_s;
      this.isWaiting = true;
      this.waited_s = 0;
    }
    return this.time_s - before_s;
  }

  /** Far too late, for instance after the page was hidden: go on near the end. */
  skip() {
    this.cuts = [];
    this.time_s = Math.max(this.last_s, this.end_s - LEAD_S);
    return 0;
  }
}

export const RATES = [0.25, 0.5, 1, 2, 4];

export class ReplayClock {
  /** @param {number} end_s */
  constructor(end_s) {
    this.end_s = end_s;
    this.time_s = 0;
    this.rate = 1;
    this.isPaused = false;
    this.isWaiting = false;
  }

  /** @param {number} frame_s @returns {number} simulated seconds that passed */
  advance(frame_s) {
    if (this.isPaused) return 0;
    const before_s = this.time_s;
    this.time_s = Math.min(this.end_s, this.time_s + frame_s * this.rate);
    if (this.time_s >= this.end_s) this.isPaused = true;
    return this.time_s - before_s;
  }

  /** @param {number} time_s */
  seek(time_s) {
    this.time_s = Math.max(0, Math.min(this.end_s, time_s));
  }

  /** Play, from the beginning when it is at its end. */
  play() {
    if (this.time_s >= this.end_s - 1e-6) this.time_s = 0;
    this.isPaused = false;
  }
}
