/** The ground: asphalt with its markings, kerbs in tight corners, grass with mowing stripes. */

import { THREE } from "nicegui-scene";
import { mix, scaled } from "./palette.js";
import { noiseOf } from "./random.js";

const COLUMNS = [-1, -0.6, -0.22, 0.22, 0.6, 1];
const ARC_COUNT = 8;
const BEYOND_M = 0.034;
const KERB_M = 0.12;
const KERB_BLOCK_M = 0.2;
const KERB_FROM_PER_M = 0.42;
export const DASH_PERIOD_M = 0.24;

/** @typedef {import("./course.js").Course} Course */

/**
 * Where lamps stand, so that the ground below them is brighter at night.
 * @typedef {{x_m: number, y_m: number}[]} Lamps
 */

/**
 * Asphalt, darker where cars drive; in arcs, so that a picture draws only those that it shows.
 * @returns {THREE.BufferGeometry[]}
 */
export function roadGeometries(course, palette, lamps) {
  const rows = course.count + 1;
  const columns = COLUMNS.length;
  const position = new Float32Array(rows * columns * 3);
  const colour = new Float32Array(rows * columns * 3);
  const lane = new Float32Array(rows * columns * 3);
  const line = racingLine(course);
  for (let row = 0; row < rows; row++) {
    const k = row % course.count;
    COLUMNS.forEach((share, column) => {
      const at = (row * columns + column) * 3;
      const side = share > 0 ? course.left : course.right;
      const half = side.half_m[k];
      const reach = Math.abs(share) * (half + BEYOND_M) / half;
      const x = course.x_m[k] + (side.x_m[k] - course.x_m[k]) * reach;
      const y = course.y_m[k] + (side.y_m[k] - course.y_m[k]) * reach;
      position.set([x, y, 0], at);
      const across = Math.sign(share) * reach * half;
      lane.set([across, half - Math.abs(across), row * course.spacing_m], at);
      const groove = Math.exp(-(((share - line[k]) / 0.42) ** 2));
      const base = mix(palette.road, palette.groove, groove);
      colour.set(lit(base, x, y, lamps, palette), at);
    });
  }
  const attributes = { position, color: colour, lane };
  for (const [name, values] of Object.entries(attributes)) attributes[name] = new THREE.BufferAttribute(values, 3);
  return arcsOf(attributes, rows, columns);
}

/** The same corners with the faces of one arc each. */
function arcsOf(attributes, rows, columns) {
  const all = gridIndex(rows, columns);
  const a_row = (columns - 1) * 6;
  const length = Math.ceil((rows - 1) / ARC_COUNT);
  return Array.from({ length: ARC_COUNT }, (_, arc) => {
    const geometry = new THREE.BufferGeometry();
    for (const [name, attribute] of Object.entries(attributes)) geometry.setAttribute(name, attribute);
    geometry.setIndex(all.slice(arc * length * a_row, (arc + 1) * length * a_row));
    const points = [];
    for (let row = arc * length; row <= Math.min(rows - 1, (arc + 1) * length); row++) points.push(new THREE.Vector3().fromBufferAttribute(attributes.position, row * columns), new THREE.Vector3().fromBufferAttribute(attributes.position, (row + 1) * columns - 1));
    geometry.boundingSphere = new THREE.Sphere().setFromPoints(points);
    return geometry;
  }).filter((geometry) => geometry.index.count > 0);
}

/** Counter-clockwise faces of a grid whose columns go from right to left. */
function gridIndex(rows, columns) {
  const index = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const a = row * columns + column;
      index.push(a, a + columns, a + columns + 1, a, a + columns + 1, a + 1);
    }
  }
  return index;
}

/** Where rubber lies: outside, apex, outside; -1 right to 1 left. */
function racingLine(course) {
  const count = course.count;
  const wish = Float64Array.from(course.bend_per_m, (bend) => Math.max(-0.75, Math.min(0.75, bend * 1.1)));
  const wide = Math.round(1.6 / course.spacing_m);
  const narrow = Math.round(0.5 / course.spacing_m);
  const slow = smooth(wish, wide);
  const quick = smooth(wish, narrow);
  return Float64Array.from({ length: count }, (_, k) => Math.max(-0.7, Math.min(0.7, 1.9 * quick[k] - 0.9 * slow[k])));
}

function smooth(values, reach) {
  const count = values.length;
  let sum = 0;
  for (let k = -reach; k <= reach; k++) sum += values[(k + count) % count];
  return Float64Array.from(values, (_, k) => {
    const mean = sum / (2 * reach + 1);
    sum += values[(k + reach + 1) % count] - values[(k - reach + count) % count];
    return mean;
  });
}

/** A colour under the lamps of the night. */
function lit(colour, x_m, y_m, lamps, palette) {
  if (!palette.lamps) return colour;
  let light = 0;
  for (const lamp of lamps) {
    const square = (lamp.x_m - x_m) ** 2 + (lamp.y_m - y_m) ** 2;
    if (square < 16) light += Math.exp(-square / 2.2);
  }
  const share = Math.min(1, light) * palette.lamps;
  return scaled(mix(colour, /** @type {any} */ ([colour[0] * 1.25, colour[1] * 1.1, colour[2] * 0.9]), share), 1 + 0.75 * share);
}

/**
 * Stretches of border where drivers cut: the inside of a tight corner, and the outside after it.
 * @param {Course} course
 * @returns {{side: "left" | "right", first: number, count: number}[]} sections
 */
export function kerbStretches(course) {
  const marked = { left: new Uint8Array(course.count), right: new Uint8Array(course.count) };
  const exit = Math.round(0.9 / course.spacing_m);
  course.bend_per_m.forEach((bend, k) => {
    if (Math.abs(bend) < KERB_FROM_PER_M) return;
    marked[bend > 0 ? "left" : "right"][k] = 1;
    if (Math.abs(bend) > 0.6) marked[bend > 0 ? "right" : "left"][(k + exit) % course.count] = 1;
  });
  return ["left", "right"].flatMap((side) => stretches(marked[side], Math.round(0.5 / course.spacing_m)).map((found) => ({ side, ...found })));
}

/** Runs of marked sections of at least a length, round the loop. */
function stretches(marked, least) {
  const count = marked.length;
  const begin = marked.findIndex((value, k) => !value && marked[(k + 1) % count]);
  if (begin < 0) return [];
  const found = [];
  for (let n = 1; n <= count; n++) {
    const k = (begin + n) % count;
    const last = found[found.length - 1];
    if (!marked[k]) continue;
    if (last && last.end === n - 1) last.end = n;
    else found.push({ first: k, begin: n, end: n });
  }
  return found.map(({ first, begin: from, end }) => ({ first, count: end - from + 1 })).filter((run) => run.count >= least);
}

/** Kerbs as red and white blocks that rise outwards. @param {import("./solids.js").Solid} solid */
export function addKerbs(solid, course, palette) {
  const block = Math.max(1, Math.round(KERB_BLOCK_M / course.spacing_m));
  for (const { side, first, count } of kerbStretches(course)) {
    for (let n = 0; n + block <= count; n += block) {
      const colour = (n / block) % 2 ? palette.line : palette.kerb;
      for (let step = 0; step < block; step++) addKerbPiece(solid, course, side, first + n + step, { colour });
    }
  }
}

function addKerbPiece(solid, course, side, row, finish) {
  const edge = (k, out_m, z) => {
    const border = course[side];
    const n = k % course.count;
    const reach = (border.half_m[n] + out_m) / border.half_m[n];
    const x = course.x_m[n] + (border.x_m[n] - course.x_m[n]) * reach;
    return [x, course.y_m[n] + (border.y_m[n] - course.y_m[n]) * reach, z];
  };
  const inner = [edge(row, BEYOND_M - 0.004, 0.002), edge(row + 1, BEYOND_M - 0.004, 0.002)];
  const top = [edge(row, KERB_M, 0.014), edge(row + 1, KERB_M, 0.014)];
  const foot = [edge(row, KERB_M + 0.015, 0), edge(row + 1, KERB_M + 0.015, 0)];
  if (side === "left") {
    solid.quad(inner[0], inner[1], top[1], top[0], finish);
    solid.quad(top[0], top[1], foot[1], foot[0], finish);
  } else {
    solid.quad(inner[1], inner[0], top[0], top[1], finish);
    solid.quad(top[1], top[0], foot[0], foot[1], finish);
  }
}

/** The chequered line and the grid of start places, just above the road. */
export function addStartMarks(solid, course, palette) {
  const across = (k, share, z) => {
    const side = share > 0 ? course.left : course.right;
    const reach = Math.abs(share);
    return [course.x_m[k] + (side.x_m[k] - course.x_m[k]) * reach, course.y_m[k] + (side.y_m[k] - course.y_m[k]) * reach, z];
  };
  const lift = 0.0015;
  const cells = 14;
  for (let row = 0; row < 2; row++) {
    for (let cell = 0; cell < cells; cell++) {
      const colour = (row + cell) % 2 ? palette.line : scaled(palette.groove, 0.5);
      const [low, high] = [-0.96 + (1.92 * cell) / cells, -0.96 + (1.92 * (cell + 1)) / cells];
      const at = (k, share) => across((k + course.count) % course.count, share, lift);
      solid.quad(at(row - 1, low), at(row, low), at(row, high), at(row - 1, high), { colour });
    }
  }
}

/** Grass: fine near the road, coarse far away, striped by a mower. */
export function grassGeometry(course, palette, random, lamps) {
  const noise = noiseOf(random);
  const { box } = course;
  const xs = ticks(box.low_x_m, box.high_x_m);
  const ys = ticks(box.low_y_m, box.high_y_m);
  const turn = random() * Math.PI;
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const position = [];
  const colour = [];
  for (const x of xs) {
    for (const y of ys) {
      position.push(x, y, 0);
      const patch = 0.5 + 0.3 * noise(x * 0.35, y * 0.35) + 0.2 * noise(x * 1.1 + 9, y * 1.1);
      const stripe = 0.5 + 0.5 * Math.sin((x * cosine + y * sine) * 2.4);
      const base = mix(palette.grass, palette.grassLight, Math.max(0, Math.min(1, 0.55 * patch + 0.45 * stripe)));
      const dry = mix(base, /** @type {any} */ ([base[0] * 1.1, base[1] * 0.97, base[2] * 0.8]), Math.max(0, noise(x * 0.12 + 30, y * 0.12)));
      colour.push(...lit(dry, x, y, lamps, palette));
    }
  }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.BufferAttribute(Float32Array.from(position), 3));
  geometry.setAttribute("color", new THREE.BufferAttribute(Float32Array.from(colour), 3));
  geometry.setIndex(gridIndex(xs.length, ys.length));
  return geometry;
}

/** Lines of a grid: every 0.7 m around the road, then wider and wider. */
function ticks(low_m, high_m) {
  const step_m = Math.max(0.7, (high_m - low_m) / 26);
  const far = [3, 8, 20, 110];
  const near = [];
  for (let value = low_m - 2; value <= high_m + 2; value += step_m) near.push(value);
  return [...far.map((m) => near[0] - m).reverse(), ...near, ...far.map((m) => near[near.length - 1] + m)];
}
