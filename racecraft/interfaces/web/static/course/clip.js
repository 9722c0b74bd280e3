// PPO's clipped objective: drag the ratio and see where there is nothing left to win.
// Schulman and others, Proximal Policy Optimization Algorithms, 2017, equation 7.
"use strict";
import { CourseFigure, button, draw, make, slider, stage } from "./figure.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [36, 470, 14, 200];
const MOST_RATIO = 2;

/** The objective of one action; the advantage is how much better it was than expected. */
export function objective(ratio, advantage, range) {
  const clipped = Math.min(Math.max(ratio, 1 - range), 1 + range);
  return Math.min(ratio * advantage, clipped * advantage);
}

/** Whether more of the same change would win nothing. */
export function isFlat(ratio, advantage, range) {
  return advantage > 0 ? ratio > 1 + range : ratio < 1 - range;
}

class CourseClip extends CourseFigure {
  make() {
    Object.assign(this, { ratio: 1, advantage: 1, range: 0.2, seen: new Set() });
    this.picture = stage(480, 224, "");
    this.told = this.readout();
    const two = (value) => this.format(value);
    this.ratios = slider({ label: this.t("ratio"), min: 0, max: MOST_RATIO, step: 0.01, value: 1, told: two }, (value) => { this.ratio = value; this.show(); });
    this.ranges = slider({ label: this.t("range"), min: 0.05, max: 0.4, step: 0.01, value: 0.2, told: two }, (value) => { this.range = value; this.show(); });
    this.signs = [[1, "better"], [-1, "worse"]].map(([advantage, name]) =>
      button(this.t(name), () => { this.advantage = advantage; this.show(); }, { "aria-pressed": "false" }));
    this.append(
      make("div", { class: "actions", role: "group", "aria-label": this.t("advantage") }, ...this.signs),
      this.picture, this.ratios.root, this.ranges.root, this.told,
    );
    this.picture.addEventListener("pointerdown", (event) => {
      this.picture.setPointerCapture(event.pointerId);
      this.drag(event);
    });
    this.picture.addEventListener("pointermove", (event) => { if (event.buttons) this.drag(event); });
    this.picture.classList.add("course-drag");
    this.show();
  }

  drag(event) {
    const box = this.picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 480;
    this.ratio = Math.min(Math.max(((x - LEFT) / (RIGHT - LEFT)) * MOST_RATIO, 0), MOST_RATIO);
    this.ratios.set(this.ratio);
    this.show();
  }

  show() {
    const { ratio, advantage, range } = this;
    const flat = isFlat(ratio, advantage, range);
    const x = (value) => LEFT + (value / MOST_RATIO) * (RIGHT - LEFT);
    const middle = advantage > 0 ? BOTTOM - 8 : TOP + 8;
    const y = (value) => middle - value * 88;
    const line = (of) => `M${Array.from({ length: 101 }, (_, k) => `${x(k / 50)} ${y(of(k / 50)).toFixed(1)}`).join("L")}`;
    for (const [k, sign] of this.signs.entries()) sign.setAttribute("aria-pressed", String(advantage === (k ? -1 : 1)));
    const value = objective(ratio, advantage, range);
    const text = this.t(`${advantage > 0 ? "better" : "worse"}_${flat ? "flat" : "slope"}`, {
      ratio: this.format(ratio), value: this.format(value), low: this.format(1 - range), high: this.format(1 + range),
    });
    this.told.textContent = text;
    this.picture.setAttribute("aria-label", text);
    this.picture.replaceChildren(
      draw("rect", { x: x(1 - range), y: TOP, width: x(1 + range) - x(1 - range), height: BOTTOM - TOP, class: "course-zone" }),
      draw("path", { d: `M${LEFT} ${middle}H${RIGHT}M${LEFT} ${TOP}V${BOTTOM}`, class: "course-axis" }),
      draw("path", { d: line((each) => each * advantage), class: "course-plain" }),
      draw("path", { d: line((each) => objective(each, advantage, range)), class: "course-line" }),
      draw("path", { d: `M${x(ratio)} ${TOP}V${BOTTOM}`, class: "course-cursor" }),
      draw("circle", { cx: x(ratio), cy: y(value), r: 8, class: flat ? "course-point flat" : "course-point" }),
      ...[1 - range, 1, 1 + range].map((each) => draw("text", { x: x(each), y: 218, class: "course-small", "text-anchor": "middle" }, this.format(each))),
      draw("text", { x: RIGHT, y: 218, class: "course-small", "text-anchor": "end" }, this.t("ratio_axis")),
    );
    if (flat) this.seen.add(advantage);
    if (this.seen.size === 2) this.finish();
  }
}

customElements.define("course-clip", CourseClip);
