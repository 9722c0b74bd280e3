/** The picture: renderer, light, landscape, cars, and the glide of the camera. */

import { THREE } from "nicegui-scene";
import { CameraRig } from "./cameras.js";
import { Course } from "./course.js";
import { Fleet } from "./fleet.js";
import { disposeOf, landscapeOf } from "./landscape.js";
import { Marks } from "./marks.js";
import { Light, setGrain } from "./materials.js";
import { Orbit } from "./orbit.js";
import { paletteOf } from "./palette.js";
import { Quality } from "./quality.js";

const GLIDE_S = 0.35;
const SLOW_START = 3;
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** Whether this browser draws in 3D at all. */
export function hasWebGL() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

/** Whether the processor does the work of a graphics card. */
export function isSoftware(context) {
  const names = context.getExtension("WEBGL_debug_renderer_info");
  return SOFTWARE.test(String(context.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER)));
}

function isSlowMachine() {
  const context = document.createElement("canvas").getContext("webgl2");
  const answer = context ? isSoftware(context) : true;
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return answer;
}

export class Stage {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{theme?: "light" | "dark"}} options
   */
  constructor(canvas, { theme = "dark" } = {}) {
    this.isSlow = isSlowMachine();
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: !this.isSlow, alpha: false, stencil: true, powerPreference: "high-performance" });
    this.renderer.outputColorSpace = THREE.LinearSRGBColorSpace;
    this.renderer.info.autoReset = true;
    this.scene = new THREE.Scene();
    this.camera = new THREE.PerspectiveCamera(50, 16 / 9, 0.03, 260);
    this.camera.up.set(0, 0, 1);
    this.camera.userData.zoom = 1;
    this.palette = paletteOf(theme);
    this.light = new Light(this.palette);
    this.fleet = new Fleet(this.light);
    this.marks = new Marks();
    this.orbit = new Orbit();
    this.scene.add(this.fleet.group, this.marks.mesh);
    this.size = { width: 1, height: 1, points: Infinity };
    this.quality = new Quality((level) => this.useLevel(level), this.isSlow ? SLOW_START : 0);
    this.glide = { left_s: 0, from: new THREE.Vector3(), at: new THREE.Vector3() };
    this.lookAt = new THREE.Vector3();
  }

  /** @param {import("./course.js").Geometry} geometry */
  setTrack(geometry) {
    const mode = this.rig?.mode;
    this.course = new Course(geometry);
    this.rig = new CameraRig(this.course, this.orbit);
    if (mode) this.rig.use(mode);
    this.marks.clear();
    this.buildLandscape();
  }

  setTheme(theme) {
    const palette = paletteOf(theme);
    if (palette === this.palette) return;
    this.palette = palette;
    this.light.use(palette);
    if (this.course) this.buildLandscape();
  }

  buildLandscape() {
    if (this.landscape) {
      this.scene.remove(this.landscape);
      disposeOf(this.landscape);
    }
    this.landscape = landscapeOf(this.course, this.palette, this.light);
    this.dress();
    this.scene.add(this.landscape);
  }

  /** Leave out of the landscape what is too slow. */
  dress() {
    if (!this.landscape) return;
    this.landscape.userData.shadows.visible = this.fleet.hasShadows;
    for (const material of this.landscape.userData.grainy) setGrain(material, this.hasGrain);
  }

  useLevel({ points, fine, hasShadows, hasMarks, hasGrain }) {
    this.size.points = points;
    this.fleet.fine = this.isSlow ? Math.min(fine, 2) : fine * 4;
    this.fleet.hasShadows = hasShadows;
    this.marks.mesh.visible = hasMarks;
    this.hasGrain = hasGrain;
    this.dress();
    this.fit();
  }

  /** @param {number} width CSS pixels @param {number} height */
  resize(width, height) {
    Object.assign(this.size, { width: Math.max(1, width), height: Math.max(1, height) });
    this.fit();
  }

  fit() {
    const { width, height, points } = this.size;
    const dense = Math.min(window.devicePixelRatio || 1, this.isSlow ? 1 : 2);
    this.renderer.setPixelRatio(Math.min(dense, Math.sqrt(points / (width * height))));
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
  }

  /** Forget what the cars left behind. */
  clearMarks() {
    this.marks.clear();
  }

  /**
   * Draw one picture.
   * @param {import("./fleet.js").CarState[]} states
   * @param {object[]} things boxes and bot cars
   * @param {number} followed index of the car that the camera follows
   * @param {number} step_s simulated time since the last picture
   * @param {number} frame_s clock time since the last picture
   */
  draw(states, things, followed, step_s, frame_s) {
    const car = states[followed];
    if (this.rig && car) this.point(this.rig.shot(car, frame_s, this.camera.aspect), frame_s);
    this.marks.follow(states, step_s);
    this.fleet.bare = this.rig?.mode === "onboard" ? followed : -1;
    this.fleet.place(states, things, this.camera, step_s);
    this.renderer.render(this.scene, this.camera);
  }

  /** Move the camera to a shot; after a change of mode it glides there. */
  point(shot, frame_s) {
    const { camera, glide } = this;
    const from = FROM.set(...shot.from);
    const at = AT.set(...shot.at);
    if (shot.isHard) glide.left_s = 0;
    const rest = Math.max(0, glide.left_s / GLIDE_S);
    glide.left_s = Math.max(0, glide.left_s - frame_s);
    const ease = rest * rest * (3 - 2 * rest);
    camera.position.copy(from).lerp(glide.from, ease);
    this.lookAt.copy(at).lerp(glide.at, ease);
    const isTall = camera.aspect < 0.9;
    camera.fov = isTall ? Math.min(78, shot.lens_deg * 1.3) : shot.lens_deg;
    camera.userData.zoom = 50 / camera.fov;
    camera.up.set(...(shot.up ?? [0, 0, 1]));
    camera.near = Math.max(0.03, Math.min(0.5, camera.position.z * 0.12));
    camera.lookAt(this.lookAt);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld(true);
  }

  /** Begin to glide from where the camera is. */
  beginGlide() {
    this.glide.from.copy(this.camera.position);
    this.glide.at.copy(this.lookAt);
    this.glide.left_s = GLIDE_S;
  }

  /** Where a point of the world is on the screen: x, y from 0 to 1, or null behind us. */
  project(x_m, y_m, z_m) {
    FROM.set(x_m, y_m, z_m).project(this.camera);
    if (FROM.z > 1 || Math.abs(FROM.x) > 1.1 || Math.abs(FROM.y) > 1.1) return null;
    return { x: (FROM.x + 1) / 2, y: (1 - FROM.y) / 2, away: FROM.z };
  }

  dispose() {
    if (this.landscape) disposeOf(this.landscape);
    this.fleet.dispose();
    this.marks.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}

const FROM = new THREE.Vector3();
const AT = new THREE.Vector3();
