/** What stands around the road: gantry, trees, tyre stacks, a stand with people, lamps. */

import { mix, rgb, scaled } from "./palette.js";
import { kerbStretches } from "./road.js";
import { Solid } from "./solids.js";

/** @typedef {import("./course.js").Course} Course */

const GANTRY_M = 0.62;
/** @typedef {(x_m: number, y_m: number) => Thing} ParcelOf where what stands at a place belongs */

const PEOPLE = ["#e5483f", "#f2b632", "#3f8de0", "#f4f1ea", "#55b06b", "#ff7a1a", "#7c5cc4"].map(rgb);

/**
 * A thing and the rough shape that casts its shadow.
 * @typedef {{solid: Solid, shade: Solid}} Thing
 */

/** @returns {Thing} */
export function thing() {
  return { solid: new Solid(), shade: new Solid() };
}

/** @param {Thing} target @param {Thing} other */
export function addThing(target, other, move) {
  target.solid.add(other.solid, move);
  target.shade.add(other.shade, move);
}

const DARK = { colour: /** @type {[number, number, number]} */ ([0, 0, 0]) };

/** A disc of six corners at a height. */
function disc(solid, [x, y, z], radius) {
  const ring = Array.from({ length: 6 }, (_, k) => [x + radius * Math.cos((k * Math.PI) / 3), y + radius * Math.sin((k * Math.PI) / 3), z]);
  for (let k = 1; k < 5; k++) solid.triangle(ring[0], ring[k], ring[k + 1], DARK);
}

/** An upright plate across (along y) or along (along x). */
function upright(solid, [x0, y0], [x1, y1], low, high) {
  solid.quad([x0, y0, low], [x1, y1, low], [x1, y1, high], [x0, y0, high], DARK);
}

/** Moves points of a solid to a place, turned. */
export function placed(x_m, y_m, heading_rad = 0, scale = 1) {
  const [cosine, sine] = [Math.cos(heading_rad) * scale, Math.sin(heading_rad) * scale];
  return ([x, y, z]) => [x_m + x * cosine - y * sine, y_m + x * sine + y * cosine, z * scale];
}

/** Two posts and a beam over the start line; the board is a picture of its own. */
export function gantry(course, palette) {
  const { solid, shade } = thing();
  const steel = { colour: scaled(palette.isDark ? rgb("#5a6472") : rgb("#d9dce1"), 1) };
  const orange = { colour: palette.dash };
  const half = 0.5 * (course.left.half_m[0] + course.right.half_m[0]) + 0.26;
  for (const side of [-half, half]) {
    solid.box([-0.09, 0.09, side - 0.09, side + 0.09], [-0.07, 0.07, side - 0.07, side + 0.07], 0, 0.05, { colour: rgb("#2b3038") });
    for (const x of [-0.045, 0.045]) solid.box([x - 0.012, x + 0.012, side - 0.02, side + 0.02], [x - 0.012, x + 0.012, side - 0.02, side + 0.02], 0.05, GANTRY_M + 0.1, steel);
    for (let z = 0.1; z < GANTRY_M; z += 0.12) solid.box([-0.045, 0.045, side - 0.012, side + 0.012], [-0.045, 0.045, side - 0.012, side + 0.012], z, z + 0.014, steel);
  }
  for (const z of [GANTRY_M - 0.01, GANTRY_M + 0.14]) solid.box([-0.05, 0.05, -half, half], [-0.05, 0.05, -half, half], z, z + 0.02, z > GANTRY_M ? orange : steel);
  for (let y = -0.3; y <= 0.31; y += 0.15) solid.box([-0.07, -0.05, y - 0.024, y + 0.024], [-0.07, -0.05, y - 0.024, y + 0.024], GANTRY_M - 0.06, GANTRY_M - 0.012, { colour: rgb("#ff4a3c"), lamp: 1 });
  for (const side of [-half, half]) upright(shade, [-0.05, side - 0.02], [0.05, side + 0.02], 0, GANTRY_M);
  upright(shade, [0, -half], [0, half], GANTRY_M, GANTRY_M + 0.15);
  return { solid, shade, half_m: half, board: { low_m: GANTRY_M + 0.01, high_m: GANTRY_M + 0.14, behind_m: -0.055 } };
}

/** A round tree: a trunk and a crown of a few uneven balls. */
function leafTree(palette, random) {
  const { solid, shade } = thing();
  const height = 0.5 + 0.35 * random();
  const hue = mix(palette.leaf, palette.leafDark, random());
  solid.lathe([[0.035, 0], [0.024, height * 0.55]], 5, () => ({ colour: palette.trunk }));
  const balls = 3 + Math.floor(random() * 2);
  for (let k = 0; k < balls; k++) {
    const turn = (2 * Math.PI * k) / balls + random();
    const away = k ? 0.13 * random() + 0.06 : 0;
    const radius = height * (k ? 0.2 + 0.09 * random() : 0.31);
    ball(solid, [away * Math.cos(turn), away * Math.sin(turn), height * (k ? 0.58 + 0.3 * random() : 0.78)], radius, random, scaled(hue, 0.92 + 0.16 * random()));
    disc(shade, [away * Math.cos(turn), away * Math.sin(turn), height * 0.7], radius);
  }
  upright(shade, [-0.02, -0.02], [0.02, 0.02], 0, height * 0.6);
  return { solid, shade };
}

/** An uneven ball. */
function ball(solid, [x, y, z], radius, random, colour) {
  const rings = [];
  for (const [ring, tilt] of [-1.1, -0.25, 0.55, 1.25].entries()) {
    rings.push(
      Array.from({ length: 6 }, (_, k) => {
        const turn = (2 * Math.PI * (k + 0.5 * (ring % 2))) / 6;
        const size = radius * (0.88 + 0.24 * random());
        return [x + size * Math.cos(tilt) * Math.cos(turn), y + size * Math.cos(tilt) * Math.sin(turn), z + 0.86 * size * Math.sin(tilt)];
      }),
    );
  }
  solid.loft(rings, (ring) => ({ colour: scaled(colour, 0.76 + 0.12 * ring) }));
  const top = rings[3];
  for (let k = 1; k < 5; k++) solid.triangle(top[0], top[k], top[k + 1], { colour: scaled(colour, 1.12) });
}

/** A fir: cones one above the other. */
function firTree(palette, random) {
  const { solid, shade } = thing();
  const height = 0.7 + 0.45 * random();
  const hue = mix(palette.leafDark, palette.leaf, 0.35 * random());
  solid.lathe([[0.028, 0], [0.022, height * 0.25]], 5, () => ({ colour: palette.trunk }));
  for (let k = 0; k < 4; k++) {
    const low = height * (0.16 + 0.2 * k);
    const wide = height * (0.27 - 0.055 * k);
    solid.lathe([[wide * 0.55, low + 0.02], [wide, low], [0.004, low + height * 0.3]], 6, (ring) => ({ colour: scaled(hue, ring ? 0.85 + 0.08 * k : 0.5) }));
  }
  shade.triangle([-height * 0.2, -height * 0.14, height * 0.17], [height * 0.2, height * 0.14, height * 0.17], [0, 0, height], DARK);
  shade.triangle([-height * 0.2, height * 0.14, height * 0.17], [height * 0.2, -height * 0.14, height * 0.17], [0, 0, height], DARK);
  disc(shade, [0, 0, height * 0.17], height * 0.25);
  upright(shade, [-0.02, -0.02], [0.02, 0.02], 0, height * 0.2);
  return { solid, shade };
}

/** Places off the road, most of them in small groups. */
export function treePlaces(course, random, count) {
  const { box } = course;
  const places = [];
  const margin = 5.5;
  let tries = 0;
  while (places.length < count && tries++ < count * 40) {
    const x = box.low_x_m - margin + random() * (box.high_x_m - box.low_x_m + 2 * margin);
    const y = box.low_y_m - margin + random() * (box.high_y_m - box.low_y_m + 2 * margin);
    const group = 1 + Math.floor(random() * 4);
    for (let k = 0; k < group && places.length < count; k++) {
      const [px, py] = [x + (random() - 0.5) * 1.7, y + (random() - 0.5) * 1.7];
      const isInside = px > box.low_x_m && px < box.high_x_m && py > box.low_y_m && py < box.high_y_m;
      if (course.distanceTo(px, py) < (isInside ? 1.7 : 1.45)) continue;
      if (isInside && random() < 0.5) continue;
      places.push([px, py]);
    }
  }
  return places;
}

/** @param {ParcelOf} parcelOf */
export function plantTrees(course, palette, random, count, parcelOf) {
  const kinds = [...Array(3)].map(() => leafTree(palette, random)).concat([...Array(2)].map(() => firTree(palette, random)));
  for (const [x, y] of treePlaces(course, random, count)) {
    addThing(parcelOf(x, y), kinds[Math.floor(random() * kinds.length)], placed(x, y, random() * 6.3, 0.8 + 0.55 * random()));
  }
}

/** Stacks of tyres on the outside of the tightest corners. */
export function stackTyres(course, palette, parcelOf) {
  const stack = tyreStack(palette);
  for (const { side, first, count } of kerbStretches(course)) {
    const middle = (first + (count >> 1)) % course.count;
    const outer = side === "left" ? "right" : "left";
    if (Math.abs(course.bend_per_m[middle]) < 0.62 || Math.sign(course.bend_per_m[middle]) !== (side === "left" ? 1 : -1)) continue;
    const border = course[outer];
    for (let n = -5; n <= 5; n++) {
      const k = (middle + n * Math.round(0.17 / course.spacing_m) + course.count) % course.count;
      const reach = (border.half_m[k] + 0.55) / border.half_m[k];
      const x = course.x_m[k] + (border.x_m[k] - course.x_m[k]) * reach;
      const y = course.y_m[k] + (border.y_m[k] - course.y_m[k]) * reach;
      if (course.distanceTo(x, y) > border.half_m[k] + 0.45) addThing(parcelOf(x, y), stack[(n + 5) % 2], placed(x, y));
    }
  }
}

function tyreStack(palette) {
  const rubber = rgb(palette.isDark ? "#23262b" : "#30333a");
  return [palette.line, palette.dash].map((band) => {
    const { solid, shade } = thing();
    for (const z of [0.05, 0.15]) disc(shade, [0, 0, z], 0.075);
    for (let k = 0; k < 3; k++) {
      const colour = k === 1 ? band : rubber;
      solid.lathe([[0.062, 0.052 * k], [0.078, 0.052 * k + 0.025], [0.062, 0.052 * (k + 1)]], 8, () => ({ colour }));
    }
    solid.lathe([[0.062, 0.156], [0.034, 0.153], [0.03, 0.1]], 8, (ring) => ({ colour: scaled(rubber, ring ? 0.5 : 1.2) }));
    return { solid, shade };
  });
}

/** Where a stand fits: beside the start, on the side with more room. */
export function standPlace(course) {
  for (const [ahead_m, side] of [[1.6, "right"], [1.6, "left"], [-1.8, "right"], [-1.8, "left"], [4, "right"], [4, "left"]]) {
    const k = course.sectionAt(ahead_m);
    const away = course[side].half_m[k] + 1.0;
    const turn = course.heading_rad[k] + (side === "left" ? Math.PI / 2 : -Math.PI / 2);
    const at = (out, along) => [course.x_m[k] + out * Math.cos(turn) + along * Math.cos(course.heading_rad[k]), course.y_m[k] + out * Math.sin(turn) + along * Math.sin(course.heading_rad[k])];
    const isFree = [-1, 0, 1].every((along) => [away, away + 0.8].every((out) => course.distanceTo(...at(out, along)) > away - 0.12));
    if (isFree) return { x_m: at(away, 0)[0], y_m: at(away, 0)[1], heading_rad: turn };
  }
  return null;
}

/** Steps with people on them, and a roof. Its front is at x = 0, and it looks towards -x. */
export function stand(palette, random) {
  const { solid, shade } = thing();
  const concrete = palette.isDark ? rgb("#59626e") : rgb("#c9c6bf");
  const half = 0.95;
  for (let step = 0; step < 4; step++) {
    const [low, high] = [step * 0.13, step * 0.13 + 0.13];
    solid.box([low, 0.56, -half, half], [low, 0.56, -half, half], step * 0.07, step * 0.07 + 0.07, { colour: scaled(concrete, 0.9 + 0.04 * step) });
    for (let y = -half + 0.07; y < half - 0.04; y += 0.085) {
      if (random() < 0.28) continue;
      const x = low + 0.05 + 0.02 * random();
      const [foot, tall] = [step * 0.07 + 0.07, 0.06 + 0.02 * random()];
      const coat = scaled(PEOPLE[Math.floor(random() * PEOPLE.length)], palette.isDark ? 0.6 : 0.95);
      solid.box([x, x + 0.034, y, y + 0.044], [x + 0.005, x + 0.03, y + 0.005, y + 0.04], foot, foot + tall, { colour: coat });
      solid.box([x + 0.006, x + 0.03, y + 0.01, y + 0.034], [x + 0.008, x + 0.028, y + 0.012, y + 0.032], foot + tall, foot + tall + 0.026, { colour: scaled(mix(rgb("#f0c8a0"), rgb("#6b4429"), random()), palette.isDark ? 0.6 : 1) });
    }
  }
  for (const y of [-half + 0.03, 0, half - 0.03]) solid.box([0.5, 0.53, y - 0.015, y + 0.015], [0.5, 0.53, y - 0.015, y + 0.015], 0, 0.62, { colour: scaled(concrete, 0.7) });
  solid.box([-0.02, 0.6, -half - 0.05, half + 0.05], [-0.02, 0.6, -half - 0.05, half + 0.05], 0.6, 0.625, { colour: palette.dash });
  shade.box([0, 0.56, -half, half], [0.5, 0.56, -half, half], 0, 0.3, DARK);
  shade.quad([-0.02, -half - 0.05, 0.62], [0.6, -half - 0.05, 0.62], [0.6, half + 0.05, 0.62], [-0.02, half + 0.05, 0.62], DARK);
  return { solid, shade };
}

/** Poles with a lamp that shines on the road at night; on the outside, all round. */
export function lampPlaces(course) {
  const count = Math.max(4, Math.min(9, Math.round(course.length_m / 4.2)));
  return Array.from({ length: count }, (_, n) => {
    const k = course.sectionAt(((n + 0.5) * course.length_m) / count);
    const side = course.bend_per_m[k] > 0 ? course.right : course.left;
    const reach = (side.half_m[k] + 0.42) / side.half_m[k];
    const turn = Math.atan2(course.y_m[k] - side.y_m[k], course.x_m[k] - side.x_m[k]);
    const x_m = course.x_m[k] + (side.x_m[k] - course.x_m[k]) * reach;
    const y_m = course.y_m[k] + (side.y_m[k] - course.y_m[k]) * reach;
    return { x_m, y_m, heading_rad: turn, isFree: course.distanceTo(x_m, y_m) > side.half_m[k] + 0.3 };
  }).filter((place) => place.isFree);
}

export function setUpLamps(places, palette, parcelOf) {
  const pole = new Solid();
  const shade = new Solid();
  upright(shade, [-0.012, -0.012], [0.012, 0.012], 0, 0.9);
  const steel = { colour: palette.isDark ? rgb("#4b5563") : rgb("#a9b0b9") };
  pole.lathe([[0.022, 0], [0.012, 0.9]], 5, () => steel);
  pole.box([-0.01, 0.3, -0.012, 0.012], [-0.01, 0.3, -0.012, 0.012], 0.9, 0.92, steel);
  pole.box([0.16, 0.32, -0.035, 0.035], [0.16, 0.32, -0.03, 0.03], 0.885, 0.905, { colour: palette.isDark ? rgb("#ffe3b0") : rgb("#e9e6dd"), lamp: palette.lamps });
  for (const { x_m, y_m, heading_rad } of places) addThing(parcelOf(x_m, y_m), { solid: pole, shade }, placed(x_m, y_m, heading_rad));
}
