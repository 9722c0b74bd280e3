// The live view: road and cars from above.
"use strict";
import { OfStage, write } from "./element.js";
import { TopView } from "./topview.js";

const OFF_TRACK = 3, CRASHED = 4, LAP = 2;
const ENDED = { 2: "Lap complete", 3: "Off track", 4: "Crashed", 5: "Reversed", 6: "Stuck", 8: "Time is up" };
const SMALL_CAR = { body_length_m: 0.32, body_width_m: 0.2, wheelbase_m: 0.164 };

function time(seconds) {
  const ms = Math.max(Math.round(seconds * 1000), 0);
  const pad = (value, size) => String(Math.floor(value)).padStart(size, "0");
  return `${pad(ms / 60000, 2)}:${pad((ms / 1000) % 60, 2)}.${pad(ms % 1000, 3)}`;
}

class LiveView extends OfStage {
  make() {
    const isTraining = this.getAttribute("kind") === "TRAINING";
    this.innerHTML = `
      <div class="live-frame">
        <canvas role="img" aria-label="The track from above with its cars"></canvas>
        <div class="live-over"><p class="live-name"></p><p class="live-speed"></p><p class="live-more"></p><p class="live-counts"></p></div>
        <p class="live-wait"><span>Waiting for the first car …</span></p>
      </div>
      <div class="live-tools">
        <div class="segmented" role="group" aria-label="View">
          <button type="button" data-view="whole" aria-pressed="true">Whole track</button>
          <button type="button" data-view="follow" aria-pressed="false">Follow</button>
        </div>
        <div class="live-cars" role="group" aria-label="Car"${isTraining ? "" : " hidden"}>
          <button type="button" class="icon-button" data-car="-1" aria-label="Car before">‹</button>
          <span class="live-car" aria-live="polite">Car 1</span>
          <button type="button" class="icon-button" data-car="1" aria-label="Car after">›</button>
        </div>
        <div class="segmented live-speeds" role="group" aria-label="Speed of the playback" hidden>
          <button type="button" data-speed="1" aria-pressed="true">1×</button>
          <button type="button" data-speed="2" aria-pressed="false">2×</button>
          <button type="button" data-speed="4" aria-pressed="false">4×</button>
          <button type="button" data-again="">From the start</button>
        </div>
      </div>`;
    this.view = new TopView(this.querySelector("canvas"));
    this.parts = Object.fromEntries(["name", "speed", "more", "counts", "wait", "car"].map((n) => [n, this.querySelector(`.live-${n}`)]));
    this.addEventListener("click", (event) => this.press(event));
    window.addEventListener("racecraft-theme", () => this.view.readColours());
    this.counts = { part: -1, off: 0, crashed: 0, seen: -1 };
  }

  listen(stage) {
    return [
      stage.on("frame", (now) => this.show(now)),
      stage.on("roads", () => this.still()),
      stage.on("car", (car) => this.tellCar(car)),
      stage.on("facts", () => this.tellCar(stage.car)),
      stage.on("over", (reason) => this.over(reason)),
    ];
  }

  press(event) {
    const { stage } = this;
    const button = event.target.closest("button");
    if (!stage) return;
    if (event.target.localName === "canvas") return this.pick(event);
    if (!button) return;
    const { view, car, speed, again } = button.dataset;
    if (view) this.view.follows = view === "follow";
    if (car) stage.choose(stage.car + Number(car));
    if (speed) stage.player.speed = Number(speed);
    if (again !== undefined) stage.player.restart();
    const group = button.closest(".segmented");
    if ((view || speed) && group) {
      for (const each of group.querySelectorAll("[aria-pressed]")) each.setAttribute("aria-pressed", String(each === button));
    }
    this.still();
  }

  pick(event) {
    const box = event.target.getBoundingClientRect();
    const found = this.view.nearest(event.clientX - box.left, event.clientY - box.top, this.cars ?? []);
    if (found) this.stage.choose(found.index);
  }

  tellCar(car) {
    this.parts.car.textContent = `Car ${car + 1} of ${this.stage.facts?.num_cars ?? "–"}`;
    this.view.trail = [];
  }

  // Before there is anything to play, the empty road.
  still() {
    if (!this.stage || this.cars) return;
    this.view.setRoad(this.stage.road);
    this.view.draw([], 0, [], this.stage.facts?.car ?? SMALL_CAR);
  }

  show(now) {
    const { stage } = this;
    const { segment, step } = now;
    this.cars = [];
    for (let car = 0; car < segment.cars; car += 1) {
      if (stage.shares(car)) this.cars.push({ ...stage.player.car(now, car), index: car });
    }
    const mine = this.cars.find((car) => car.index === stage.car) ?? this.cars[0];
    if (!mine) return;
    this.view.setRoad(stage.road);
    this.view.remember(mine, segment.jump[step * segment.cars + mine.index]);
    const seen = stage.player.view(now, mine.index);
    this.view.draw(this.cars, mine.index, seen ? things(seen, step) : [], stage.facts.car);
    this.tell(now, mine);
  }

  tell(now, mine) {
    const { segment, step } = now;
    const { facts, player } = this.stage;
    const isTraining = facts.kind === "TRAINING";
    write(this.parts.name, isTraining ? `${facts.model} · iteration ${segment.part}` : `${facts.model} · lap ${segment.part + 1}`);
    write(this.parts.speed, `${mine.speed.toFixed(2)} m/s`);
    const ended = ENDED[mine.status];
    const far = `${Math.max(mine.progress, 0).toFixed(0)} % of the lap`;
    if (isTraining) {
      write(this.parts.more, ended ? `${far} · ${ended}` : far);
    } else {
      write(this.parts.more, `${time(this.lapS(now))} · ${far}${ended ? ` · ${ended}` : ""}`);
      this.count(segment, step, mine);
    }
    const isLearning = isTraining && player.isHolding && !this.stage.isOver;
    this.parts.wait.hidden = !isLearning;
    if (isLearning) write(this.parts.wait.firstElementChild, "The cars wait while the network learns …");
    this.querySelector(".live-speeds").hidden = !player.isRecorded;
  }

  // Seconds since the lap that is shown began.
  lapS(now) {
    const first = this.stage.player.segments.find((each) => each.part === now.segment.part);
    return this.stage.player.clock - (first ? first.startS + first.time[0] : 0);
  }

  count(segment, step, mine) {
    const { counts } = this;
    if (counts.part !== segment.part) Object.assign(counts, { part: segment.part, off: 0, crashed: 0, before: 1 });
    if (mine.status !== counts.before) {
      counts.off += mine.status === OFF_TRACK ? 1 : 0;
      counts.crashed += mine.status === CRASHED ? 1 : 0;
      if (mine.status === LAP || ENDED[mine.status]) this.dispatchEvent(new CustomEvent("trial-shown", { bubbles: true, detail: segment.part }));
      counts.before = mine.status;
    }
    write(this.parts.counts, `off track ${counts.off} · crashes ${counts.crashed}`);
    document.dispatchEvent(new CustomEvent("racecraft-trial", { detail: segment.part }));
  }

  over(reason) {
    if (this.cars) return void (this.parts.wait.hidden = true);
    this.parts.wait.hidden = false;
    this.parts.wait.firstElementChild.textContent = reason || "It is over; nothing more is shown here.";
  }
}

function things(view, step) {
  const k = Math.min(step, view.steps - 1);
  return Array.from({ length: view.objects }, (_, o) => ({ x: view.x[k * view.objects + o], y: view.y[k * view.objects + o], heading: view.heading[k * view.objects + o] / 10000, isBot: view.thing[o] === 1 }));
}

customElements.define("live-view", LiveView);
