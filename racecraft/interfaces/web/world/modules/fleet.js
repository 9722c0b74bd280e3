/** All cars on the road, with their wheels, sensors and shadows; boxes and bot cars too. */

import { THREE } from "nicegui-scene";
import * as part from "./bodywork.js";
import { wrapped } from "./course.js";
import { Flock, PARTS } from "./flock.js";
import { carMaterial, shadowMaterial, spotMaterial } from "./materials.js";
import { rgb } from "./palette.js";
import { body, cardboard, knownShell, outline, roof_m } from "./shells.js";

/**
 * How a car looks.
 * @typedef {object} CarLook
 * @property {string} name
 * @property {string} shell
 * @property {string} colour hex
 * @property {string[]} [sensors]
 * @property {number} [opacity] below 1 it is a ghost
 */

/**
 * Where a car is and what it does.
 * @typedef {object} CarState
 * @property {boolean} isShown
 * @property {number} x_m middle between the axles
 * @property {number} y_m
 * @property {number} heading_rad
 * @property {number} speed_mps
 * @property {number} steering_rad left is positive
 */

/** @typedef {{kind: number, x_m: number, y_m: number, heading_rad: number}} Thing 0 box, 1 bot car */

const MOST_BOXES = 10;
const MOST_BOTS = 8;
const FINE_WITHIN_M = 3;
const COARSE_WITHIN_M = 5;
const ROLL_RAD_PER_MPS2 = 0.018;
const PITCH_RAD_PER_MPS2 = 0.008;
const BOT = { name: "bot", shell: "classic", colour: "#9aa1ab", sensors: [] };

export class Fleet {
  /** @param {import("./materials.js").Light} light */
  constructor(light) {
    this.group = new THREE.Group();
    this.light = light;
    this.fine = 4;
    /** The car from which we look: it is drawn without its mast. */
    this.bare = -1;
    this.hasShadows = true;
    this.shapes = new Map();
    this.frustum = new THREE.Frustum();
    this.setCars([]);
  }

  /** @param {CarLook[]} cars */
  setCars(cars) {
    this.dispose();
    this.cars = cars.map((car) => ({ ...car, shell: knownShell(car.shell), sensors: car.sensors ?? ["FRONT_FACING_CAMERA"] }));
    this.moves = cars.map(stillMove);
    this.flock = new Flock(cars.length + MOST_BOXES + MOST_BOTS);
    this.materials = materialsOf(this.light, this.flock.uniform);
    this.slots = this.cars.map((car, slot) => this.layCar(car, slot));
    this.bots = Array.from({ length: MOST_BOTS }, (_, k) => this.layCar(BOT, cars.length + k));
    this.boxes = Array.from({ length: MOST_BOXES }, (_, k) => this.layBox(cars.length + MOST_BOTS + k));
    this.flock.seal();
    const order = { solid: 0, spot: 4, shadow: 5, beam: 6, veil: 7, ghost: 8 };
    this.layers = Object.fromEntries(Object.entries(order).map(([name, rank]) => [name, this.flock.layer(this.materials[name], rank)]));
    for (const { mesh } of Object.values(this.layers)) this.group.add(mesh);
  }

  layCar(car, slot) {
    const livery = rgb(car.colour);
    const lay = (name, where) => this.flock.lay(this.shape(name), slot, where, livery);
    const hasCamera = car.sensors.some((sensor) => /CAMERA/.test(sensor));
    const hasLidar = car.sensors.some((sensor) => /LIDAR/.test(sensor));
    const camera = car.sensors.includes("STEREO_CAMERAS") ? "stereo" : "camera";
    const inDetail = (detail) =>
      [
        lay(`${car.shell} ${detail}`, PARTS.body),
        ...PARTS.wheels.map((wheel) => lay(`wheel ${detail}`, wheel)),
        hasCamera && lay(`${camera} ${detail}`, PARTS.body),
        hasLidar && lay(`lidar ${car.shell} ${detail}`, PARTS.body),
      ].filter(Boolean);
    return {
      slot,
      fine: inDetail("fine"),
      coarse: inDetail("coarse"),
      far: [lay(`${car.shell} far`, PARTS.body)],
      outline: lay(`outline ${car.shell}`, PARTS.flat),
      spot: lay("square", PARTS.spot),
      beam: lay("square", PARTS.beam),
    };
  }

  layBox(slot) {
    const lay = (name, where) => this.flock.lay(this.shape(name), slot, where, [1, 1, 1]);
    return { slot, solid: lay("box", PARTS.body), outline: lay("box", PARTS.body), spot: lay("square", PARTS.spot) };
  }

  /**
   * Put everything where it is now.
   * @param {CarState[]} states one a car
   * @param {Thing[]} things
   * @param {THREE.PerspectiveCamera} view
   * @param {number} step_s simulated time since the last picture
   */
  place(states, things, view, step_s) {
    this.flock.begin();
    this.frustum.setFromProjectionMatrix(PROJECTED.multiplyMatrices(view.projectionMatrix, view.matrixWorldInverse));
    const seen = [];
    states.forEach((state, k) => {
      if (!this.cars[k]) return;
      if (!state.isShown) {
        this.moves[k].isNew = true;
        return;
      }
      this.move(this.moves[k], state, step_s);
      POINT.set(state.x_m, state.y_m, 0.06);
      if (this.frustum.intersectsSphere(SPHERE.set(POINT, 0.34))) seen.push([POINT.distanceTo(view.position), k]);
    });
    seen.sort((a, b) => a[0] - b[0]);
    seen.forEach(([away_m, k], rank) => {
      const seen_m = away_m / view.userData.zoom;
      const detail = rank < this.fine && seen_m < FINE_WITHIN_M ? "fine" : seen_m < COARSE_WITHIN_M ? "coarse" : "far";
      this.draw(this.cars[k], this.slots[k], this.moves[k], states[k], detail);
    });
    this.placeThings(things);
    this.flock.end();
  }

  placeThings(things) {
    let [box, bot] = [0, 0];
    for (const { kind, x_m, y_m, heading_rad } of things) {
      const state = { x_m, y_m, heading_rad, steering_rad: 0 };
      if (kind === 1 && bot < MOST_BOTS) {
        const move = { ...stillMove(), matrix: new THREE.Matrix4().makeRotationZ(heading_rad).setPosition(x_m, y_m, 0) };
        this.draw(BOT, this.bots[bot++], move, state, "coarse");
      } else if (kind === 0 && box < MOST_BOXES) this.drawBox(this.boxes[box++], state);
    }
  }

  /** Lean of the body and turn of the wheels, from how the car moved. */
  move(move, state, step_s) {
    const isJump = move.isNew || step_s <= 0;
    const turn = isJump ? 0 : wrapped(state.heading_rad - move.heading_rad) / Math.max(step_s, 1e-3);
    const pull = isJump ? 0 : (state.speed_mps - move.speed_mps) / Math.max(step_s, 1e-3);
    const share = 1 - Math.exp(-Math.abs(step_s) / 0.12);
    const limited = (value, most) => Math.max(-most, Math.min(most, value));
    move.roll_rad += share * (limited(turn * state.speed_mps, 5) * ROLL_RAD_PER_MPS2 - move.roll_rad);
    move.pitch_rad += share * (limited(-pull, 6) * PITCH_RAD_PER_MPS2 - move.pitch_rad);
    move.spin_rad = (move.spin_rad + (state.speed_mps * step_s) / part.WHEEL_M) % (2 * Math.PI);
    move.brake = pull < -0.8 ? 1 : move.brake * Math.exp(-Math.abs(step_s) / 0.1);
    Object.assign(move, { heading_rad: state.heading_rad, speed_mps: state.speed_mps, isNew: false });
    EULER.set(move.roll_rad, move.pitch_rad, state.heading_rad, "ZYX");
    move.matrix.makeRotationFromEuler(EULER).setPosition(state.x_m, state.y_m, 0);
  }

  draw(car, ranges, move, state, detail) {
    const { flock, layers } = this;
    const opacity = car.opacity ?? 1;
    const into = opacity < 1 ? [layers.veil, layers.ghost] : [layers.solid];
    const pose = (where, matrix) => flock.pose(ranges.slot, where, matrix, move.brake, opacity);
    pose(PARTS.body, move.matrix);
    for (const layer of into) {
      const shown = ranges.slot === this.bare ? ranges[detail].slice(0, 1 + PARTS.wheels.length) : ranges[detail];
      for (const range of shown) flock.draw(layer, range);
    }
    FLAT.makeRotationZ(state.heading_rad).setPosition(state.x_m, state.y_m, 0);
    PARTS.wheels.forEach((wheel, k) => {
      const side = k % 2 ? 1 : -1;
      const isFront = k > 1;
      EULER.set(0, side * move.spin_rad, (isFront ? state.steering_rad : 0) + (side < 0 ? Math.PI : 0), "ZYX");
      WHEEL.makeRotationFromEuler(EULER).setPosition(part.AXLE_X_M[isFront ? 1 : 0], side * part.AXLE_Y_M, part.WHEEL_M);
      pose(wheel, WHEEL.premultiply(FLAT));
    });
    if (opacity < 1) return;
    this.drawSpot(ranges, state, 0.44, 0.3);
    if (this.hasShadows) {
      pose(PARTS.flat, FLAT);
      flock.draw(layers.shadow, ranges.outline);
    }
    if (!this.light.uniforms.lampShare.value) return;
    const [x, y] = [state.x_m + 0.66 * Math.cos(state.heading_rad), state.y_m + 0.66 * Math.sin(state.heading_rad)];
    pose(PARTS.beam, SPOT.copy(FLAT).scale(SIZE.set(1.05, 0.66, 1)).setPosition(x, y, 0.006));
    flock.draw(layers.beam, ranges.beam);
  }

  drawSpot(ranges, { x_m, y_m, heading_rad }, length_m, width_m) {
    SPOT.makeRotationZ(heading_rad).scale(SIZE.set(length_m, width_m, 1)).setPosition(x_m, y_m, 0.003);
    this.flock.pose(ranges.slot, PARTS.spot, SPOT);
    this.flock.draw(this.layers.spot, ranges.spot);
  }

  drawBox(ranges, state) {
    FLAT.makeRotationZ(state.heading_rad).setPosition(state.x_m, state.y_m, 0);
    this.flock.pose(ranges.slot, PARTS.body, FLAT);
    this.flock.draw(this.layers.solid, ranges.solid);
    if (this.hasShadows) this.flock.draw(this.layers.shadow, ranges.outline);
    this.drawSpot(ranges, state, 0.56, 0.44);
  }

  shape(name) {
    if (!this.shapes.has(name)) this.shapes.set(name, build(name));
    return this.shapes.get(name);
  }

  dispose() {
    this.group.clear();
    this.flock?.dispose();
    for (const material of Object.values(this.materials ?? {})) material.dispose();
  }
}

/** A car that has not moved yet. */
function stillMove() {
  return { spin_rad: 0, roll_rad: 0, pitch_rad: 0, heading_rad: 0, speed_mps: 0, brake: 0, isNew: true, matrix: new THREE.Matrix4() };
}

function materialsOf(light, poses) {
  const veil = carMaterial(light, poses);
  veil.colorWrite = false; // so that a ghost hides its own inside
  return { solid: carMaterial(light, poses), ghost: carMaterial(light, poses, true), veil, shadow: shadowMaterial(light, poses), spot: spotMaterial(poses, false), beam: spotMaterial(poses, true) };
}

function build(name) {
  const [what, ...more] = name.split(" ");
  const isFine = more.at(-1) === "fine";
  if (what === "square") return part.square().geometry();
  if (what === "outline") return outline(more[0]).geometry();
  if (what === "wheel") return part.wheel(isFine).geometry();
  if (what === "camera" || what === "stereo") return part.camera(what === "stereo", isFine).geometry();
  if (what === "lidar") return part.lidar(roof_m(more[0]), isFine ? 16 : 7).geometry(0.5);
  if (what === "box") return cardboard().geometry(0.2);
  if (more[0] === "far") return outline(what, true).geometry();
  return body(what, isFine).geometry(0.62);
}

const PROJECTED = new THREE.Matrix4();
const POINT = new THREE.Vector3();
const SPHERE = new THREE.Sphere();
const EULER = new THREE.Euler();
const FLAT = new THREE.Matrix4();
const WHEEL = new THREE.Matrix4();
const SPOT = new THREE.Matrix4();
const SIZE = new THREE.Vector3();
