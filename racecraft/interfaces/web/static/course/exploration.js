// Three roads that pay differently, and a car that has to find out: guess, or take what is known.
"use strict";
import { randomOf } from "../world/random.js";
import { CourseFigure, button, draw, make, slider, stage } from "./figure.js";

/** What each road pays on average; nobody tells the car. */
export const ROADS = [0.45, 0.3, 0.8];
const SPREAD = 0.35;
export const DRIVES = 200;
const [LITTLE, MUCH, NEEDED] = [0.03, 0.5, 3];

/**
 * Drive some times; the car guesses with a probability, else takes the road that paid best so far.
 * @param {number} share probability of a guess, 0 to 1
 * @param {number} seed
 * @returns {{tries: number[], means: number[], mean: number}}
 */
export function tryRoads(share, seed) {
  const random = randomOf(`roads ${seed}`);
  const tries = ROADS.map(() => 0);
  const sums = ROADS.map(() => 0);
  const mean = (k) => (tries[k] ? sums[k] / tries[k] : 0);
  for (let drive = 0; drive < DRIVES; drive += 1) {
    const known = ROADS.reduce((best, _, k) => (mean(k) > mean(best) ? k : best), 0);
    const road = random() < share ? Math.floor(random() * ROADS.length) : known;
    tries[road] += 1;
    sums[road] += ROADS[road] + (random() * 2 - 1) * SPREAD;
  }
  return { tries, means: ROADS.map((_, k) => mean(k)), mean: sums.reduce((a, b) => a + b) / DRIVES };
}

class CourseExploration extends CourseFigure {
  make() {
    this.runs = [];
    this.bars = stage(300, 170, "");
    this.curve = stage(240, 170, "");
    this.told = this.readout();
    const percent = (value) => `${this.format(value, 0)} %`;
    this.share = slider({ label: this.t("share"), min: 0, max: 100, step: 1, value: 0, told: percent }, () => {});
    this.append(
      make("div", { class: "course-pair" }, this.bars, this.curve),
      this.share.root,
      make("div", { class: "actions" },
        button(this.t("drive", { drives: DRIVES }), () => this.drive(), { class: "button" }),
        button(this.t("again"), () => this.begin(), { class: "button quiet" })),
      this.told,
    );
    this.begin();
  }

  begin() {
    this.runs = [];
    this.found = { tries: [0, 0, 0], means: [0, 0, 0], mean: 0 };
    this.show(this.t("begin"));
  }

  drive() {
    const share = this.share.value / 100;
    this.found = tryRoads(share, this.runs.length + 1);
    this.runs.push({ share, mean: this.found.mean });
    const favourite = this.found.tries.indexOf(Math.max(...this.found.tries)) + 1;
    this.show(this.t("told", { mean: this.format(this.found.mean), road: favourite, tries: Math.max(...this.found.tries) }));
    const shares = this.runs.map((run) => run.share);
    if (new Set(shares).size >= NEEDED && Math.min(...shares) <= LITTLE && Math.max(...shares) >= MUCH) this.finish();
  }

  show(text) {
    this.told.textContent = text;
    const { tries, means } = this.found;
    this.bars.setAttribute("aria-label", text);
    this.bars.replaceChildren(...ROADS.flatMap((_, k) => {
      const y = 12 + k * 54;
      return [
        draw("text", { x: 0, y: y + 14, class: "course-label" }, this.t("road", { road: k + 1 })),
        draw("rect", { x: 70, y, width: 226, height: 20, rx: 5, class: "course-empty" }),
        draw("rect", { x: 70, y, width: Math.max(226 * Math.min(means[k], 1), 0), height: 20, rx: 5, class: "course-bar" }),
        draw("text", { x: 70, y: y + 36, class: "course-small" }, this.t("known", { mean: this.format(means[k]), tries: tries[k] })),
      ];
    }));
    const at = ({ share, mean }) => [28 + share * 200, 140 - mean * 130];
    this.curve.setAttribute("aria-label", this.runs.map((run) => this.t("run", { share: Math.round(run.share * 100), mean: this.format(run.mean) })).join(" ") || this.t("begin"));
    this.curve.replaceChildren(
      draw("path", { d: "M28 8V140H232", class: "course-axis" }),
      draw("text", { x: 130, y: 162, class: "course-small", "text-anchor": "middle" }, this.t("share_axis")),
      draw("text", { x: 34, y: 18, class: "course-small" }, this.t("mean_axis")),
      ...this.runs.map((run, k) => draw("circle", { cx: at(run)[0], cy: at(run)[1], r: k === this.runs.length - 1 ? 6 : 4, class: "course-point" })),
    );
  }
}

customElements.define("course-exploration", CourseExploration);
