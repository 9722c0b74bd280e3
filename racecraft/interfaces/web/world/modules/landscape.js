/** Everything that stands still, put together from a track: few meshes, light already in them. */

import { THREE } from "nicegui-scene";
import { DASH_PERIOD_M, addKerbs, addStartMarks, grassGeometry, roadGeometries } from "./road.js";
import { grassMaterial, plainMaterial, roadMaterial, shadowMaterial, skyMaterial } from "./materials.js";
import { randomOf } from "./random.js";
import * as scenery from "./scenery.js";
import { Solid } from "./solids.js";
import { SKY_HIGH_DEG, SKY_LOW_DEG, asphaltTexture, bannerTexture, grassTexture, skyTexture } from "./textures.js";

const MOST_TREES = 46;
const PARCELS = 8;

/**
 * @param {import("./course.js").Course} course
 * @param {ReturnType<typeof import("./palette.js").paletteOf>} palette
 * @param {import("./materials.js").Light} light
 * @returns {THREE.Group} with `userData.shadows`, a mesh, and `userData.grainy`, materials: for when frames are slow
 */
export function landscapeOf(course, palette, light) {
  const group = new THREE.Group();
  const random = randomOf(course.name);
  const lamps = scenery.lampPlaces(course);
  const pools = lamps.map((place) => ({ x_m: place.x_m + 0.3 * Math.cos(place.heading_rad), y_m: place.y_m + 0.3 * Math.sin(place.heading_rad) }));
  const road = roadMaterial(light, asphaltTexture(random), palette, evenPeriod(course));
  for (const arc of roadGeometries(course, palette, pools)) add(group, arc, road, 1).frustumCulled = true;
  const marks = new Solid();
  addKerbs(marks, course, palette);
  addStartMarks(marks, course, palette);
  const flat = plainMaterial(light);
  Object.assign(flat, { polygonOffset: true, polygonOffsetFactor: -1, polygonOffsetUnits: -4 });
  add(group, baked(marks, palette), flat, 0);
  const { parcels, board } = standing(course, palette, random, lamps);
  const plain = plainMaterial(light);
  for (const parcel of parcels) add(group, baked(parcel.solid, palette), plain, 0).frustumCulled = true;
  add(group, board, new THREE.MeshBasicMaterial({ map: bannerTexture(palette, course.title) }), 0);
  const shades = new Solid();
  for (const parcel of parcels) shades.add(parcel.shade);
  group.userData.shadows = add(group, shades.geometry(), shadowMaterial(light), 5);
  const grass = add(group, grassGeometry(course, palette, random, pools), grassMaterial(light, grassTexture(random)), 2);
  add(group, domeGeometry(), skyMaterial(skyTexture(palette, random)), 2.5);
  group.userData.grainy = [road, grass.material];
  return group;
}

function add(group, geometry, material, order) {
  const mesh = new THREE.Mesh(geometry, material);
  mesh.renderOrder = order;
  mesh.matrixAutoUpdate = false;
  mesh.frustumCulled = false;
  group.add(mesh);
  return mesh;
}

/** Dashes of the wanted length, so many that they close round the lap. */
function evenPeriod(course) {
  return course.length_m / Math.max(1, Math.round(course.length_m / DASH_PERIOD_M));
}

/** Gantry, trees, tyres, stand and lamps, in parcels of land that can be left out of a picture. */
function standing(course, palette, random, lampPlaces) {
  const { box } = course;
  const middle = [(box.low_x_m + box.high_x_m) / 2, (box.low_y_m + box.high_y_m) / 2];
  const parcels = Array.from({ length: PARCELS }, scenery.thing);
  const parcelOf = (x_m, y_m) => parcels[Math.floor((Math.atan2(y_m - middle[1], x_m - middle[0]) / (2 * Math.PI) + 0.5) * PARCELS) % PARCELS];
  const start = scenery.placed(course.x_m[0], course.y_m[0], course.heading_rad[0]);
  const gate = scenery.gantry(course, palette);
  scenery.addThing(parcelOf(course.x_m[0], course.y_m[0]), gate, start);
  scenery.stackTyres(course, palette, parcelOf);
  const place = scenery.standPlace(course);
  if (place) scenery.addThing(parcelOf(place.x_m, place.y_m), scenery.stand(palette, random), scenery.placed(place.x_m, place.y_m, place.heading_rad));
  scenery.setUpLamps(lampPlaces, palette, parcelOf);
  const size_m2 = (box.high_x_m - box.low_x_m + 8) * (box.high_y_m - box.low_y_m + 8);
  scenery.plantTrees(course, palette, random, Math.min(MOST_TREES, Math.round(size_m2 / 3.2)), parcelOf);
  return { parcels: parcels.filter((parcel) => parcel.solid.faceCount), board: boardGeometry(gate, start) };
}

/** The board of the gantry, to be read from both sides. */
function boardGeometry({ half_m, board }, start) {
  const half = Math.min(half_m, 0.62);
  const geometry = new THREE.BufferGeometry();
  const corners = [];
  const spots = [];
  for (const side of [1, -1]) {
    const x = -0.056 * side;
    corners.push(start([x, half * side, board.low_m]), start([x, -half * side, board.low_m]), start([x, -half * side, board.high_m]), start([x, half * side, board.high_m]));
    spots.push(0, 0, 1, 0, 1, 1, 0, 1);
  }
  geometry.setAttribute("position", new THREE.BufferAttribute(Float32Array.from(corners.flat()), 3));
  geometry.setAttribute("uv", new THREE.BufferAttribute(Float32Array.from(spots), 2));
  geometry.setIndex([0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7]);
  return geometry;
}

/** A solid with the light of the sun and the sky in its colours. */
export function baked(solid, palette) {
  const shape = solid.geometry(0.5);
  const { normal, color, finish } = shape.attributes;
  const light = new Float32Array(color.count * 3);
  for (let n = 0; n < color.count; n++) {
    const facing = Math.max(0, normal.getX(n) * palette.sun[0] + normal.getY(n) * palette.sun[1] + normal.getZ(n) * palette.sun[2]);
    const up = normal.getZ(n) * 0.5 + 0.5;
    const lamp = finish.getZ(n);
    for (let k = 0; k < 3; k++) {
      const ambient = palette.ambientGround[k] + (palette.ambientSky[k] - palette.ambientGround[k]) * up;
      const seen = color.getComponent(n, k) * (ambient + palette.sunColour[k] * palette.sunShare * facing);
      light[n * 3 + k] = seen + (color.getComponent(n, k) - seen) * lamp;
    }
  }
  const geometry = new THREE.BufferGeometry();
  geometry.setIndex(shape.index);
  geometry.setAttribute("position", shape.attributes.position);
  geometry.setAttribute("color", new THREE.BufferAttribute(light, 3));
  return geometry;
}

/** The dome on which the sky is painted, seen from inside. */
function domeGeometry() {
  const [columns, rows] = [28, 8];
  const position = [];
  const spots = [];
  const index = [];
  for (let row = 0; row <= rows; row++) {
    const deg = SKY_LOW_DEG + (SKY_HIGH_DEG - SKY_LOW_DEG) * (row / rows);
    const tilt = (deg * Math.PI) / 180;
    for (let column = 0; column <= columns; column++) {
      const turn = (2 * Math.PI * column) / columns;
      position.push(Math.cos(tilt) * Math.cos(turn), Math.cos(tilt) * Math.sin(turn), Math.sin(tilt));
      spots.push(column / columns, row / rows);
    }
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const a = row * (columns + 1) + column;
      index.push(a, a + 1, a + columns + 2, a, a + columns + 2, a + columns + 1);
    }
  }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.BufferAttribute(Float32Array.from(position), 3));
  geometry.setAttribute("uv", new THREE.BufferAttribute(Float32Array.from(spots), 2));
  geometry.setIndex(index);
  return geometry;
}

/** Free what a landscape holds on the graphics card. */
export function disposeOf(group) {
  group.traverse((mesh) => {
    mesh.geometry?.dispose();
    for (const uniform of Object.values(mesh.material?.uniforms ?? {})) uniform.value?.isTexture && uniform.value.dispose();
    mesh.material?.map?.dispose();
    mesh.material?.dispose();
  });
}
