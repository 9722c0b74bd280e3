// The toy car that learns while one reads: its road, its tries, and what it knows at this moment.
"use strict";
import { CourseFigure, button, draw, make, stage, wantsStillness } from "./figure.js";
import { car } from "./loop.js";
import { ACTIONS, Learner } from "./learner.js";

const PX_PER_M = 78;
const STEPS_PER_S = 10;
const SPEEDS = [1, 5, 25];
/** Old tries that are still faintly there. */
const TRAILS = 14;
/** Laps in a row that count as learnt. */
export const LAPS = 3;
const MEAN_OF = 10;
/** Between two sentences for those who cannot see it: nobody wants to hear every try. */
const TRIES_TO_TELL = 25;
const GRAPH = { width: 300, height: 96 };

class CourseToy extends CourseFigure {
  make() {
    this.speed = 5;
    this.isRunning = false;
    this.seed = Number(this.getAttribute("seed")) || 1;
    this.makeRoad();
    this.graph = stage(GRAPH.width, GRAPH.height, this.t("graph_empty"));
    this.graph.classList.add("course-graph");
    this.count = make("p", { class: "course-count" });
    this.told = this.readout();
    this.values = make("div", { class: "course-values" });
    this.runner = button(this.t("start"), () => this.run(!this.isRunning), { class: "button primary" });
    this.faster = SPEEDS.map((speed) => button(`${speed}×`, () => this.setSpeed(speed), { "aria-label": this.t("speed", { speed }) }));
    this.luck = make("input", { type: "number", min: 1, max: 999, value: this.seed, class: "control number" });
    this.luck.addEventListener("change", () => this.begin());
    this.append(
      this.road, this.count,
      make("div", { class: "actions" }, this.runner,
        make("span", { class: "course-speeds", role: "group", "aria-label": this.t("speeds") }, ...this.faster)),
      this.graph, this.values,
      make("div", { class: "actions" },
        make("label", { class: "course-luck" }, make("span", {}, this.t("seed")), this.luck),
        button(this.t("forget"), () => this.begin(), { class: "button quiet" })),
      this.told,
    );
    this.setSpeed(this.speed);
    this.begin();
  }

  enter() {
    if (!wantsStillness()) this.run(true);
  }

  exit() {
    this.run(false);
  }

  /** A car that knows nothing. */
  begin() {
    this.seed = Math.round(Math.min(Math.max(Number(this.luck.value) || 1, 1), 999));
    this.luck.value = this.seed;
    this.learner = new Learner(this.seed);
    this.old = [];
    this.due = 0;
    this.hadLap = false;
    this.hasLearnt = false;
    this.told.textContent = this.t("begin");
    this.trails.replaceChildren();
    this.show();
    this.plot();
  }

  run(isRunning) {
    this.isRunning = isRunning;
    this.runner.textContent = this.t(isRunning ? "pause" : "start");
    cancelAnimationFrame(this.frame);
    this.before = performance.now();
    if (isRunning) this.frame = requestAnimationFrame((now) => this.goOn(now));
  }

  setSpeed(speed) {
    this.speed = speed;
    this.faster.forEach((each, k) => each.setAttribute("aria-pressed", String(SPEEDS[k] === speed)));
  }

  /** As many steps as the time since the last picture asks for; a slow browser drops the rest. */
  goOn(now) {
    this.due += Math.min(((now - this.before) / 1000) * STEPS_PER_S * this.speed, 60);
    this.before = now;
    let isOver = false;
    for (; this.due >= 1; this.due -= 1) isOver = this.step() || isOver;
    // With less motion the car stays where each try ended, and only the driven lines change.
    if (isOver || !wantsStillness()) this.show();
    if (isOver) this.plot();
    if (this.isRunning) this.frame = requestAnimationFrame((next) => this.goOn(next));
  }

  step() {
    if (!this.learner.step()) return false;
    const { trail, reached } = this.learner;
    this.old.push(line(trail));
    this.tell(reached);
    this.learner.start();
    return true;
  }

  tell(reached) {
    const tries = reached.length;
    const streak = tries - 1 - reached.findLastIndex((share) => share < 1);
    if (reached.at(-1) === 1 && !this.hadLap) {
      this.hadLap = true;
      this.told.textContent = this.t("first_lap", { tries });
    } else if (streak === LAPS && !this.hasLearnt) {
      this.hasLearnt = true;
      this.told.textContent = this.t("learnt", { tries, laps: LAPS });
      this.finish();
    } else if (tries % TRIES_TO_TELL === 0) {
      this.told.textContent = this.t("told", { tries, mean: this.percent(mean(reached.slice(-MEAN_OF))), last: MEAN_OF });
    }
  }

  percent(share) {
    return `${this.format(share * 100, 0)} %`;
  }

  makeRoad() {
    const { road } = new Learner(1);
    const xs = road.points.map((point) => point[0]);
    const ys = road.points.map((point) => point[1]);
    const edge = road.widthM / 2 + 0.12;
    this.left = Math.min(...xs) - edge;
    this.top = Math.max(...ys) + edge;
    const size = [Math.max(...xs) + edge - this.left, this.top - Math.min(...ys) + edge].map((m) => m * PX_PER_M);
    this.road = stage(size[0].toFixed(0), size[1].toFixed(0), this.t("road"));
    this.road.classList.add("course-toy-road");
    const centre = `M${road.points.map((point) => this.place(point).join(" ")).join("L")}z`;
    const [x, y] = this.place(road.points[0]);
    this.trails = draw("g", { class: "course-trails" });
    this.vehicle = draw("g", {}, ...car());
    this.road.append(
      draw("path", { d: centre, class: "course-road edge", "stroke-width": road.widthM * PX_PER_M + 6 }),
      draw("path", { d: centre, class: "course-road", "stroke-width": road.widthM * PX_PER_M }),
      draw("path", { d: centre, class: "course-centre" }),
      draw("path", { d: `M${x} ${y - (road.widthM / 2) * PX_PER_M}v${road.widthM * PX_PER_M}`, class: "course-finish" }),
      this.trails, this.vehicle,
    );
  }

  place([x, y]) {
    return [((x - this.left) * PX_PER_M).toFixed(1), ((this.top - y) * PX_PER_M).toFixed(1)];
  }

  show() {
    const { car: at, tries, reached, exploration, table, situation } = this.learner;
    const [x, y] = this.place([at.x, at.y]);
    this.vehicle.setAttribute("transform", `translate(${x} ${y}) rotate(${((-at.yaw * 180) / Math.PI).toFixed(1)})`);
    for (const points of this.old.splice(0)) {
      this.trails.append(draw("polyline", { points: points.map((point) => this.place(point).join(",")).join(" ") }));
      while (this.trails.childElementCount > TRAILS) this.trails.firstChild.remove();
    }
    this.count.textContent = this.t("count", { tries, mean: this.percent(mean(reached.slice(-MEAN_OF))), guesses: this.percent(exploration) });
    const most = Math.max(...table[situation]);
    const rows = ACTIONS.map((action, k) => {
      const value = table[situation][k];
      const bar = make("span", { class: "course-value-bar" });
      bar.style.setProperty("--share", Math.min(Math.max(value / 1.2, 0), 1).toFixed(3));
      return make("div", { class: value === most && most !== 0 ? "course-value best" : "course-value" },
        make("span", {}, this.t(action)), bar, make("span", { class: "number" }, this.format(value)));
    });
    this.values.replaceChildren(make("p", { class: "course-caption" }, this.t("values")), ...rows);
  }

  /** Of each try how far it came, and the mean of the last ones. */
  plot() {
    const { reached } = this.learner;
    const { width, height } = GRAPH;
    const shown = Math.max(reached.length, 40);
    const at = (k, share) => [4 + ((k + 0.5) / shown) * (width - 8), height - 8 - share * (height - 18)];
    const means = reached.map((_, k) => mean(reached.slice(Math.max(k + 1 - MEAN_OF, 0), k + 1)));
    const label = reached.length ? this.t("graph", { tries: reached.length, mean: this.percent(means.at(-1)) }) : this.t("graph_empty");
    this.graph.setAttribute("aria-label", label);
    this.graph.replaceChildren(
      draw("path", { d: `M4 ${height - 8}H${width - 4}M4 10H${width - 4}`, class: "course-axis" }),
      draw("text", { x: 4, y: 24, class: "course-small" }, this.t("whole_lap")),
      ...reached.slice(-300).map((share, k) => {
        const [cx, cy] = at(k + Math.max(reached.length - 300, 0), share);
        return draw("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: 2.2, class: share === 1 ? "course-try lap" : "course-try" });
      }),
      draw("path", { d: means.length > 1 ? `M${means.map((share, k) => at(k, share).map((n) => n.toFixed(1)).join(" ")).join("L")}` : "", class: "course-line" }),
    );
  }
}

function mean(values) {
  return values.length ? values.reduce((a, b) => a + b) / values.length : 0;
}

/** Every second place is enough to draw. */
function line(trail) {
  return trail.filter((_, k) => k % 2 === 0 || k === trail.length - 1);
}

customElements.define("course-toy", CourseToy);
