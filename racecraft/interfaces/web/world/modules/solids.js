/** Solids made of flat faces: boxes, lathes, lofts, balls; with colour, finish and soft edges. */

import { THREE } from "nicegui-scene";

/**
 * How a surface looks.
 * @typedef {object} Finish
 * @property {[number, number, number]} colour
 * @property {number} [paint] 1 where the car's own colour stands in
 * @property {number} [gloss] 0 to 1
 * @property {number} [lamp] 0 to 1: it shines by itself
 * @property {number} [brake] 1 where it shines when the car brakes
 */

export class Solid {
  constructor() {
    /** @type {number[]} three corners of three numbers a face */
    this.corners = [];
    /** @type {Finish[]} one a face */
    this.finishes = [];
  }

  triangle(a, b, c, finish) {
    this.corners.push(...a, ...b, ...c);
    this.finishes.push(finish);
  }

  /** Four corners, counter-clockwise from outside. */
  quad(a, b, c, d, finish) {
    this.triangle(a, b, c, finish);
    this.triangle(a, c, d, finish);
  }

  /** A box with a top that may be smaller: [x0, x1, y0, y1] below and above. */
  box(base, top, z0, z1, finish) {
    const low = [[base[0], base[2], z0], [base[1], base[2], z0], [base[1], base[3], z0], [base[0], base[3], z0]];
    const high = [[top[0], top[2], z1], [top[1], top[2], z1], [top[1], top[3], z1], [top[0], top[3], z1]];
    for (let k = 0; k < 4; k++) {
      const next = (k + 1) % 4;
      this.quad(low[k], low[next], high[next], high[k], finish);
    }
    this.quad(high[0], high[1], high[2], high[3], finish);
    this.quad(low[3], low[2], low[1], low[0], finish);
  }

  /**
   * Rings joined one to the next.
   * @param {number[][][]} rings each the same number of points, counter-clockwise seen from the front
   * @param {(ring: number, side: number) => Finish} finishOf
   */
  loft(rings, finishOf, { isClosed = true } = {}) {
    const sides = rings[0].length;
    for (let ring = 0; ring + 1 < rings.length; ring++) {
      for (let side = 0; side < (isClosed ? sides : sides - 1); side++) {
        const next = (side + 1) % sides;
        const [a, b] = [rings[ring], rings[ring + 1]];
        this.quad(a[side], a[next], b[next], b[side], finishOf(ring, side));
      }
    }
  }

  /** A flat lid on a ring; `isFront` when it looks along +x. */
  lid(ring, isFront, finish) {
    for (let k = 1; k + 1 < ring.length; k++) {
      if (isFront) this.triangle(ring[0], ring[k], ring[k + 1], finish);
      else this.triangle(ring[0], ring[k + 1], ring[k], finish);
    }
  }

  /** A body of revolution about the z axis: [radius, z] from below to above. */
  lathe(profile, sides, finishOf, [x, y] = [0, 0]) {
    const rings = profile.map(([radius, z]) =>
      Array.from({ length: sides }, (_, k) => {
        const turn = (2 * Math.PI * k) / sides;
        return [x + radius * Math.cos(turn), y + radius * Math.sin(turn), z];
      }),
    );
    this.loft(rings, finishOf);
  }

  /** The faces of another solid, moved by a function of a point. */
  add(other, move = (point) => point) {
    for (let k = 0; k < other.corners.length; k += 3) this.corners.push(...move(other.corners.slice(k, k + 3)));
    this.finishes.push(...other.finishes);
  }

  /** The mirror image in the plane y = 0. */
  mirrored() {
    const image = new Solid();
    const at = (k) => [this.corners[k], -this.corners[k + 1], this.corners[k + 2]];
    for (let face = 0; face < this.finishes.length; face++) {
      const first = face * 9;
      image.triangle(at(first), at(first + 6), at(first + 3), this.finishes[face]);
    }
    return image;
  }

  get faceCount() {
    return this.finishes.length;
  }

  /**
   * As a geometry with `position`, `normal`, `color` and `finish` (paint, gloss, lamp, brake).
   * @param {number} crease_rad edges flatter than this are drawn round
   */
  geometry(crease_rad = 0.7) {
    const normals = softNormals(this.corners, crease_rad);
    const count = this.finishes.length * 3;
    const colours = new Uint8Array(count * 3);
    const finishes = new Uint8Array(count * 4);
    for (let n = 0; n < count; n++) {
      const { colour, paint = 0, gloss = 0, lamp = 0, brake = 0 } = this.finishes[(n / 3) | 0];
      for (let k = 0; k < 3; k++) colours[n * 3 + k] = Math.min(1, colour[k]) * 255;
      [paint, gloss, lamp, brake].forEach((value, k) => (finishes[n * 4 + k] = value * 255));
    }
    return indexed(Float32Array.from(this.corners), normals, colours, finishes);
  }
}

/** Flat normals, made round across edges that are flatter than the crease. */
function softNormals(corners, crease_rad) {
  const faces = corners.length / 9;
  const flat = new Float32Array(faces * 3);
  const around = new Map();
  const key = (k) => corners.slice(k, k + 3).map((value) => Math.round(value * 20000)).join();
  for (let face = 0; face < faces; face++) {
    const p = corners.slice(face * 9, face * 9 + 9);
    const u = [p[3] - p[0], p[4] - p[1], p[5] - p[2]];
    const v = [p[6] - p[0], p[7] - p[1], p[8] - p[2]];
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const size = Math.hypot(...n) || 1;
    for (let k = 0; k < 3; k++) flat[face * 3 + k] = n[k] / size;
    for (let k = 0; k < 3; k++) {
      const name = key(face * 9 + k * 3);
      if (!around.has(name)) around.set(name, []);
      around.get(name).push([face, size]);
    }
  }
  const least = Math.cos(crease_rad);
  const normals = new Float32Array(corners.length);
  for (let corner = 0; corner < faces * 3; corner++) {
    const face = (corner / 3) | 0;
    const own = flat.subarray(face * 3, face * 3 + 3);
    const sum = [0, 0, 0];
    for (const [other, size] of around.get(key(corner * 3))) {
      const normal = flat.subarray(other * 3, other * 3 + 3);
      if (own[0] * normal[0] + own[1] * normal[1] + own[2] * normal[2] < least) continue;
      for (let k = 0; k < 3; k++) sum[k] += normal[k] * size;
    }
    const size = Math.hypot(...sum) || 1;
    for (let k = 0; k < 3; k++) normals[corner * 3 + k] = sum[k] / size;
  }
  return normals;
}

/** Corners that are alike in everything are kept once. */
function indexed(positions, normals, colours, finishes) {
  const seen = new Map();
  const kept = [];
  const index = [];
  for (let n = 0; n < positions.length / 3; n++) {
    const parts = [];
    for (let k = 0; k < 3; k++) parts.push(Math.round(positions[n * 3 + k] * 20000), Math.round(normals[n * 3 + k] * 100), colours[n * 3 + k]);
    for (let k = 0; k < 4; k++) parts.push(finishes[n * 4 + k]);
    const name = parts.join();
    if (!seen.has(name)) {
      seen.set(name, kept.length);
      kept.push(n);
    }
    index.push(seen.get(name));
  }
  const pick = (source, width) => {
    const chosen = new source.constructor(kept.length * width);
    kept.forEach((n, k) => chosen.set(source.subarray(n * width, n * width + width), k * width));
    return chosen;
  };
  const geometry = new THREE.BufferGeometry();
  geometry.setIndex(index);
  geometry.setAttribute("position", new THREE.BufferAttribute(pick(positions, 3), 3));
  geometry.setAttribute("normal", new THREE.BufferAttribute(pick(normals, 3), 3));
  geometry.setAttribute("color", new THREE.BufferAttribute(pick(colours, 3), 3, true));
  geometry.setAttribute("finish", new THREE.BufferAttribute(pick(finishes, 4), 4, true));
  return geometry;
}
