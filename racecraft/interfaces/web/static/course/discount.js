// The discount factor: how much a reward is worth that comes later, and which road is taken then.
"use strict";
import { CourseFigure, draw, slider, stage } from "./figure.js";
import { car } from "./loop.js";

export const NEAR = { steps: 5, reward: 1 };
export const FAR = { steps: 40, reward: 10 };
const STEPS = 60;
const STEPS_PER_S = 15;
const LEFT_PX = 34;
const STEP_PX = 7.2;

/** What a reward is worth now. */
export function worth({ steps, reward }, discount) {
  return reward * discount ** steps;
}

class CourseDiscount extends CourseFigure {
  make() {
    this.picture = stage(480, 210, "");
    this.told = this.readout();
    // Even steps of the slider are even steps of the horizon's logarithm, 2 to 1000 steps.
    const discountOf = (value) => 1 - 1 / (2 * 500 ** (value / 100));
    const told = (value) => this.format(discountOf(value), 3);
    this.slider = slider({ label: this.t("discount"), min: 0, max: 100, step: 1, value: 20, told }, (value) => this.show(discountOf(value)));
    this.seen = new Set();
    this.append(this.picture, this.slider.root, this.told);
    this.show(discountOf(20));
  }

  show(discount) {
    const [near, far] = [worth(NEAR, discount), worth(FAR, discount)];
    const horizon = 1 / (1 - discount);
    const isFar = far > near;
    const text = this.t(isFar ? "takes_far" : "takes_near", {
      horizon: this.format(horizon, 0), seconds: this.format(horizon / STEPS_PER_S, 1), near: this.format(near), far: this.format(far),
    });
    this.told.textContent = text;
    this.picture.setAttribute("aria-label", text);
    const x = (steps) => LEFT_PX + steps * STEP_PX;
    const reach = Math.min(horizon, STEPS);
    this.picture.replaceChildren(
      draw("path", { d: "M0 40H480", class: "course-road", "stroke-width": 56 }),
      draw("path", { d: `M${x(1)} 40L${x(reach)} 16V64z`, class: "course-light" }),
      draw("g", { transform: `translate(${LEFT_PX - 8} 40)` }, ...car()),
      ...[[NEAR, !isFar], [FAR, isFar]].map(([goal, isTaken]) => this.goal(x(goal.steps), goal, isTaken)),
      ...Array.from({ length: STEPS }, (_, k) => {
        const high = 88 * discount ** (k + 1);
        return draw("rect", { x: x(k + 1) - 2.6, y: 184 - high, width: 5.2, height: high, class: [NEAR.steps, FAR.steps].includes(k + 1) ? "course-bar" : "course-bar pale" });
      }),
      draw("path", { d: `M${LEFT_PX - 6} 184H474`, class: "course-axis" }),
      draw("text", { x: LEFT_PX, y: 202, class: "course-small" }, this.t("now")),
      draw("text", { x: 474, y: 202, class: "course-small", "text-anchor": "end" }, this.t("later", { steps: STEPS, seconds: this.format(STEPS / STEPS_PER_S, 0) })),
    );
    this.seen.add(isFar);
    if (this.seen.size === 2) this.finish();
  }

  goal(x, { reward }, isTaken) {
    return draw("g", { class: isTaken ? "course-goal taken" : "course-goal" },
      draw("circle", { cx: x, cy: 40, r: reward > 5 ? 19 : 13 }),
      draw("text", { x, y: 45, "text-anchor": "middle" }, `+${reward}`));
  }
}

customElements.define("course-discount", CourseDiscount);
