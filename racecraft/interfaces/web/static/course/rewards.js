// Rewards that the reader paints on the road, and the way that pays most.
"use strict";
import { CourseFigure, button, draw, make, stage } from "./figure.js";

const [LANES, COLUMNS] = [3, 7];
const VALUES = [0, 1, 3, -3];
const FIRST = [
  [0, 1, 1, 1, 1, 1, 1],
  [0, 0, -3, 0, -3, 0, 0],
  [0, 0, 0, 3, 0, 0, 0],
];

/**
 * The way through the columns with the largest sum; the car may change by one lane a step.
 * Every cell is worked out from the end backwards: what it pays, and the best of what may follow.
 * @param {number[][]} rewards of each lane and column
 * @returns {{lanes: number[], total: number}}
 */
export function bestWay(rewards) {
  const worth = rewards.map((row) => [...row]);
  const next = rewards.map((row) => row.map(() => null));
  for (let column = COLUMNS - 2; column >= 0; column -= 1) {
    for (let lane = 0; lane < LANES; lane += 1) {
      const options = [lane, lane - 1, lane + 1].filter((each) => each >= 0 && each < LANES);
      const chosen = options.reduce((a, b) => (worth[b][column + 1] > worth[a][column + 1] ? b : a));
      next[lane][column] = chosen;
      worth[lane][column] += worth[chosen][column + 1];
    }
  }
  const lanes = [1]; // it starts in the middle
  for (let column = 0; column < COLUMNS - 1; column += 1) lanes.push(next[lanes[column]][column]);
  return { lanes, total: worth[1][0] };
}

class CourseRewards extends CourseFigure {
  make() {
    this.picture = stage(490, 168, "");
    this.told = this.readout();
    this.cells = FIRST.map((row, lane) => row.map((_, column) => {
      const made = make("button", { type: "button", class: "course-cell" });
      made.addEventListener("click", () => this.turn(lane, column));
      made.addEventListener("keydown", (event) => this.move(event, lane, column));
      return made;
    }));
    const grid = make("div", { class: "course-cells", role: "group", "aria-label": this.t("cells") }, ...this.cells.flat());
    this.append(
      make("div", { class: "course-board" }, this.picture, grid),
      make("div", { class: "actions" }, button(this.t("again"), () => this.begin(), { class: "button quiet" })),
      this.told,
    );
    this.begin();
  }

  begin() {
    this.rewards = FIRST.map((row) => [...row]);
    this.show();
  }

  /** The next value in the cell: nothing, a little, much, a fine. */
  turn(lane, column) {
    const now = VALUES.indexOf(this.rewards[lane][column]);
    this.rewards[lane][column] = VALUES[(now + 1) % VALUES.length];
    this.show();
  }

  move(event, lane, column) {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    this.cells[lane + by[0]]?.[column + by[1]]?.focus();
  }

  show() {
    const { lanes, total } = bestWay(this.rewards);
    this.cells.forEach((row, lane) => row.forEach((cell, column) => {
      const value = this.rewards[lane][column];
      cell.textContent = value ? `${value > 0 ? "+" : "−"}${Math.abs(value)}` : "";
      cell.dataset.value = value;
      cell.setAttribute("aria-label", this.t("cell", { lane: lane + 1, column: column + 1, value: value || 0 }));
    }));
    const at = (lane, column) => [35 + column * 70, 28 + lane * 56];
    const way = lanes.map((lane, column) => at(lane, column).join(" ")).join("L");
    const names = lanes.map((lane) => lane + 1).join(", ");
    const text = this.t("told", { total, lanes: names });
    this.told.textContent = text;
    this.picture.setAttribute("aria-label", text);
    this.picture.replaceChildren(
      draw("path", { d: "M0 84H490", class: "course-road", "stroke-width": 168 }),
      draw("path", { d: "M0 56H490M0 112H490", class: "course-lane" }),
      draw("path", { d: `M${way}`, class: "course-way" }),
      ...lanes.map((lane, column) => draw("circle", { cx: at(lane, column)[0], cy: at(lane, column)[1], r: 22, class: "course-stop" })),
    );
    if (lanes.at(-1) === LANES - 1) this.finish();
  }
}

customElements.define("course-rewards", CourseRewards);
