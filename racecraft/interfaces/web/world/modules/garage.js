/**
 * One car on a turntable, which takes another shell, colour or sensor at once.
 *
 * All cars of a page are drawn by one renderer, one after the other, because browsers give a page few of them.
 */

import { THREE } from "nicegui-scene";
import { loadStyles, make, pageTheme, prefersLessMotion, watchTheme } from "./elements.js";
import { Fleet } from "./fleet.js";
import { Light } from "./materials.js";
import { Orbit } from "./orbit.js";
import { PAINTS, paletteOf, rgb } from "./palette.js";
import { Solid } from "./solids.js";
import { emptyState } from "./timeline.js";
import { baked } from "./landscape.js";
import { plainMaterial } from "./materials.js";
import { hasWebGL, isSoftware } from "./stage.js";

const TURN_RAD_PER_S = 0.45;
const IDLE_EVERY_MS = 33;
const STILL_MS = 1e9;

const shared = { renderer: null, cars: 0, isSlow: false };

function join() {
  shared.cars += 1;
  if (shared.renderer) return shared.renderer;
  const renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true, stencil: true });
  renderer.outputColorSpace = THREE.LinearSRGBColorSpace;
  renderer.setClearColor(0, 0);
  shared.isSlow = isSoftware(renderer.getContext());
  shared.renderer = renderer;
  return renderer;
}

function leave() {
  shared.cars -= 1;
  if (shared.cars) return;
  shared.renderer.dispose();
  shared.renderer.forceContextLoss();
  shared.renderer = null;
}

export class GarageCar {
  /**
   * @param {HTMLElement} host
   * @param {{shell: string, colour: string, sensors: string[], label?: string, theme?: "light" | "dark", turns?: boolean}} look
   */
  constructor(host, look) {
    loadStyles();
    this.host = host;
    this.canvas = make("canvas", { class: "garage-canvas", tabindex: "0", role: "img" });
    host.classList.add("garage-car");
    host.replaceChildren(this.canvas);
    this.state = { ...emptyState(), isShown: true, steering_rad: 0.3 };
    this.orbit = new Orbit({ turn_rad: 0.75, tilt_rad: 0.34, away_m: 0.82, nearest_m: 0.42, farthest_m: 1.5 });
    this.ends = [];
    if (!hasWebGL()) {
      this.canvas.replaceWith(make("p", { class: "world-flat" }, ["The car is shown in 3D where the browser can draw with WebGL 2; switch on hardware acceleration to see it turn."]));
      this.canvas = null;
      return;
    }
    this.open(look.theme ?? pageTheme());
    this.show(look);
    this.listen();
    this.last_ms = 0;
    this.loop = (now_ms) => this.frame(now_ms);
    this.request = requestAnimationFrame(this.loop);
  }

  open(theme) {
    this.renderer = join();
    this.pen = this.canvas.getContext("2d");
    this.camera = new THREE.PerspectiveCamera(30, 1, 0.05, 10);
    this.camera.up.set(0, 0, 1);
    this.camera.userData.zoom = 10;
    this.scene = new THREE.Scene();
    this.light = new Light(paletteOf(theme));
    this.light.uniforms.fogPerM.value = 0;
    this.light.uniforms.lampShare.value = 0;
    this.fleet = new Fleet(this.light);
    this.scene.add(this.fleet.group);
    this.setFloor(theme);
  }

  setFloor(theme) {
    const palette = paletteOf(theme);
    this.light.use(palette);
    if (theme === "dark") this.light.uniforms.ambientSky.value.set(0.62, 0.68, 0.78);
    this.light.uniforms.sunColour.value.set(0.72, 0.68, 0.6);
    this.light.uniforms.sun.value.set(0.3, 0.22, 0.93);
    this.light.uniforms.fogPerM.value = 0;
    this.light.uniforms.lampShare.value = 0;
    if (this.floor) this.scene.remove(this.floor);
    const solid = new Solid();
    const [low, high] = theme === "dark" ? ["#20262f", "#2d3541"] : ["#d8d2c6", "#f1ede4"];
    solid.lathe([[0.262, -0.03], [0.262, -0.004], [0.256, 0], [0.0005, 0]], 64, (k) => ({ colour: rgb(k === 2 ? high : low) }));
    for (let k = 0; k < 48; k++) {
      const at = (turn, radius) => [radius * Math.cos(turn), radius * Math.sin(turn), 0.0006];
      const [a, b] = [(k * Math.PI) / 24, ((k + 0.5) * Math.PI) / 24];
      solid.quad(at(a, 0.236), at(a, 0.243), at(b, 0.243), at(b, 0.236), { colour: rgb("#ff7a1a"), lamp: 0.8 });
    }
    this.floor = new THREE.Mesh(baked(solid, { ...palette, ambientSky: rgb("#ccd6e2"), ambientGround: rgb("#8a8f96"), sunShare: 0.3 }), plainMaterial(this.light));
    this.floor.renderOrder = 1;
    this.scene.add(this.floor);
  }

  /** Another shell, colour or sensors; what is left out stays. */
  show(look) {
    this.look = { ...this.look, ...look };
    if (!this.fleet) return;
    const { shell, colour, sensors, label } = this.look;
    this.fleet.setCars([{ name: "", shell, colour: PAINTS[colour] ?? colour ?? PAINTS.black, sensors }]);
    this.canvas.setAttribute("aria-label", label || `${colour} car with the ${shell} shell`);
    this.isStill = false;
  }

  listen() {
    const sizes = new ResizeObserver(() => this.fit());
    sizes.observe(this.host);
    const sight = new IntersectionObserver(([entry]) => (this.isOffScreen = !entry.isIntersecting));
    sight.observe(this.host);
    const press = (event) => this.orbit.press(event) && event.preventDefault();
    this.canvas.addEventListener("keydown", press);
    this.orbit.onUse = () => (this.held_ms = performance.now());
    this.ends.push(this.orbit.listen(this.canvas, { zoomsByWheel: false }), () => sizes.disconnect(), () => sight.disconnect(), watchTheme((theme) => this.setFloor(theme)));
  }

  fit() {
    const [width, height] = [this.host.clientWidth, this.host.clientHeight];
    if (!width || !height) return;
    const ratio = Math.min(window.devicePixelRatio || 1, shared.isSlow ? 1 : 2);
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    this.camera.aspect = width / height;
    this.isStill = false;
  }

  frame(now_ms) {
    this.request = requestAnimationFrame(this.loop);
    if (document.hidden || this.isOffScreen || now_ms - this.last_ms < IDLE_EVERY_MS) return;
    const frame_s = this.last_ms ? Math.min(0.1, (now_ms - this.last_ms) / 1000) : 0;
    this.last_ms = now_ms;
    const isHeld = now_ms - (this.held_ms ?? -STILL_MS) < 2500;
    if (!isHeld && !prefersLessMotion() && this.look.turns !== false) this.orbit.turn_rad += TURN_RAD_PER_S * frame_s;
    const { turn_rad, tilt_rad, away_m } = this.orbit;
    const key = [turn_rad, tilt_rad, away_m].map((value) => value.toFixed(4)).join();
    if (this.isStill && key === this.key) return;
    this.key = key;
    this.isStill = true;
    const { camera } = this;
    const far = away_m * Math.max(1, 1.25 / camera.aspect);
    camera.position.set(far * Math.cos(tilt_rad) * Math.cos(turn_rad), far * Math.cos(tilt_rad) * Math.sin(turn_rad), 0.05 + far * Math.sin(tilt_rad));
    camera.lookAt(0, 0, 0.032);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld(true);
    this.fleet.place([this.state], [], camera, 0);
    this.draw();
    this.frames = (this.frames ?? 0) + 1;
  }

  draw() {
    const { width, height } = this.canvas;
    this.renderer.setSize(width, height, false);
    this.renderer.render(this.scene, this.camera);
    this.pen.clearRect(0, 0, width, height);
    this.pen.drawImage(this.renderer.domElement, 0, 0);
  }

  close() {
    cancelAnimationFrame(this.request);
    for (const end of this.ends) end();
    this.fleet?.dispose();
    if (this.renderer) leave();
  }
}
