// Numbers of a training that change by themselves: figures, stop condition, log, details.
"use strict";
import { ask, feedOf, nowS, setClock } from "./feed.js";
import { diagnosis } from "./diagnosis.js";

const OVER = ["COMPLETED", "FAILED", "CANCELED"];
const thousands = new Intl.NumberFormat("en");

export function clock(seconds) {
  const s = Math.max(Math.round(seconds), 0);
  return [s / 3600, (s / 60) % 60, s % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

class Following extends HTMLElement {
  connectedCallback() {
    if (this.hasAttribute("now")) setClock(Number(this.getAttribute("now")));
    this.feed = feedOf(this.getAttribute("model"));
    this.begin();
    this.offs = ["graph", "job"].map((kind) => this.feed.on(kind, () => this.show()));
    this.show();
  }

  disconnectedCallback() {
    for (const off of this.offs ?? []) off();
    clearInterval(this.ticking);
  }

  begin() {}

  write(name, text) {
    const place = this.querySelector(`[data-is="${name}"]`);
    if (place && place.textContent !== text) place.textContent = text;
  }
}

// Iterations, episodes, steps a second, clean laps.
class TrainingFigures extends Following {
  begin() {
    const figure = (name, label) => `<div class="figure"><span class="figure-value" data-is="${name}">–</span><span class="figure-label">${label}</span></div>`;
    this.innerHTML = `<div class="figures">${figure("iterations", "iterations")}${figure("episodes", "episodes")}${figure("steps", "steps")}${figure("rate", "steps per second")}${figure("laps", "clean laps, newest check")}</div>`;
  }

  show() {
    const graph = this.feed.graph;
    if (!graph) return;
    const { iterations, episodes } = graph;
    const k = iterations.iteration.length - 1;
    if (k < 0) return;
    const k0 = Math.max(k - 6, 0);
    const seconds = iterations.training_s[k] - (k0 < k ? iterations.training_s[k0] : 0);
    const steps = iterations.env_steps[k] - (k0 < k ? iterations.env_steps[k0] : 0);
    this.write("iterations", thousands.format(iterations.iteration[k] + 1));
    this.write("episodes", thousands.format(episodes.reward.length));
    this.write("steps", thousands.format(iterations.env_steps[k]));
    this.write("rate", seconds > 0 ? thousands.format(Math.round(steps / seconds)) : "–");
    const checked = iterations.clean_laps.filter((_, j) => iterations.mean_evaluation_progress[j] !== null);
    this.write("laps", checked.length ? String(checked[checked.length - 1]) : "–");
  }
}

// How far it is to the end.
class StopClock extends Following {
  begin() {
    this.innerHTML = `<p class="stop-line"><span class="stop-time" data-is="elapsed">00:00:00</span> <span class="dim" data-is="of"></span></p>
      <progress max="100" value="0" aria-label="Share of the stop condition that is reached"></progress>
      <p class="dim" data-is="left"></p>`;
    this.ticking = setInterval(() => this.show(), 1000);
  }

  show() {
    const iterations = this.feed.graph?.iterations;
    const k = (iterations?.iteration.length ?? 0) - 1;
    const job = this.feed.job;
    const minutes = Number(this.getAttribute("minutes")) || null;
    const mostSteps = Number(this.getAttribute("steps")) || null;
    const isRunning = job && job.status === "IN_PROGRESS";
    let elapsed = k >= 0 ? iterations.training_s[k] : 0;
    if (isRunning && k >= 0 && this.feed.heardS) elapsed += Math.min(nowS() - this.feed.heardS, 60);
    if (minutes) elapsed = Math.min(elapsed, minutes * 60);
    this.write("elapsed", clock(elapsed));
    this.write("of", minutes ? `of ${clock(minutes * 60)}` : "of training");
    const shares = [minutes && elapsed / (minutes * 60), mostSteps && k >= 0 && iterations.env_steps[k] / mostSteps];
    const share = Math.min(Math.max(0, ...shares.map((each) => each || 0)), 1);
    this.querySelector("progress").value = Math.round(share * 100);
    this.write("left", this.leftWords(isRunning, minutes, elapsed, job));
  }

  leftWords(isRunning, minutes, elapsed, job) {
    const laps = this.getAttribute("laps");
    const until = laps ? `stops at ${laps} clean lap${laps === "1" ? "" : "s"} in a row` : "";
    if (!isRunning) return job && OVER.includes(job.status) ? "" : until;
    const left = minutes ? `${clock(minutes * 60 - elapsed)} left at most` : "";
    return [left, until].filter(Boolean).join(" · ");
  }
}

// The newest lines of the log, as they come.
class TrainingLog extends Following {
  begin() {
    this.innerHTML = '<pre class="log" tabindex="0" role="log" aria-label="Newest lines of the log" aria-live="off"></pre>';
    this.lines = this.querySelector("pre");
    const details = this.closest("details");
    const open = () => details.open && this.feed.wantLog();
    details.addEventListener("toggle", open);
    this.off = this.feed.on("log", () => this.fill());
    open();
    this.fill();
  }

  fill() {
    const isAtEnd = this.lines.scrollTop + this.lines.clientHeight >= this.lines.scrollHeight - 24;
    this.lines.textContent = this.feed.log || "Nothing was written yet.";
    if (isAtEnd) this.lines.scrollTop = this.lines.scrollHeight;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.off?.();
  }

  show() {}
}

// Losses, entropy and the like, with what they mean.
class TrainingDetails extends Following {
  begin() {
    this.innerHTML = '<div class="diagnosis"></div>';
    this.closest("details").addEventListener("toggle", () => this.show());
    this.line = null;
    this.askedS = 0;
  }

  async show() {
    const last = this.feed.last;
    if (!this.closest("details")?.open || last < 0 || this.line?.iteration === last) return;
    if (nowS() - this.askedS < 2) return;
    this.askedS = nowS();
    const lines = await ask(`models/${this.getAttribute("model")}/progress?after=${last - 1}`).catch(() => []);
    if (!lines.length) return;
    this.line = lines[lines.length - 1];
    const body = this.querySelector(".diagnosis");
    body.replaceChildren(...diagnosis(this.line, Number(this.getAttribute("actions")) || 0).map(row));
  }
}

function row({ name, value, words }) {
  const made = document.createElement("div");
  for (const [kind, text] of [["dim", name], ["diagnosis-value", value], ["diagnosis-words", words]]) {
    const part = document.createElement("span");
    part.className = kind;
    part.textContent = text;
    made.append(part);
  }
  return made;
}

// Follows the job that is not over, and tells the server when it gets into another status or has
// driven another lap of an evaluation.
class JobWatch extends HTMLElement {
  static observedAttributes = ["job"];

  connectedCallback() {
    this.feed = feedOf(this.getAttribute("model"));
    this.off = this.feed.on("turn", () => window.emitEvent?.("racecraft_job_changed"));
    this.feed.follow(this.getAttribute("job") || "");
  }

  disconnectedCallback() {
    this.off?.();
  }

  attributeChangedCallback(_name, _before, job) {
    this.feed?.follow(job || "");
  }
}

customElements.define("job-watch", JobWatch);
customElements.define("training-figures", TrainingFigures);
customElements.define("stop-clock", StopClock);
customElements.define("training-log", TrainingLog);
customElements.define("training-details", TrainingDetails);
