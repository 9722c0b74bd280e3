/**
 * The road as numbers: evenly spaced cross sections with heading, curvature and width.
 * Metres and radians, x east, y north, headings counter-clockwise from x.
 */

/**
 * What the route `/api/tracks/{name}/geometry` answers.
 * @typedef {object} Geometry
 * @property {string} name
 * @property {string} title
 * @property {number} length_m
 * @property {number} width_m
 * @property {boolean} is_counter_clockwise
 * @property {[number, number][]} centre last equals first, in driving direction
 * @property {[number, number][]} inner
 * @property {[number, number][]} outer
 */

const SPACING_M = 0.13;
const BEND_WINDOW_M = 0.35;

export class Course {
  /** @param {Geometry} geometry */
  constructor(geometry) {
    this.name = geometry.name;
    this.title = geometry.title ?? geometry.name;
    const even = spread(geometry.centre, SPACING_M);
    this.length_m = even.length_m;
    /** Cross sections, without a second copy of the first. */
    this.count = even.x.length;
    this.spacing_m = even.length_m / this.count;
    this.x_m = even.x;
    this.y_m = even.y;
    this.heading_rad = headings(even.x, even.y);
    const isLeftInner = geometry.is_counter_clockwise ?? area(geometry.centre) > 0;
    this.left = nearestOf(this, isLeftInner ? geometry.inner : geometry.outer);
    this.right = nearestOf(this, isLeftInner ? geometry.outer : geometry.inner);
    this.bend_per_m = bends(this.heading_rad, this.spacing_m, BEND_WINDOW_M);
    this.box = boundsOf([geometry.inner, geometry.outer]);
  }

  /** Index of the section at an arc length. @param {number} distance_m */
  sectionAt(distance_m) {
    const lap = ((distance_m % this.length_m) + this.length_m) % this.length_m;
    return Math.min(this.count - 1, Math.floor(lap / this.spacing_m));
  }

  /** Arc length of the section nearest to a point, looking near `around` first. */
  locate(x_m, y_m, around = -1) {
    let best = 0;
    let least = Infinity;
    const window = around >= 0 ? Math.min(this.count, Math.ceil(2 / this.spacing_m)) : this.count;
    const first = around >= 0 ? around - (window >> 1) : 0;
    for (let n = 0; n < window; n++) {
      const k = (first + n + this.count) % this.count;
      const gap = (this.x_m[k] - x_m) ** 2 + (this.y_m[k] - y_m) ** 2;
      if (gap < least) [least, best] = [gap, k];
    }
    if (around >= 0 && least > 1) return this.locate(x_m, y_m);
    return best;
  }

  /** Distance of a point from the centre line (m). */
  distanceTo(x_m, y_m) {
    const k = this.locate(x_m, y_m);
    return Math.hypot(this.x_m[k] - x_m, this.y_m[k] - y_m);
  }
}

/** @param {[number, number][]} line closed, in order */
function spread(line, spacing_m) {
  const along = [0];
  for (let k = 1; k < line.length; k++) {
    along.push(along[k - 1] + Math.hypot(line[k][0] - line[k - 1][0], line[k][1] - line[k - 1][1]));
  }
  const length_m = along[along.length - 1];
  const count = Math.max(16, Math.round(length_m / spacing_m));
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  let row = 0;
  for (let n = 0; n < count; n++) {
    const wanted = (n * length_m) / count;
    while (row + 2 < line.length && along[row + 1] < wanted) row++;
    const share = (wanted - along[row]) / Math.max(along[row + 1] - along[row], 1e-9);
    x[n] = line[row][0] + share * (line[row + 1][0] - line[row][0]);
    y[n] = line[row][1] + share * (line[row + 1][1] - line[row][1]);
  }
  return { x, y, length_m };
}

function headings(x, y) {
  const count = x.length;
  return Float64Array.from({ length: count }, (_, k) => {
    const after = (k + 1) % count;
    const before = (k + count - 1) % count;
    return Math.atan2(y[after] - y[before], x[after] - x[before]);
  });
}

/** Points of a border nearest to each section, and how far they are. */
function nearestOf(course, border) {
  const { count, x_m, y_m } = course;
  const result = { x_m: new Float64Array(count), y_m: new Float64Array(count), half_m: new Float64Array(count) };
  for (let n = 0; n < count; n++) {
    let least = Infinity;
    for (let k = 0; k + 1 < border.length; k++) {
      const [ax, ay] = border[k];
      const dx = border[k + 1][0] - ax;
      const dy = border[k + 1][1] - ay;
      const square = dx * dx + dy * dy || 1e-12;
      const share = Math.max(0, Math.min(1, ((x_m[n] - ax) * dx + (y_m[n] - ay) * dy) / square));
      const px = ax + share * dx;
      const py = ay + share * dy;
      const gap = (px - x_m[n]) ** 2 + (py - y_m[n]) ** 2;
      if (gap < least) {
        least = gap;
        result.x_m[n] = px;
        result.y_m[n] = py;
      }
    }
    result.half_m[n] = Math.max(Math.sqrt(least), 0.05);
  }
  return result;
}

/** Mean change of heading per metre around each section; left is positive. */
function bends(heading_rad, spacing_m, window_m) {
  const count = heading_rad.length;
  const reach = Math.max(1, Math.round(window_m / spacing_m));
  return Float64Array.from({ length: count }, (_, k) => {
    const turn = heading_rad[(k + reach) % count] - heading_rad[(k - reach + count) % count];
    return wrapped(turn) / (2 * reach * spacing_m);
  });
}

/** An angle between -pi and pi. @param {number} angle_rad */
export function wrapped(angle_rad) {
  return angle_rad - 2 * Math.PI * Math.round(angle_rad / (2 * Math.PI));
}

function area(line) {
  let sum = 0;
  for (let k = 0; k + 1 < line.length; k++) sum += line[k][0] * line[k + 1][1] - line[k + 1][0] * line[k][1];
  return sum / 2;
}

function boundsOf(lines) {
  const box = { low_x_m: Infinity, low_y_m: Infinity, high_x_m: -Infinity, high_y_m: -Infinity };
  for (const line of lines) {
    for (const [x, y] of line) {
      box.low_x_m = Math.min(box.low_x_m, x);
      box.low_y_m = Math.min(box.low_y_m, y);
      box.high_x_m = Math.max(box.high_x_m, x);
      box.high_y_m = Math.max(box.high_y_m, y);
    }
  }
  return box;
}
