/** Figures over the picture: who, how fast, how long; steering and throttle; names above cars. */

import { STATUS_WORDS, clockText, make, write } from "./elements.js";

const EVERY_MS = 110;
const FULL_STEERING_RAD = Math.PI / 6;
const FULL_SPEED_MPS = 4;

export class Hud {
  constructor() {
    this.name = make("div", { class: "world-name" });
    this.speed = make("span", { class: "world-speed-value" });
    this.time = make("span", { class: "world-time" });
    this.status = make("span", { class: "world-status" });
    this.steering = make("i");
    this.throttle = make("i");
    this.element = make("div", { class: "world-hud", "aria-hidden": "true" }, [
      this.name,
      make("div", { class: "world-speed" }, [this.speed, make("span", { class: "world-unit" }, ["m/s"])]),
      make("div", { class: "world-line" }, [this.time, this.status]),
      make("div", { class: "world-gauge" }, [make("span", {}, ["Steering"]), make("b", { class: "world-steering" }, [this.steering])]),
      make("div", { class: "world-gauge" }, [make("span", {}, ["Throttle"]), make("b", { class: "world-throttle" }, [this.throttle])]),
    ]);
    this.last_ms = 0;
  }

  /** @param {Record<string, any>} state of the followed car @param {string} name */
  show(state, name, now_ms) {
    if (now_ms - this.last_ms < EVERY_MS) return;
    this.last_ms = now_ms;
    write(this.name, name);
    write(this.speed, state.speed_mps.toFixed(2));
    write(this.time, clockText(state.lap_s));
    write(this.status, `${Math.min(100, Math.max(0, state.progress_percent)).toFixed(0)} % · ${STATUS_WORDS[state.status] ?? "driving"}`);
    this.element.dataset.status = state.status;
    const share = Math.max(-1, Math.min(1, state.steering_rad / FULL_STEERING_RAD));
    this.steering.style.transform = `scaleX(${(-share).toFixed(3)})`;
    this.throttle.style.transform = `scaleX(${Math.max(0, Math.min(1, state.speed_mps / FULL_SPEED_MPS)).toFixed(3)})`;
  }
}

/** Names above cars, nearest ones on top; only when they are asked for. */
export class Labels {
  constructor() {
    this.element = make("div", { class: "world-labels", "aria-hidden": "true", hidden: true });
    this.tags = [];
  }

  /** @param {string[]} names */
  setNames(names) {
    this.tags = names.map((name) => make("span", { class: "world-label" }, [name]));
    this.element.replaceChildren(...this.tags);
  }

  get isShown() {
    return !this.element.hidden;
  }

  toggle() {
    this.element.hidden = !this.element.hidden;
    return this.isShown;
  }

  /** @param {import("./stage.js").Stage} stage @param {import("./fleet.js").CarState[]} states */
  place(stage, states) {
    if (!this.isShown) return;
    const { width, height } = stage.size;
    states.forEach((state, k) => {
      const tag = this.tags[k];
      if (!tag) return;
      const spot = state.isShown ? stage.project(state.x_m, state.y_m, 0.19) : null;
      tag.style.display = spot ? "" : "none";
      if (!spot) return;
      tag.style.transform = `translate(${(spot.x * width).toFixed(1)}px, ${(spot.y * height).toFixed(1)}px) translate(-50%, -100%)`;
      tag.style.zIndex = String(Math.round((1 - spot.away) * 1e5));
    });
  }
}

/** What the picture shows, in words, for those who do not see it; now and then. */
export class Words {
  constructor() {
    this.element = make("p", { class: "world-words" });
    this.last_ms = -1e9;
  }

  /** @param {Record<string, any>[]} states @param {string[]} names @param {number} followed */
  tell(states, names, followed, notice, now_ms) {
    if (now_ms - this.last_ms < 4000) return;
    this.last_ms = now_ms;
    const state = states[followed];
    const shown = states.filter((other) => other.isShown).length;
    if (!state?.isShown) return write(this.element, notice || "No car is on the track.");
    const turn = state.steering_rad > 0.02 ? "steers left" : state.steering_rad < -0.02 ? "steers right" : "drives straight on";
    const others = shown > 1 ? ` ${shown} cars are shown.` : "";
    write(this.element, `${names[followed]}: ${STATUS_WORDS[state.status] ?? "driving"}, ${state.progress_percent.toFixed(0)} % of the track, ${state.speed_mps.toFixed(1)} m/s, ${turn}, ${clockText(state.lap_s)}.${others} ${notice}`);
  }
}
