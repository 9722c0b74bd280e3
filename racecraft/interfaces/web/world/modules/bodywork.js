/** Parts of cars: sections, fenders, wings, wheels, sensors. Metres; x ahead, y left, z up. */

import { rgb } from "./palette.js";
import { Solid } from "./solids.js";

export const AXLE_X_M = [-0.082, 0.082];
export const AXLE_Y_M = 0.081;
export const WHEEL_M = 0.0345;

export const PAINT = { colour: rgb("#ffffff"), paint: 1, gloss: 0.9 };
export const DEEP = { colour: rgb("#c9c9c9"), paint: 1, gloss: 0.7 };
export const CARBON = { colour: rgb("#1b1e23"), gloss: 0.25 };
export const TRIM = { colour: rgb("#2b2f36"), gloss: 0.35 };
export const GLASS = { colour: rgb("#101a26"), gloss: 1 };
export const STRIPE = { colour: rgb("#15181d"), gloss: 0.75 };
export const METAL = { colour: rgb("#aab0b8"), gloss: 0.8 };
export const LAMP = { colour: rgb("#fff3d6"), gloss: 0.6, lamp: 0.9 };
export const BRAKE = { colour: rgb("#a3121c"), gloss: 0.5, lamp: 0.35, brake: 0.65 };
export const RUBBER = { colour: rgb("#17191c") };

/**
 * A rounded cross section, counter-clockwise seen from the front.
 * @param {number[]} section x, half width, z low, z high, and how square it is (1 round, 0.3 square)
 */
export function ring([x, half, low, high, square = 0.6], sides) {
  const middle = (low + high) / 2;
  const tall = (high - low) / 2;
  return Array.from({ length: sides }, (_, k) => {
    const turn = (2 * Math.PI * (k + 0.5)) / sides;
    const bent = (value) => Math.sign(value) * Math.abs(value) ** square;
    return [x, half * bent(Math.cos(turn)), middle + tall * bent(Math.sin(turn))];
  });
}

/**
 * A body through cross sections from the tail to the nose.
 * @param {number[][]} sections
 * @param {(ring: number, up: number) => object} finishOf `up` is 1 on top, 0 at the sides, -1 below
 */
export function hull(solid, sections, sides, finishOf) {
  const rings = sections.map((section) => ring(section, sides));
  const up = (side) => Math.sin((2 * Math.PI * (side + 1)) / sides);
  solid.loft(rings, (k, side) => finishOf(k, up(side)));
  solid.lid(rings[0], false, finishOf(0, 0));
  solid.lid(rings[rings.length - 1], true, finishOf(rings.length - 2, 0));
}

/** An arch over a wheel, open to the inside. */
export function fender(solid, x, { inner = 0.05, outer = 0.099, radius = 0.044, from = -0.1, to = 3.24, steps = 8, finish = PAINT }) {
  const arch = new Solid();
  const at = (k, y, size) => {
    const turn = from + ((to - from) * k) / steps;
    return [x + size * Math.cos(turn), y, WHEEL_M + size * Math.sin(turn) * 0.98];
  };
  for (let k = 0; k < steps; k++) {
    const crown = radius + 0.001;
    arch.quad(at(k, inner, crown), at(k, outer - 0.008, crown), at(k + 1, outer - 0.008, crown), at(k + 1, inner, crown), finish);
    arch.quad(at(k, outer - 0.008, crown), at(k, outer, radius - 0.006), at(k + 1, outer, radius - 0.006), at(k + 1, outer - 0.008, crown), finish);
    arch.quad(at(k, inner, radius - 0.007), at(k + 1, inner, radius - 0.007), at(k + 1, outer, radius - 0.007), at(k, outer, radius - 0.007), CARBON);
  }
  solid.add(arch.mirrored());
  // The strip above runs over the top from front to rear; seen from outside it is turned round.
  solid.add(arch);
}

export function fenders(solid, options = {}) {
  AXLE_X_M.forEach((x) => fender(solid, x, options));
}

/** A plate across the car. */
export function plate(solid, [x0, x1], half, [z0, z1], finish) {
  solid.box([x0, x1, -half, half], [x0, x1, -half, half], z0, z1, finish);
}

/** The same box on both sides: [x0, x1, y0, y1] with y > 0. */
export function pair(solid, [x0, x1, y0, y1], [z0, z1], finish, top = null) {
  const [a, b, c, d] = top ?? [x0, x1, y0, y1];
  solid.box([x0, x1, y0, y1], [a, b, c, d], z0, z1, finish);
  solid.box([x0, x1, -y1, -y0], [a, b, -d, -c], z0, z1, finish);
}

/** A round bar between two points. */
export function bar(solid, from, to, radius, finish, sides = 5) {
  const along = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const size = Math.hypot(...along);
  const w = along.map((value) => value / size);
  const help = Math.abs(w[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0];
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const u = cross(help, w);
  const length = Math.hypot(...u);
  u.forEach((_, k) => (u[k] /= length));
  const v = cross(w, u);
  const circle = (centre) =>
    Array.from({ length: sides }, (_, k) => {
      const turn = (2 * Math.PI * k) / sides;
      return centre.map((value, axis) => value + radius * (u[axis] * Math.cos(turn) + v[axis] * Math.sin(turn)));
    });
  solid.loft([circle(from), circle(to)], () => finish);
}

/** A wheel about the y axis, its outside at +y. */
export function wheel(detail) {
  const solid = new Solid();
  if (!detail) return coarseWheel();
  const sides = 18;
  const [r, half] = [WHEEL_M, 0.0165];
  const profile = [[r * 0.62, -half], [r * 0.93, -half], [r, -half * 0.55], [r, half * 0.55], [r * 0.93, half], [r * 0.66, half], [r * 0.6, half * 0.55]];
  const upright = new Solid();
  upright.lathe(profile, sides, (k) => (k === 5 ? METAL : RUBBER));
  const disc = Array.from({ length: sides }, (_, k) => [r * 0.62 * Math.cos((2 * Math.PI * k) / sides), r * 0.62 * Math.sin((2 * Math.PI * k) / sides), half * 0.5]);
  for (let k = 1; k + 1 < sides; k++) upright.triangle(disc[0], disc[k], disc[k + 1], CARBON);
  for (let k = 1; k + 1 < sides; k++) upright.triangle([disc[0][0], disc[0][1], -half * 0.9], [disc[k + 1][0], disc[k + 1][1], -half * 0.9], [disc[k][0], disc[k][1], -half * 0.9], CARBON);
  for (let spoke = 0; spoke < 5; spoke++) {
    const turn = (2 * Math.PI * spoke) / 5;
    const at = (radius, side, z) => [radius * Math.cos(turn) - side * Math.sin(turn), radius * Math.sin(turn) + side * Math.cos(turn), z];
    const [z, w] = [half * 0.86, r * 0.085];
    upright.quad(at(r * 0.1, -w * 1.3, z), at(r * 0.61, -w, z), at(r * 0.61, w, z), at(r * 0.1, w * 1.3, z), METAL);
  }
  upright.lathe([[r * 0.17, half * 0.5], [r * 0.15, half * 1.02], [0.0005, half * 1.05]], 6, () => ({ ...DEEP }));
  solid.add(upright, ([x, y, z]) => [x, z, -y]);
  return solid;
}

/** The same with few faces: a drum with a bright disc. */
function coarseWheel() {
  const upright = new Solid();
  const [r, half, sides] = [WHEEL_M, 0.0165, 8];
  upright.lathe([[r, -half], [r, half], [r * 0.62, half * 0.9]], sides, () => RUBBER);
  const disc = (z) => Array.from({ length: sides }, (_, k) => [r * 0.62 * Math.cos((k * 2 * Math.PI) / sides), r * 0.62 * Math.sin((k * 2 * Math.PI) / sides), z]);
  upright.lid(disc(half * 0.88), true, { ...METAL, gloss: 0 });
  const solid = new Solid();
  solid.add(upright, ([x, y, z]) => [x, z, -y]);
  return solid;
}

/** The camera on its mast over the nose; two eyes when it is a stereo camera. */
export function camera(isStereo, detail = true) {
  const solid = new Solid();
  if (!detail) {
    solid.box([0.117, 0.127, -0.005, 0.005], [0.119, 0.129, -0.005, 0.005], 0.06, 0.118, CARBON);
    solid.box([0.114, 0.14, isStereo ? -0.042 : -0.021, isStereo ? 0.042 : 0.021], [0.116, 0.136, isStereo ? -0.04 : -0.019, isStereo ? 0.04 : 0.019], 0.117, 0.147, TRIM);
    return solid;
  }
  bar(solid, [0.112, 0, 0.05], [0.126, 0, 0.12], 0.0055, CARBON, 6);
  const half = isStereo ? 0.042 : 0.021;
  const eyes = isStereo ? [-0.027, 0.027] : [0];
  solid.box([0.114, 0.138, -half, half], [0.116, 0.136, -half + 0.003, half - 0.003], 0.117, 0.147, TRIM);
  for (const y of eyes) {
    const lens = new Solid();
    lens.lathe([[0.0112, 0], [0.0112, 0.007], [0.0082, 0.0075]], 10, () => CARBON);
    const glass = Array.from({ length: 10 }, (_, k) => [0.0084 * Math.cos((k * Math.PI) / 5), 0.0084 * Math.sin((k * Math.PI) / 5), 0.0062]);
    lens.lid(glass, true, GLASS);
    solid.add(lens, ([a, b, c]) => [0.1372 + c, y + a, 0.132 + b]);
  }
  solid.box([0.119, 0.124, -half + 0.004, -half + 0.009], [0.119, 0.124, -half + 0.004, -half + 0.009], 0.147, 0.149, { colour: rgb("#3ddc97"), lamp: 1 });
  return solid;
}

/** The LIDAR: a puck with a dark band, on the roof. */
export function lidar(top_m, sides = 16) {
  const solid = new Solid();
  const band = { colour: rgb("#0c1016"), gloss: 1 };
  solid.lathe([[0.03, top_m - 0.012], [0.032, top_m + 0.006], [0.0335, top_m + 0.009], [0.0335, top_m + 0.025], [0.031, top_m + 0.031], [0.026, top_m + 0.034], [0.0005, top_m + 0.0345]], sides, (k) => (k === 2 ? band : k < 2 ? TRIM : { ...METAL, colour: rgb("#d6dae0") }), [-0.03, 0]);
  return solid;
}

/** A square of one by one on the ground, for soft spots. */
export function square() {
  const solid = new Solid();
  solid.quad([-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0], CARBON);
  return solid;
}
