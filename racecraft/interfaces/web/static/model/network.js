// What the network of the chosen car sees, and what it is about to do.
"use strict";
import { Glow, saliencyTools } from "../world/saliency.js";
import { OfStage, write } from "./element.js";
import { pictureOf } from "./segments.js";

// The picture that the network gets of the chosen car.
class NetworkPicture extends OfStage {
  wantsViews = true;

  make() {
    this.innerHTML = '<div class="sees-frame"><canvas width="160" height="120" role="img" aria-label="Picture of the camera of the chosen car"></canvas><p class="dim">The picture comes with the first car.</p></div>';
    this.canvas = this.querySelector("canvas");
    this.hint = this.querySelector("p");
    this.glow = new Glow();
    this.tools = saliencyTools((isShown) => this.stage?.explain(isShown));
    this.append(this.tools);
  }

  listen(stage) {
    return [
      stage.on("frame", (now) => this.show(now)),
      stage.on("facts", (facts) => {
        this.tools.hidden = !facts.camera;
        if (!facts.camera) this.hint.textContent = "This model has no camera; it sees by its LIDAR.";
      }),
    ];
  }

  async show(now) {
    const view = this.stage.player.view(now, this.stage.car);
    if (!view || this.isBusy || (view === this.shown?.[0] && now.step === this.shown[1])) return;
    const picture = pictureOf(view, Math.min(now.step, view.steps - 1));
    if (!picture) return;
    this.isBusy = true;
    this.shown = [view, now.step];
    try {
      const bitmap = await createImageBitmap(picture);
      if (this.canvas.width !== bitmap.width) [this.canvas.width, this.canvas.height] = [bitmap.width, bitmap.height];
      const context = this.canvas.getContext("2d");
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      this.hint.hidden = true;
      const isLaid = this.stage?.explains && this.glow.paint(context, view, now.step);
      this.canvas.dataset.glows = String(Boolean(isLaid)); // for tests and for the curious
    } finally {
      this.isBusy = false;
    }
  }
}

// How likely each action is at this moment.
class ActionOdds extends OfStage {
  wantsViews = true;

  make() {
    const rows = Array.from({ length: 5 }, () => '<li><span class="odds-name"></span><span class="odds-bar" aria-hidden="true"><i></i></span><span class="odds-value"></span></li>');
    this.innerHTML = `<ol class="odds">${rows.join("")}</ol><p class="dim odds-sum">The actions come with the first car.</p>`;
    this.rows = [...this.querySelectorAll("li")];
    this.sum = this.querySelector(".odds-sum");
  }

  listen(stage) {
    return [stage.on("frame", (now) => this.show(now)), stage.on("facts", (facts) => this.begin(facts))];
  }

  begin(facts) {
    if (!facts.actions) write(this.sum, "A continuous action space has no list of actions: see speed and steering in the live view.");
  }

  show(now) {
    const { stage } = this;
    const view = stage.player.view(now, stage.car);
    const actions = stage.facts?.actions;
    if (!view || !actions || !view.actions || (view === this.shown?.[0] && now.step === this.shown[1])) return;
    this.shown = [view, now.step];
    const step = Math.min(now.step, view.steps - 1);
    const odds = actions.map((action, k) => ({ action, odds: view.probability[step * view.actions + k] / 65535 }));
    const entropy = odds.reduce((sum, { odds: p }) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
    const best = [...odds].sort((a, b) => b.odds - a.odds).slice(0, 5);
    this.rows.forEach((row, k) => {
      const one = best[k];
      row.hidden = !one;
      if (!one) return;
      const [name, bar, value] = row.children;
      write(name, actionWords(one.action));
      bar.firstElementChild.style.width = `${(one.odds * 100).toFixed(1)}%`;
      row.classList.toggle("first", k === 0);
      write(value, `${(one.odds * 100).toFixed(0)} %`);
    });
    const share = entropy / Math.log(actions.length);
    const words = share > 0.85 ? "it tries everything" : share > 0.5 ? "it has preferences" : "mostly decided";
    const rest = actions.length - best.length;
    write(this.sum, `${rest > 0 ? `${rest} other actions share the rest. ` : ""}Entropy ${entropy.toFixed(2)} of ${Math.log(actions.length).toFixed(2)}: ${words}.`);
  }
}

function actionWords({ steering_rad: steering, speed_mps: speed }) {
  const degrees = Math.round((Math.abs(steering) * 180) / Math.PI);
  const way = degrees === 0 ? "straight" : `${steering > 0 ? "left" : "right"} ${degrees}°`;
  return `${way} · ${speed.toFixed(2)} m/s`;
}

customElements.define("network-picture", NetworkPicture);
customElements.define("action-odds", ActionOdds);
