// Agent and environment: the reader is the agent, the road answers with what is seen and paid.
"use strict";
import { CourseFigure, button, draw, make, stage } from "./figure.js";

/** How the road bends after each step: 1 to the left. */
const BENDS = [0, 1, 1, 0, -1, -1, 0, 1];
const HALF_WIDTH = 2;
const [STEP_PX, LANE_PX, MIDDLE_PX] = [52, 15, 92];

/** What the environment does with an action; exported for the tests. */
export function answer(state, steering) {
  const offset = state.offset + steering - BENDS[state.step];
  const isOff = Math.abs(offset) > HALF_WIDTH;
  const step = state.step + 1;
  return {
    state: { step, offset },
    reward: isOff ? 0 : 1 - Math.abs(offset) / (HALF_WIDTH + 1),
    isOver: isOff || step === BENDS.length,
    isOff,
  };
}

class CourseLoop extends CourseFigure {
  make() {
    this.picture = stage(480, 190, "");
    this.told = this.readout();
    this.buttons = [[1, "left"], [0, "straight"], [-1, "right"]].map(([steering, name]) =>
      button(this.t(name), () => this.act(steering, name)));
    this.list = make("ol", { class: "course-steps" });
    this.parts = ["observation", "action", "reward"].map((name) => {
      const value = make("span", { class: "strong" });
      const root = make("li", {}, make("span", { class: "course-caption" }, this.t(`part_${name}`)), value);
      return { root, value };
    });
    this.append(
      this.picture,
      make("ol", { class: "course-parts" }, ...this.parts.map((part) => part.root)),
      make("div", { class: "actions", role: "group", "aria-label": this.t("your_action") }, ...this.buttons,
        button(this.t("again"), () => this.begin(), { class: "button quiet" })),
      this.told,
      make("details", { class: "course-log" }, make("summary", {}, this.t("log")), this.list),
    );
    this.begin();
  }

  begin() {
    this.state = { step: 0, offset: 0 };
    this.path = [0];
    this.total = 0;
    this.isOver = false;
    this.list.replaceChildren();
    this.tell(this.sight(), "–", "–");
    this.show(this.t("begin", { sight: this.sight() }));
  }

  /** The three parts of the loop; the one whose turn it is stands out. */
  tell(...values) {
    this.parts.forEach(({ root, value }, k) => {
      value.textContent = values[k];
      root.classList.toggle("now", k === (this.isOver ? 2 : 1));
    });
  }

  /** What the camera sees: the bend right ahead, and on which side of the middle the car is. */
  sight() {
    const bend = BENDS[this.state.step] ?? 0;
    const side = Math.sign(this.state.offset);
    return `${this.t(["sight_right", "sight_straight", "sight_left"][bend + 1])} ${this.t(["at_right", "at_middle", "at_left"][side + 1])}`;
  }

  act(steering, name) {
    if (this.isOver) return;
    const sight = this.sight();
    const { state, reward, isOver, isOff } = answer(this.state, steering);
    this.state = state;
    this.isOver = isOver;
    this.total += reward;
    this.path.push(state.offset);
    const values = { action: this.t(name), reward: this.format(reward), total: this.format(this.total), steps: state.step };
    this.list.append(make("li", {}, this.t("entry", { ...values, sight })));
    const ending = isOff ? this.t("off", values) : isOver ? this.t("end", values) : this.t("next", { ...values, sight: this.sight() });
    this.tell(isOver ? this.t("over") : this.sight(), values.action, `${values.reward} (${this.t("sum")} ${values.total})`);
    this.show(`${this.t("paid", values)} ${ending}`);
    if (isOver) this.finish();
  }

  show(text) {
    this.told.textContent = text;
    for (const each of this.buttons) each.disabled = this.isOver;
    const heights = BENDS.reduce((found, bend) => [...found, found.at(-1) + bend], [0]);
    const mean = heights.reduce((a, b) => a + b) / heights.length;
    const at = (k, offset) => [30 + k * STEP_PX, MIDDLE_PX - (heights[k] - mean + offset) * LANE_PX];
    const line = heights.map((_, k) => at(k, 0).join(" ")).join("L");
    const [x, y] = at(this.state.step, this.state.offset);
    const before = this.path.length > 1 ? at(this.state.step - 1, this.path.at(-2)) : [x - 1, y];
    const turn = (Math.atan2(y - before[1], x - before[0]) * 180) / Math.PI;
    this.picture.setAttribute("aria-label", text);
    this.picture.replaceChildren(
      draw("path", { d: `M${line}`, class: "course-road", "stroke-width": (2 * HALF_WIDTH + 1.4) * LANE_PX }),
      draw("path", { d: `M${line}`, class: "course-centre" }),
      draw("path", { d: `M${this.path.map((offset, k) => at(k, offset).join(" ")).join("L")}`, class: "course-trail" }),
      ...this.path.map((offset, k) => draw("circle", { cx: at(k, offset)[0], cy: at(k, offset)[1], r: 3.5, class: "course-dot" })),
      draw("g", { transform: `translate(${x} ${y}) rotate(${turn})` }, ...car()),
    );
  }
}

/** The little car of all figures, 26 long, nose to the right. */
export function car() {
  return [
    draw("rect", { x: -13, y: -7, width: 26, height: 14, rx: 4.5, class: "course-car" }),
    draw("rect", { x: -2, y: -5, width: 8, height: 10, rx: 2, class: "course-glass" }),
  ];
}

customElements.define("course-loop", CourseLoop);
