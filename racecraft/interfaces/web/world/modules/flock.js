/**
 * Many moving parts in few draw calls. Where no graphics card is, every instance of an instanced
 * draw costs as much as a draw of its own; so all parts of all cars lie in one buffer, their poses
 * in a small texture, and each picture only says which faces to draw.
 */

import { THREE } from "nicegui-scene";

/** Poses of a car: its leaning body, four wheels, and flat on the road. */
export const PARTS = { body: 0, wheels: [1, 2, 3, 4], flat: 5, spot: 6, beam: 7 };
const PART_COUNT = 8;
const TEXELS = 4;
const FIRST_ROOM = 3072;

/** @typedef {{first: number, count: number}} Range of indices */

export class Flock {
  /** @param {number} capacity cars and things */
  constructor(capacity) {
    this.capacity = Math.max(1, capacity);
    this.values = new Float32Array(this.capacity * PART_COUNT * TEXELS * 4);
    this.poses = new THREE.DataTexture(this.values, PART_COUNT * TEXELS, this.capacity, THREE.RGBAFormat, THREE.FloatType);
    this.uniform = { value: this.poses };
    this.columns = { position: [], normal: [], color: [], finish: [], place: [] };
    /** @type {number[]} */
    this.index = [];
    this.layers = [];
  }

  /**
   * Lay a shape into the buffer, for one part of one car.
   * @param {THREE.BufferGeometry} shape
   * @param {number} slot
   * @param {number} part
   * @param {number[]} livery
   * @returns {Range}
   */
  lay(shape, slot, part, livery) {
    const { position, normal, color, finish } = shape.attributes;
    const base = this.columns.place.length / 2;
    const first = this.index.length;
    for (let n = 0; n < position.count; n++) {
      const paint = finish.getX(n);
      this.columns.position.push(position.getX(n), position.getY(n), position.getZ(n));
      this.columns.normal.push(normal.getX(n) * 127, normal.getY(n) * 127, normal.getZ(n) * 127, 0);
      for (let k = 0; k < 3; k++) this.columns.color.push(color.getComponent(n, k) * (1 + paint * (livery[k] - 1)) * 255);
      this.columns.color.push(255);
      this.columns.finish.push(0, finish.getY(n) * 255, finish.getZ(n) * 255, finish.getW(n) * 255);
      this.columns.place.push(slot, part);
    }
    for (const k of shape.index.array) this.index.push(base + k);
    return { first, count: shape.index.count };
  }

  /** Make the buffers; nothing can be laid afterwards. */
  seal() {
    const { position, normal, color, finish, place } = this.columns;
    this.attributes = {
      position: new THREE.BufferAttribute(Float32Array.from(position), 3),
      normal: new THREE.BufferAttribute(Int8Array.from(normal), 4, true),
      color: new THREE.BufferAttribute(Uint8Array.from(color), 4, true),
      finish: new THREE.BufferAttribute(Uint8Array.from(finish), 4, true),
      place: new THREE.BufferAttribute(Float32Array.from(place), 2),
    };
    this.all = Uint32Array.from(this.index);
    this.columns = null;
    this.index = null;
  }

  /** A mesh that draws some of the parts. @param {THREE.Material} material @param {number} order */
  layer(material, order) {
    const geometry = new THREE.BufferGeometry();
    for (const [name, attribute] of Object.entries(this.attributes)) geometry.setAttribute(name, attribute);
    const mesh = new THREE.Mesh(geometry, material);
    mesh.frustumCulled = false;
    mesh.matrixAutoUpdate = false;
    mesh.renderOrder = order;
    const layer = { mesh, index: null, count: 0 };
    makeRoom(layer, FIRST_ROOM);
    this.layers.push(layer);
    return layer;
  }

  begin() {
    for (const layer of this.layers) layer.count = 0;
  }

  /** @param {{index: THREE.BufferAttribute, count: number}} layer @param {Range | undefined} range */
  draw(layer, range) {
    if (!range) return;
    if (layer.count + range.count > layer.index.array.length) makeRoom(layer, 2 * (layer.count + range.count));
    layer.index.array.set(this.all.subarray(range.first, range.first + range.count), layer.count);
    layer.count += range.count;
  }

  /** @param {THREE.Matrix4} matrix */
  pose(slot, part, matrix, brake = 0, opacity = 1) {
    const m = matrix.elements;
    const at = (slot * PART_COUNT + part) * TEXELS * 4;
    for (let row = 0; row < 3; row++) {
      for (let k = 0; k < 4; k++) this.values[at + row * 4 + k] = m[k * 4 + row];
    }
    this.values[at + 12] = brake;
    this.values[at + 13] = opacity;
  }

  /** Hand the picture to the graphics card. */
  end() {
    this.poses.needsUpdate = true;
    for (const { mesh, index, count } of this.layers) {
      mesh.visible = count > 0;
      mesh.geometry.setDrawRange(0, count);
      index.needsUpdate = count > 0;
    }
  }

  dispose() {
    for (const { mesh } of this.layers) mesh.geometry.dispose();
    this.poses.dispose();
  }
}

/** More room for the faces of a layer. Small buffers matter: drivers copy those that are written to. */
function makeRoom(layer, count) {
  const index = new THREE.BufferAttribute(new Uint32Array(count), 1);
  if (layer.index) index.array.set(layer.index.array);
  index.setUsage(THREE.DynamicDrawUsage);
  layer.mesh.geometry.setIndex(index);
  layer.index = index;
}

/** GLSL: the pose of this corner's part; `posed` moves it, `turnedBy` turns a direction. */
export const POSED = /* glsl */ `
  uniform highp sampler2D poses;
  attribute vec2 place;
  mat4 poseOf() {
    int column = int(place.y) * ${TEXELS};
    int row = int(place.x);
    return transpose(mat4(
      texelFetch(poses, ivec2(column, row), 0), texelFetch(poses, ivec2(column + 1, row), 0),
      texelFetch(poses, ivec2(column + 2, row), 0), vec4(0.0, 0.0, 0.0, 1.0)));
  }
  vec2 stateOf() { return texelFetch(poses, ivec2(int(place.y) * ${TEXELS} + 3, int(place.x)), 0).xy; }
`;
