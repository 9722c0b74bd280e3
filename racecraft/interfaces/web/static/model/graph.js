// The reward graph: reward and progress, an entry an iteration or an episode.
"use strict";
import { feedOf } from "./feed.js";
import { bucketed, path, scaleOf, SHAPES, ticks } from "./plot.js";

const SERIES = [
  { key: "reward", name: "Average reward", unit: "", shape: "circle" },
  { key: "progress", name: "Average progress, training", unit: " %", shape: "diamond" },
  { key: "evaluation", name: "Average progress, evaluation", unit: " %", shape: "square" },
];
const MOST = 240; // points of a line; more are put together
const MARKED = 70; // with more points than this a line has no signs, but at its end

class RewardGraph extends HTMLElement {
  connectedCallback() {
    this.view = "iterations";
    this.hidden_ = new Set();
    this.at = null;
    this.innerHTML = `
      <div class="graph-tools" role="group" aria-label="Show an entry for each">
        <button type="button" data-view="iterations" aria-pressed="true">Iterations</button>
        <button type="button" data-view="episodes" aria-pressed="false">Episodes</button>
      </div>
      <div class="graph-plot" tabindex="0" role="group" aria-label="Reward graph">
        <svg aria-hidden="true" focusable="false"></svg>
        <p class="graph-tip" hidden></p>
        <p class="graph-empty dim" hidden>The first points come with the first iteration.</p>
      </div>
      <div class="graph-legend" role="group" aria-label="Lines">${SERIES.map(legend).join("")}</div>
      <p class="only-read" role="status"></p>`;
    this.svg = this.querySelector("svg");
    this.plot = this.querySelector(".graph-plot");
    this.tip = this.querySelector(".graph-tip");
    this.addEventListener("click", (event) => this.press(event.target.closest("button")));
    this.plot.addEventListener("pointermove", (event) => this.point(event));
    this.plot.addEventListener("pointerleave", () => this.show(null));
    this.plot.addEventListener("keydown", (event) => this.step(event));
    this.plot.addEventListener("blur", () => this.show(null));
    this.feed = feedOf(this.getAttribute("model"));
    this.off = this.feed.on("graph", () => this.plan());
    this.watch = new ResizeObserver(() => this.plan());
    this.watch.observe(this.plot);
    this.plan();
  }

  disconnectedCallback() {
    this.off?.();
    this.watch?.disconnect();
  }

  press(button) {
    if (!button) return;
    if (button.dataset.view) {
      this.view = button.dataset.view;
      this.at = null;
      for (const each of this.querySelectorAll("[data-view]")) {
        each.setAttribute("aria-pressed", String(each === button));
      }
    } else {
      const key = button.dataset.series;
      if (!this.hidden_.delete(key)) this.hidden_.add(key);
      button.setAttribute("aria-pressed", String(!this.hidden_.has(key)));
    }
    this.plan();
  }

  plan() {
    if (this.planned) return;
    this.planned = requestAnimationFrame(() => {
      this.planned = 0;
      this.draw();
    });
  }

  // Columns of what is shown: x, and a list a series.
  columns() {
    const { iterations, episodes } = this.feed.graph;
    if (this.view === "iterations") {
      return {
        x: iterations.iteration,
        reward: iterations.mean_reward,
        progress: iterations.mean_progress,
        evaluation: iterations.mean_evaluation_progress,
      };
    }
    return { x: episodes.reward.map((_, k) => k + 1), reward: episodes.reward, progress: episodes.progress, evaluation: [] };
  }

  draw() {
    const graph = this.feed.graph;
    const isEmpty = !graph || !graph.iterations.iteration.length;
    this.querySelector(".graph-empty").hidden = !isEmpty;
    this.querySelector('[data-series="evaluation"]').hidden = this.view === "episodes";
    const width = this.plot.clientWidth;
    const height = this.plot.clientHeight;
    if (!width || !height) return;
    this.box = { left: 46, right: width - 46, top: 14, bottom: height - 38, width, height };
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const columns = isEmpty ? { x: [], reward: [], progress: [], evaluation: [] } : this.columns();
    const data = bucketed(columns, MOST);
    this.data = data;
    const rewards = data.reward.filter((value) => value !== null && value !== undefined);
    const low = Math.min(0, ...rewards), high = Math.max(1, ...rewards);
    this.rewardTicks = ticks(low, high, 4);
    const first = data.x[0] ?? 0, last = Math.max(data.x[data.x.length - 1] ?? 1, first + 1);
    this.toX = scaleOf(first, last, this.box.left, this.box.right);
    const bounds = this.rewardTicks;
    this.toReward = scaleOf(bounds[0], bounds[bounds.length - 1], this.box.bottom, this.box.top);
    this.toPercent = scaleOf(0, 100, this.box.bottom, this.box.top);
    this.svg.innerHTML = this.axes(first, last) + SERIES.map((s) => this.line(s)).join("") + this.best(graph) + '<g class="graph-at"></g>';
    this.plot.setAttribute("aria-label", this.summary(graph));
    if (this.at !== null) this.show(Math.min(this.at, data.x.length - 1));
  }

  axes(first, last) {
    const { left, right, bottom, height } = this.box;
    let made = "";
    for (const value of this.rewardTicks) {
      const y = this.toReward(value);
      made += `<line class="rule" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>`;
      made += `<text x="${left - 8}" y="${y + 4}" text-anchor="end">${short(value)}</text>`;
    }
    for (const value of [0, 25, 50, 75, 100]) {
      made += `<text x="${right + 8}" y="${this.toPercent(value) + 4}">${value} %</text>`;
    }
    for (const value of ticks(first, last, this.box.width < 420 ? 4 : 7)) {
      if (value < first || value > last || !Number.isInteger(value)) continue;
      made += `<text x="${this.toX(value)}" y="${bottom + 18}" text-anchor="middle">${value}</text>`;
    }
    const what = this.view === "iterations" ? "Iteration" : "Episode";
    made += `<text class="axis" x="${(left + right) / 2}" y="${height - 4}" text-anchor="middle">${what}</text>`;
    return made;
  }

  best(graph) {
    if (this.view !== "iterations" || graph?.best_iteration == null || !this.data.x.length) return "";
    const x = this.toX(graph.best_iteration);
    const isRight = x > (this.box.left + this.box.right) / 2;
    return `<line class="best" x1="${x}" x2="${x}" y1="${this.box.top}" y2="${this.box.bottom}"/>` +
      `<text class="best-word" x="${x + (isRight ? -6 : 6)}" y="${this.box.top + 8}" text-anchor="${isRight ? "end" : "start"}">Best model</text>`;
  }

  line(series) {
    if (this.hidden_.has(series.key)) return "";
    const values = this.data[series.key] ?? [];
    const toY = series.key === "reward" ? this.toReward : this.toPercent;
    const points = [];
    values.forEach((value, k) => {
      if (value !== null && value !== undefined) points.push([this.toX(this.data.x[k]), toY(value)]);
    });
    if (!points.length) return "";
    const marked = points.length <= MARKED ? points : points.slice(-1);
    const signs = marked.map(([x, y]) => SHAPES[series.shape](x, y, points.length > 40 ? 2.6 : 3.6)).join("");
    return `<g class="series ${series.key}"><path class="line" d="${path(points)}"/>${signs}</g>`;
  }

  point(event) {
    if (!this.data?.x.length) return;
    const x = event.clientX - this.plot.getBoundingClientRect().left;
    let nearest = 0;
    this.data.x.forEach((value, k) => {
      if (Math.abs(this.toX(value) - x) < Math.abs(this.toX(this.data.x[nearest]) - x)) nearest = k;
    });
    this.show(nearest);
  }

  step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !this.data?.x.length) return;
    event.preventDefault();
    const last = this.data.x.length - 1;
    const from = this.at ?? (by > 0 ? -1 : last + 1);
    this.show(Math.min(Math.max(from + by, 0), last), true);
  }

  show(at, isSpoken = false) {
    this.at = at;
    const mark = this.svg.querySelector(".graph-at");
    this.tip.hidden = at === null;
    if (at === null || !mark) {
      if (mark) mark.innerHTML = "";
      return;
    }
    const x = this.toX(this.data.x[at]);
    mark.innerHTML = `<line class="at" x1="${x}" x2="${x}" y1="${this.box.top}" y2="${this.box.bottom}"/>`;
    const what = this.view === "iterations" ? "Iteration" : "Episode";
    const rows = SERIES.filter((s) => !this.hidden_.has(s.key) && this.data[s.key]?.[at] != null)
      .map((s) => `${s.name}: ${round(this.data[s.key][at])}${s.unit}`);
    const words = [`${what} ${Math.round(this.data.x[at])}`, ...rows];
    this.tip.textContent = words.join("\n");
    const isRight = x > this.box.width / 2;
    this.tip.style.left = isRight ? "" : `${x + 12}px`;
    this.tip.style.right = isRight ? `${this.box.width - x + 12}px` : "";
    if (isSpoken) this.querySelector("[role=status]").textContent = words.join(", ");
  }

  summary(graph) {
    const known = graph?.iterations;
    if (!known?.iteration.length) return "Reward graph, nothing to show yet";
    const k = known.iteration.length - 1;
    const parts = [`Reward graph, ${k + 1} iterations; arrow keys move through it`];
    if (known.mean_reward[k] != null) parts.push(`newest average reward ${round(known.mean_reward[k])}`);
    if (known.mean_progress[k] != null) parts.push(`progress in training ${round(known.mean_progress[k])} %`);
    if (graph.best_iteration != null) parts.push(`best model at iteration ${graph.best_iteration}`);
    return parts.join("; ");
  }
}

function legend(series) {
  return `<button type="button" class="legend ${series.key}" data-series="${series.key}" aria-pressed="true">` +
    `<svg viewBox="0 0 26 12" width="26" height="12" aria-hidden="true"><line x1="0" x2="26" y1="6" y2="6"/>${SHAPES[series.shape](13, 6, 4)}</svg>` +
    `<span>${series.name}</span></button>`;
}

function round(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function short(value) {
  return Math.abs(value) >= 10000 ? `${+(value / 1000).toFixed(1)}k` : String(+value.toFixed(2));
}

customElements.define("reward-graph", RewardGraph);
