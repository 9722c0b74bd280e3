// A closed road on paper: points along its centre line, and where a car is on it. Metres, radians.
"use strict";

const CORNERS = [[1.2, 0.9], [2.7, 0.75], [4.2, 0.8], [5.2, 1.5], [4.9, 2.45], [3.7, 2.5], [3.0, 3.05], [1.9, 3.2], [0.85, 2.7], [0.7, 1.7]];
/** Points along the centre line. */
const POINTS = 360;

export class Road {
  /**
   * @param {number[][]} corners points that the centre line goes through, in driving order
   * @param {number} widthM from border to border
   */
  constructor(corners = CORNERS, widthM = 0.62) {
    this.widthM = widthM;
    const fine = smooth(corners, 60);
    const reach = [0];
    for (let k = 1; k <= fine.length; k += 1) {
      const [a, b] = [fine[k - 1], fine[k % fine.length]];
      reach.push(reach[k - 1] + Math.hypot(b[0] - a[0], b[1] - a[1]));
    }
    this.lengthM = reach[fine.length];
    this.points = [];
    for (let k = 0, j = 0; k < POINTS; k += 1) {
      const wanted = (k * this.lengthM) / POINTS;
      while (reach[j + 1] < wanted) j += 1;
      const share = (wanted - reach[j]) / (reach[j + 1] - reach[j]);
      const [a, b] = [fine[j], fine[(j + 1) % fine.length]];
      this.points.push([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
    }
    this.yaws = this.points.map((point, k) => {
      const [before, after] = [this.points[(k + POINTS - 1) % POINTS], this.points[(k + 1) % POINTS]];
      return Math.atan2(after[1] - before[1], after[0] - before[0]);
    });
    this.stepM = this.lengthM / POINTS;
  }

  /** Index of the point that is so far along, behind the finish line too. */
  index(alongM) {
    const k = Math.round(alongM / this.stepM) % POINTS;
    return k < 0 ? k + POINTS : k;
  }

  /**
   * Where a place is, looked for near where it was before.
   * @returns {{along: number, offset: number, yaw: number}} metres since the start line (it goes on
   *     growing after a lap), metres to the left of the centre line, direction of the road
   */
  locate(x, y, nearM) {
    const middle = Math.round(nearM / this.stepM);
    let best = middle;
    let least = Infinity;
    for (let k = middle - 12; k <= middle + 16; k += 1) {
      const point = this.points[((k % POINTS) + POINTS) % POINTS];
      const far = (x - point[0]) ** 2 + (y - point[1]) ** 2;
      if (far < least) [best, least] = [k, far];
    }
    const k = ((best % POINTS) + POINTS) % POINTS;
    const [point, yaw] = [this.points[k], this.yaws[k]];
    const [dx, dy] = [x - point[0], y - point[1]];
    return {
      along: best * this.stepM + dx * Math.cos(yaw) + dy * Math.sin(yaw),
      offset: dy * Math.cos(yaw) - dx * Math.sin(yaw),
      yaw,
    };
  }

  /** How much the road turns from here on, in radians; left is positive. */
  turn(alongM, aheadM) {
    return angle(this.yaws[this.index(alongM + aheadM)] - this.yaws[this.index(alongM)]);
  }
}

/** The same angle between -pi and pi. */
export function angle(radians) {
  return Math.atan2(Math.sin(radians), Math.cos(radians));
}

/** A closed Catmull-Rom curve through some points. */
function smooth(corners, parts) {
  const found = [];
  const at = (k) => corners[(k + corners.length) % corners.length];
  for (let k = 0; k < corners.length; k += 1) {
    const [a, b, c, d] = [at(k - 1), at(k), at(k + 1), at(k + 2)];
    for (let part = 0; part < parts; part += 1) {
      const t = part / parts;
      found.push([0, 1].map((axis) => 0.5 * (2 * b[axis] + (c[axis] - a[axis]) * t
        + (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis]) * t * t
        + (3 * b[axis] - a[axis] - 3 * c[axis] + d[axis]) * t * t * t)));
    }
  }
  return found;
}
