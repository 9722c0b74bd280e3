// The live view of a heat: the race itself, who is ahead, sectors, and what has just happened.
"use strict";

import { SERIES } from "./heat.js";
import { gapText, make, timeText, write } from "./words.js";

const DRAW_MS = 200;
const TOLD = 4;
const FOLLOW_MS = 4000;
const WORDS = { OFF_TRACK: "leaves the track", CRASHED: "runs into another car", REVERSED: "drives the wrong way", IMMOBILIZED: "stands still", FINISHED: "is home", OUT: "is out" };

export class LiveView {
  constructor({ isMap = false, camera = "tv" } = {}) {
    Object.assign(this, { isMap, camera });
    this.host = make("div", { class: "world-host" });
    this.lights = make("p", { class: "lights", hidden: true });
    this.title = make("h2", { class: "heat-title" });
    this.clock = make("p", { class: "heat-clock" });
    this.order = make("ol", { class: "order", "aria-label": "Order of the cars" });
    this.sectors = make("div", { class: "sectors", hidden: true });
    this.ticker = make("ul", { class: "ticker", "aria-label": "What has happened" });
    const picture = make("div", { class: "picture" }, [this.host, this.lights]);
    const side = make("aside", { class: "heat-side", "aria-label": "Standing of this heat" }, [make("div", { class: "heat-head" }, [this.title, this.clock]), this.order, this.sectors, this.ticker]);
    this.element = make("section", { id: "live", "aria-label": "Live race" }, [picture, side]);
    this.draws = setInterval(() => this.draw(), DRAW_MS);
  }

  async show(heat, screen) {
    this.screen = screen;
    if (this.heat?.key === heat.key) return;
    this.close();
    this.heat = heat;
    write(this.title, heat.heat.title);
    try {
      await heat.load();
      if (this.heat === heat) await this.open(heat);
    } catch (error) {
      this.host.replaceChildren(make("p", { class: "empty" }, [`The race cannot be shown: ${error.message}`]));
    }
  }

  async open(heat) {
    const { WorldView, hasWebGL } = await import("racecraft-world");
    if (this.isMap || !hasWebGL()) {
      const { RoadMap } = await import("racecraft-world/map.js");
      const canvas = make("canvas", { class: "only-map", role: "img", "aria-label": "The cars on the track, from above" });
      this.host.replaceChildren(canvas);
      this.map = new RoadMap(canvas);
      this.map.setTrack(heat.geometry);
      return;
    }
    const place = make("div");
    this.host.replaceChildren(place);
    this.view = new WorldView(place, heat, { camera: this.camera, label: "3D view of this heat" });
    if (heat.heat.cars.length > 1 && !this.view.labels.isShown) this.view.labels.toggle();
  }

  close() {
    this.view?.close();
    this.view = this.map = this.heat = null;
    this.host.replaceChildren();
  }

  draw() {
    const { heat } = this;
    if (!heat || !this.element.isConnected) return;
    const { time_s } = heat;
    const left = Math.ceil(-time_s);
    this.lights.hidden = left <= 0 && time_s > 1;
    write(this.lights, left > 0 ? String(Math.min(left, 99)) : "GO");
    const num_laps = this.screen.laps;
    const rows = heat.order(num_laps);
    const lap = Math.min(num_laps, Math.max(...rows.map((row) => row.laps)) + 1);
    write(this.clock, time_s < 0 ? "Getting ready" : heat.isOver ? "Finished" : `Lap ${lap} of ${num_laps} · ${timeText(Math.floor(Math.max(0, time_s) * 10) * 100).slice(0, -2)}`);
    if (rows.length > 1) this.drawOrder(rows);
    else this.drawAlone(rows[0]);
    this.drawTicker();
    this.drawMap();
    this.lead(rows);
  }

  // The picture follows whoever leads, without hurry.
  lead(rows) {
    const now = performance.now();
    const first = rows.find((row) => !row.done && !row.out) ?? rows[0];
    if (!this.view || this.view.followed === first.k || now - (this.followed_ms ?? 0) < FOLLOW_MS) return;
    this.followed_ms = now;
    this.view.follow(first.k);
  }

  drawMap() {
    if (!this.map || !this.heat.lines.length) return;
    this.heat.advance();
    const states = this.heat.lines.map(() => ({}));
    this.heat.read(states);
    this.map.draw(states, this.heat.looks.map((look) => look.colour), -1, this.heat.thingsFor());
  }

  drawOrder(rows) {
    this.sectors.hidden = true;
    this.order.hidden = false;
    const lines = rows.map((row, place) => this.orderLine(row, place));
    this.order.replaceChildren(...lines);
  }

  orderLine({ car, k, done, out, last, laps, gap_ms }, place) {
    const lap = last ? `${last.lap}.${last.sector}` : "";
    const gap = place === 0 ? (done ? timeText(Math.round(done.at_s * 1000)) : "leads") : out ? "out" : done ? gapText(gap_ms) : last ? gapText(gap_ms).slice(0, -2) : "";
    const swatch = make("i", { class: "swatch", style: `background:${SERIES[k % SERIES.length]}` });
    return make("li", { class: done ? "done" : "", "data-at": lap }, [make("b", {}, [String(place + 1)]), swatch, make("span", { class: "name" }, [car.name]), make("span", { class: "dim laps" }, [laps ? `L${laps}` : ""]), make("span", { class: "gap" }, [gap])]);
  }

  // One car alone: its sectors against its own best lap and against the fastest of the show.
  drawAlone({ car, k, laps, best }) {
    const { heat, screen } = this;
    this.order.hidden = true;
    this.sectors.hidden = false;
    const record = screen.live?.record;
    const told = heat.ofCar(k).filter((moment) => moment.sector);
    const lapNow = told.length && told[told.length - 1].kind !== "LAP" ? told[told.length - 1].lap : laps + 1;
    const shown = heat.isDone(k) ? laps : lapNow;
    const cells = [1, 2, 3].map((sector) => {
      const moment = told.find((each) => each.lap === shown && each.sector === sector);
      return make("div", { class: "sector" }, [make("span", { class: "dim" }, [`S${sector}`]), make("b", {}, [moment ? (moment.kind === "LAP" ? timeText(moment.time_ms) : (moment.split_ms / 1000).toFixed(3)) : "–"]), delta(moment?.split_ms, car.best_splits_ms[sector - 1], "best"), delta(moment?.split_ms, record?.splits_ms[sector - 1], "record")]);
    });
    const own = car.best_lap_ms ? `Personal best ${timeText(car.best_lap_ms)}` : "First run in this race";
    const lines = [make("p", { class: "racer-now" }, [make("i", { class: "swatch", style: `background:${SERIES[0]}` }), make("strong", {}, [car.name]), ` · ${car.model_name}`]), make("div", { class: "sector-row" }, cells), make("p", { class: "dim" }, [own])];
    if (record) lines.push(make("p", { class: "dim" }, [`Fastest lap of the show ${timeText(record.lap_ms)}, ${record.name}`]));
    if (best !== null) lines.push(make("p", { class: "stands" }, [this.standing(car, best)]));
    this.sectors.replaceChildren(...lines);
  }

  standing(car, best) {
    const { ranking, rows } = this.screen;
    if (ranking !== "best lap time") return `Best lap so far ${timeText(best)}`;
    const before = rows.filter((row) => row.time_ms <= best && row.racer !== car.name).length;
    return `Best lap ${timeText(best)}: place ${before + 1} as it stands`;
  }

  drawTicker() {
    const { heat } = this;
    const isAlone = heat.heat.cars.length === 1;
    const told = heat.told().filter((moment) => moment.kind !== "SECTOR" || (!isAlone && moment.place === 1));
    const lines = told.slice(-TOLD).reverse().map((moment) => {
      const { name } = heat.heat.cars[moment.car];
      const text = moment.kind === "LAP" ? `completes lap ${moment.lap} in ${timeText(moment.time_ms)}` : moment.kind === "SECTOR" ? `is first through sector ${moment.sector} of lap ${moment.lap}` : WORDS[moment.kind];
      return make("li", { class: moment.kind.toLowerCase() }, [make("strong", {}, [name]), ` ${text}`]);
    });
    this.ticker.replaceChildren(...lines);
  }
}

// How much earlier or later than a known split; the sign says it, not the colour alone.
function delta(split_ms, other_ms, against) {
  if (split_ms === undefined || split_ms === null || !other_ms) return make("span", { class: "delta" }, [""]);
  const late = split_ms - other_ms;
  return make("span", { class: `delta ${late <= 0 ? "early" : "late"}` }, [`${late <= 0 ? "−" : "+"}${(Math.abs(late) / 1000).toFixed(3)} ${against}`]);
}
