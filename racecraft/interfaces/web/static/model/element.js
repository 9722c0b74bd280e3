// What shows something of a job that is watched.
"use strict";
import { stageOf } from "./stage.js";

export class OfStage extends HTMLElement {
  static observedAttributes = ["job"];
  wantsViews = false;

  connectedCallback() {
    if (!this.isMade) this.make();
    this.isMade = true;
    this.enter();
  }

  disconnectedCallback() {
    this.exit();
  }

  attributeChangedCallback(_name, before, after) {
    if (this.isMade && this.isConnected && before !== after) {
      this.exit();
      this.enter();
    }
  }

  enter() {
    const job = this.getAttribute("job");
    if (!job) return;
    this.stage = stageOf(job);
    this.offs = this.listen(this.stage);
    this.stage.join(this.wantsViews);
  }

  exit() {
    if (!this.stage) return;
    for (const off of this.offs) off();
    this.stage.leave(this.wantsViews);
    this.stage = null;
  }
}

export function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
