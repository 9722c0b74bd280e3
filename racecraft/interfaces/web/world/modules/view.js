/**
 * The world in a page: picture, figures, map and controls, fed by a source.
 *
 * A source is anything with these properties; it may change them and then call `onChange`:
 *   geometry   the road, as `/api/tracks/{name}/geometry` answers; null until it is known
 *   looks      how each car looks (`CarLook[]`)
 *   clock      `advance(frame_s)` gives simulated seconds that passed; `isPaused`
 *   notice     a sentence over the picture, or an empty text
 *   read(states)            fills in a state a car for the clock's time
 *   thingsFor(car)          boxes and bot cars that a car meets now
 *   canScrub, onChange, follow(car), close()
 */

import { CAMERAS } from "./cameras.js";
import { CameraChoice, Playback, choice, toggle } from "./controls.js";
import { loadStyles, make, pageTheme, prefersLessMotion, watchTheme, write } from "./elements.js";
import { Hud, Labels, Words } from "./hud.js";
import { RoadMap } from "./map.js";
import { Stage, hasWebGL } from "./stage.js";
import { emptyState } from "./timeline.js";

const NO_WEBGL = "This browser cannot draw in 3D (WebGL 2 is switched off or missing), so you see the track from above. Switch on hardware acceleration or use another browser for the 3D view.";
const MAP_EVERY_MS = 66;
const PICK_PX = 46;
/** A picture in which nothing moves is drawn for this long: until the camera has come to rest. */
const SETTLE_MS = 1500;
const SETTLE_FRAMES = 12;

export class WorldView {
  /**
   * @param {HTMLElement} host
   * @param {object} source
   * @param {{camera?: string, car?: number, theme?: "light" | "dark", label?: string, extra?: HTMLElement[]}} options
   */
  constructor(host, source, options = {}) {
    loadStyles();
    Object.assign(this, { host, source, options, states: [], names: [], followed: options.car ?? 0, frames: 0 });
    this.canvas = make("canvas", { class: "world-canvas", tabindex: "0", role: "img", "aria-label": options.label ?? "3D view of the track" });
    this.mapCanvas = make("canvas", { class: "world-map", "aria-hidden": "true" });
    this.notice = make("div", { class: "world-notice", role: "status", hidden: true });
    this.hud = new Hud();
    this.labels = new Labels();
    this.words = new Words();
    this.map = new RoadMap(this.mapCanvas);
    this.ends = [];
    this.makeStage();
    this.makeControls();
    this.arrange();
    this.listen();
    this.refresh();
    this.loop = (now_ms) => this.frame(now_ms);
    this.request = requestAnimationFrame(this.loop);
  }

  makeStage() {
    if (!hasWebGL()) {
      this.host.classList.add("is-flat");
      return;
    }
    try {
      this.stage = new Stage(this.canvas, { theme: this.options.theme ?? pageTheme() });
    } catch {
      this.host.classList.add("is-flat");
    }
  }

  makeControls() {
    this.cameras = new CameraChoice((mode) => this.useCamera(mode));
    this.carList = choice("Car that is followed", [], 0, (value) => this.follow(Number(value)));
    this.onlyOne = toggle("Alone", "Show this car alone, or all of them (key A)", false, () => this.toggleAlone());
    this.nameToggle = toggle("Names", "Names above the cars (key N)", false, () => this.labels.toggle());
    this.playback = new Playback({
      canScrub: Boolean(this.source.canScrub),
      onSeek: (time_s) => this.seek(time_s),
      onToggle: () => this.togglePlay(),
      onRate: (rate) => (this.source.clock.rate = rate),
    });
  }

  arrange() {
    const screen = make("div", { class: "world-screen" }, [this.canvas, this.labels.element, this.hud.element, this.mapCanvas, this.notice]);
    if (!this.stage) {
      screen.prepend(make("p", { class: "world-flat" }, [NO_WEBGL]));
      this.canvas.hidden = true;
    }
    this.bar = make("div", { class: "world-bar" }, [...(this.stage ? [this.cameras.element] : []), this.carList.element, this.onlyOne.element, ...(this.stage ? [this.nameToggle.element] : []), ...(this.options.extra ?? [])]);
    this.screen = screen;
    this.host.classList.add("world");
    this.host.replaceChildren(screen, this.playback.element, this.bar, this.words.element);
    this.useCamera(this.options.camera ?? (prefersLessMotion() && !this.source.canScrub ? "above" : "chase"), true);
  }

  listen() {
    const away = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: away.signal });
    if (this.stage) this.ends.push(this.stage.orbit.listen(this.canvas));
    on(this.screen, "keydown", (event) => this.press(event));
    on(this.canvas, "pointerdown", (event) => (this.grip = { x: event.clientX, y: event.clientY }));
    on(this.canvas, "pointerup", (event) => this.pick(event));
    on(this.canvas, "wheel", (event) => this.zoomAbove(event));
    on(this.canvas, "webglcontextlost", (event) => {
      event.preventDefault();
      this.say("The graphics card was lost for a moment; the picture comes back by itself.");
    });
    on(document, "visibilitychange", () => {
      this.last_ms = 0;
      this.wake();
    });
    const sizes = new ResizeObserver(() => this.fit());
    sizes.observe(this.screen);
    for (const name of ["pointermove", "pointerdown", "wheel", "keydown", "click", "change", "input"]) on(this.host, name, () => this.wake());
    const sight = new IntersectionObserver(([entry]) => (this.isOffScreen = !entry.isIntersecting));
    sight.observe(this.screen);
    this.ends.push(() => away.abort(), () => sizes.disconnect(), () => sight.disconnect(), watchTheme((theme) => {
      this.stage?.setTheme(theme);
      this.wake();
    }));
    this.source.onChange = () => this.refresh();
  }

  /** What the source tells has changed: the road, the cars, or a sentence. */
  refresh() {
    const { source } = this;
    this.wake();
    if (source.geometry && source.geometry !== this.geometry) {
      this.geometry = source.geometry;
      this.stage?.setTrack(source.geometry);
      this.useCamera(this.mode, true);
      this.map.setTrack(source.geometry);
      this.fit();
    }
    if (source.looks !== this.looks) this.setLooks(source.looks);
    this.say(source.notice ?? "");
  }

  setLooks(looks) {
    this.looks = looks;
    this.names = looks.map((look) => look.name);
    this.states = looks.map(emptyState);
    this.followed = Math.min(this.followed, Math.max(0, looks.length - 1));
    this.stage?.fleet.setCars(looks);
    this.stage?.clearMarks();
    this.labels.setNames(this.names);
    this.carList.fill(this.names.map((name, k) => [k, name]), this.followed);
    for (const { element } of [this.carList, this.onlyOne]) element.hidden = looks.length < 2;
  }

  useCamera(mode, isQuiet = false) {
    if (!(mode in CAMERAS)) return;
    this.wake();
    if (!isQuiet && mode !== this.mode && !prefersLessMotion()) this.stage?.beginGlide();
    this.mode = mode;
    this.stage?.rig?.use(mode);
    this.cameras.show(mode);
    this.host.dataset.camera = mode;
  }

  /** @param {number} car */
  follow(car) {
    if (!this.looks?.[car]) return;
    if (!prefersLessMotion()) this.stage?.beginGlide();
    this.followed = car;
    this.carList.element.value = String(car);
    this.source.follow?.(car);
    this.wake();
    this.hud.last_ms = 0;
    this.words.last_ms = -1e9;
  }

  toggleAlone() {
    this.isAlone = !this.isAlone;
    this.stage?.clearMarks();
    this.onlyOne.show(this.isAlone);
    return this.isAlone;
  }

  togglePlay() {
    const { clock } = this.source;
    if (clock.isPaused && clock.play) clock.play();
    else clock.isPaused = !clock.isPaused;
    this.source.onPlay?.();
  }

  seek(time_s) {
    this.source.clock.seek?.(time_s);
    this.stage?.clearMarks();
    this.wasSought = true;
    this.wake();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { clock, canScrub } = this.source;
    const modes = Object.keys(CAMERAS);
    const count = this.looks?.length ?? 1;
    const isOrbit = this.mode === "orbit" && this.stage;
    const acts = {
      " ": () => this.togglePlay(),
      n: () => this.nameToggle.show(this.labels.toggle()),
      a: () => this.toggleAlone(),
      "[": () => this.follow((this.followed + count - 1) % count),
      "]": () => this.follow((this.followed + 1) % count),
      ",": () => canScrub && this.seek(clock.time_s - 1 / 15),
      ".": () => canScrub && this.seek(clock.time_s + 1 / 15),
      ArrowLeft: () => canScrub && !isOrbit && this.seek(clock.time_s - 1),
      ArrowRight: () => canScrub && !isOrbit && this.seek(clock.time_s + 1),
    };
    modes.forEach((mode, k) => (acts[k + 1] = () => this.useCamera(mode)));
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (isOrbit && this.stage.orbit.press(event)) event.preventDefault();
    else if (act) {
      act();
      event.preventDefault();
    }
  }

  /** Follow the car that was clicked at. */
  pick(event) {
    if (!this.stage || !this.grip || Math.hypot(event.clientX - this.grip.x, event.clientY - this.grip.y) > 6) return;
    const box = this.canvas.getBoundingClientRect();
    let [best, least] = [-1, PICK_PX];
    this.states.forEach((state, k) => {
      const spot = state.isShown && this.stage.project(state.x_m, state.y_m, 0.06);
      if (!spot) return;
      const away = Math.hypot(spot.x * box.width - (event.clientX - box.left), spot.y * box.height - (event.clientY - box.top));
      if (away < least) [best, least] = [k, away];
    });
    if (best >= 0) this.follow(best);
  }

  zoomAbove(event) {
    const { rig } = this.stage ?? {};
    if (this.mode === "above" && rig) rig.above_share = Math.max(0.14, Math.min(1, rig.above_share * Math.exp(event.deltaY * 0.0012)));
  }

  say(text) {
    write(this.notice, text);
    this.notice.hidden = !text;
  }

  fit() {
    this.wake();
    this.stage?.resize(this.screen.clientWidth, this.screen.clientHeight);
  }

  /** Draw again, for a while. */
  wake() {
    this.awake_until_ms = performance.now() + SETTLE_MS;
    this.due = SETTLE_FRAMES;
  }

  frame(now_ms) {
    this.request = requestAnimationFrame(this.loop);
    if (document.hidden || (this.isOffScreen && this.frames && !this.source.onFrame)) return;
    const frame_s = this.last_ms ? Math.min(0.25, (now_ms - this.last_ms) / 1000) : 0;
    if (this.stage && this.last_ms && !this.isOffScreen) this.stage.quality.tell(now_ms - this.last_ms);
    this.last_ms = now_ms;
    const { source } = this;
    let step_s = source.clock.advance(frame_s);
    if (step_s !== 0) this.wake();
    if (--this.due < 0 && now_ms > this.awake_until_ms) {
      this.last_ms = 0;
      return;
    }
    source.read(this.states);
    if (this.isAlone) this.states.forEach((state, k) => (state.isShown = state.isShown && k === this.followed));
    if (this.wasSought) step_s = 0;
    this.wasSought = false;
    this.draw(step_s, frame_s, now_ms);
    this.frames += 1;
  }

  draw(step_s, frame_s, now_ms) {
    const { source, followed } = this;
    const things = source.thingsFor?.(followed) ?? [];
    if (this.stage?.course && !this.isOffScreen) this.stage.draw(this.states, things, followed, step_s, frame_s);
    this.labels.place(this.stage, this.states);
    if (this.states[followed]) this.hud.show(this.states[followed], this.names[followed], now_ms);
    if (now_ms - this.map.last_ms > MAP_EVERY_MS) {
      this.map.last_ms = now_ms;
      this.map.draw(this.states, this.looks?.map((look) => look.colour) ?? [], followed, things);
    }
    this.playback.show(source.clock, now_ms);
    this.words.tell(this.states, this.names, followed, source.notice ?? "", now_ms);
    source.onFrame?.(this, now_ms);
  }

  /** Where every car is drawn, and by which camera; for tests and for the curious. */
  report() {
    return { cars: this.states.map((state) => ({ ...state })), camera: this.mode, followed: this.followed, time_s: this.source.clock.time_s, frames: this.frames, level: this.stage?.quality.level ?? null };
  }

  close() {
    cancelAnimationFrame(this.request);
    for (const end of this.ends) end();
    this.source.close?.();
    this.stage?.dispose();
    this.host.replaceChildren();
  }
}
