/** What the network sees, and how likely it takes each action. */

import { make, write } from "./elements.js";
import { Glow, saliencyTools } from "./saliency.js";

const EVERY_MS = 66;
const SHOWN = 6;

/** "left 15° · 1.00 m/s" @param {{steering_rad: number, speed_mps: number}} action */
export function actionText({ steering_rad, speed_mps }) {
  const angle = Math.round((Math.abs(steering_rad) * 180) / Math.PI);
  const side = angle === 0 ? "straight" : `${steering_rad > 0 ? "left" : "right"} ${angle}°`;
  return `${side} · ${speed_mps.toFixed(2)} m/s`;
}

export class SightPanel {
  /** @param {HTMLElement} host @param {import("./live.js").LiveSource} source */
  constructor(host, source) {
    this.source = source;
    this.picture = make("canvas", { class: "sight-picture", width: "160", height: "120", role: "img", "aria-label": "Camera picture of the followed car" });
    this.words = make("p", { class: "sight-words" });
    this.list = make("ol", { class: "sight-actions", "aria-label": "Probabilities of the next actions" });
    this.note = make("p", { class: "sight-note" }, ["The picture of the followed car's camera comes with the next scene."]);
    host.classList.add("sight");
    this.glow = new Glow();
    this.tools = saliencyTools((isShown) => {
      source.explains = isShown;
      source.ask();
    });
    host.replaceChildren(make("div", { class: "sight-sees" }, [this.picture, this.note, this.tools]), make("div", { class: "sight-does" }, [this.list, this.words]));
    this.last_ms = 0;
    source.wantsSight = true;
    source.ask();
  }

  /** @param {import("./view.js").WorldView} view */
  show(view, now_ms) {
    if (now_ms - this.last_ms < EVERY_MS) return;
    this.last_ms = now_ms;
    const now = this.source.viewNow(view.followed);
    if (!now || (now.view === this.view && now.step === this.step)) return;
    Object.assign(this, now);
    this.paint(now.view.pictures[now.step], now);
    this.listActions(now.view, now.step, view.states[view.followed]);
  }

  async paint(bytes, { view, step }) {
    if (!bytes?.length || this.isPainting) return;
    this.isPainting = true;
    try {
      const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
      if (this.picture.width !== picture.width || this.picture.height !== picture.height) Object.assign(this.picture, { width: picture.width, height: picture.height });
      const context = this.picture.getContext("2d");
      context.drawImage(picture, 0, 0);
      picture.close();
      this.picture.dataset.glows = String(this.source.explains && this.glow.paint(context, view, step));
      this.note.hidden = true;
    } catch {
      this.note.hidden = false;
      write(this.note, "The last camera picture could not be read.");
    } finally {
      this.isPainting = false;
    }
  }

  listActions(view, step, state) {
    const actions = this.source.hello?.actions;
    if (!view.actions || !actions) {
      this.list.hidden = true;
      write(this.words, state ? `Steering ${((state.steering_rad * 180) / Math.PI).toFixed(0)}°, ${state.speed_mps.toFixed(2)} m/s` : "");
      return;
    }
    const shares = Array.from(view.probability.subarray(step * view.actions, (step + 1) * view.actions));
    const order = shares.map((share, k) => [share, k]).sort((a, b) => b[0] - a[0]);
    while (this.list.children.length < Math.min(SHOWN, order.length)) this.list.append(make("li", {}, [make("span", { class: "sight-action" }), make("b", {}, [make("i")]), make("span", { class: "sight-share" })]));
    order.slice(0, SHOWN).forEach(([share, k], row) => {
      const [name, bar, number] = this.list.children[row].children;
      write(name, actions[k] ? actionText(actions[k]) : `action ${k}`);
      bar.firstChild.style.transform = `scaleX(${share.toFixed(3)})`;
      write(number, `${Math.round(share * 100)} %`);
      this.list.children[row].classList.toggle("is-taken", state?.action === k);
    });
    const entropy = -shares.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
    const most = Math.log(shares.length);
    const mood = entropy < most * 0.4 ? "decided" : entropy < most * 0.75 ? "still choosing" : "trying out everything";
    write(this.words, `Entropy ${entropy.toFixed(2)} of ${most.toFixed(2)}: ${mood}`);
  }
}
