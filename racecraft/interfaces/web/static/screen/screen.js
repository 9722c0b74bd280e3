// A big screen: hears what is new, and shows it. The scenes are in the modules beside this one.
"use strict";

import { Board } from "./board.js";
import { bracketOf, podiumOf, resultOf } from "./bracket.js";
import { paint } from "./colours.js";
import { Heat } from "./heat.js";
import { LiveView } from "./live.js";
import { leftText, make, write } from "./words.js";

const code = decodeURIComponent(location.pathname.split("/").pop());
const api = `/api/screens/${encodeURIComponent(code)}`;
const query = new URLSearchParams(location.search);
const RETRY_MS = 3000;
const LOST_MS = 4000;
const RESULT_S = 15;
const TURN_S = { board: 14, bracket: 20 };
const STATES = { UPCOMING: "Upcoming", OPEN: "Open", CLOSED: "Closed" };
const byId = (id) => document.getElementById(id);

class BigScreen {
  constructor() {
    this.isTransparent = query.has("transparent");
    document.body.classList.toggle("is-transparent", this.isTransparent);
    this.ahead_s = 0; // how much the clock of the service is ahead of ours
    this.board = new Board({ rows: Number(query.get("rows")) || (this.isTransparent ? 5 : 0), tell: (text) => write(byId("told"), text) });
    this.live = new LiveView({ isMap: query.get("view") === "map", camera: query.get("camera") ?? "tv" });
    this.theme();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.theme());
    setInterval(() => this.tick(), 250);
    this.connect();
  }

  theme() {
    const wanted = query.get("theme");
    const isDark = this.isTransparent || (wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
    if (this.view) paint(this.view, this.isTransparent);
  }

  get now_s() {
    return Date.now() / 1000 + this.ahead_s;
  }

  connect() {
    const source = new EventSource(`${api}/events`);
    source.addEventListener("clock", (event) => {
      this.ahead_s = JSON.parse(event.data).now_s - Date.now() / 1000;
      this.isLost(false);
    });
    source.addEventListener("screen", (event) => this.show(JSON.parse(event.data)));
    source.addEventListener("gone", () => {
      source.close();
      this.gone();
    });
    source.onerror = () => {
      this.isLost(true);
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      setTimeout(() => this.look(), RETRY_MS);
    };
  }

  // The stream was refused: is the link wrong, or the service away?
  async look() {
    const answer = await fetch(api).catch(() => null);
    if (answer?.status === 404) this.gone();
    else this.connect();
  }

  gone() {
    this.isLost(false);
    byId("stage").replaceChildren();
    write(byId("notice"), "This link leads to no big screen; ask the organiser for the new one.");
    byId("notice").hidden = false;
  }

  isLost(is) {
    if (is) {
      this.lost ??= setTimeout(() => (byId("lost").hidden = false), LOST_MS);
      return;
    }
    clearTimeout(this.lost);
    this.lost = null;
    byId("lost").hidden = true;
  }

  show(view) {
    const isFirst = !this.view;
    this.view = view;
    paint(view, this.isTransparent);
    document.title = `${view.race} · racecraft`;
    write(byId("race"), view.race);
    write(byId("headline"), view.headline);
    byId("headline").hidden = !view.headline;
    this.showLogo(view.logo);
    byId("notice").hidden = true;
    if (isFirst) this.build();
    this.board.show(view);
    this.showSide(view);
    this.tick();
  }

  showLogo(digest) {
    const logo = byId("logo");
    logo.hidden = !digest;
    if (digest && logo.dataset.digest !== digest) logo.src = `${api}/logo?${digest.slice(0, 12)}`;
    logo.dataset.digest = digest;
  }

  build() {
    const track = make("img", { id: "track", src: `${api}/track`, alt: "The track from above" });
    this.facts = make("p", { class: "rule" });
    this.busy = make("p", { class: "busy" });
    this.qr = make("img", { id: "qr", alt: "QR picture: scan to join this race" });
    this.join = make("div", { class: "join" }, [this.qr, make("p", {}, ["Scan to join"])]);
    this.side = make("aside", { "aria-label": "About this race" }, [this.join, this.facts, this.busy, track]);
    this.next = make("p", { class: "next" });
    this.main = make("div", { id: "scene-board" }, [this.board.element, ...(this.isTransparent ? [] : [this.side])]);
    this.extra = make("div", { id: "scene-extra" });
    byId("stage").replaceChildren(this.main, this.live.element, this.extra, this.next);
  }

  // Which scene is on: the race, its result, the podium, or bracket and board by turns.
  scene() {
    const { live } = this.view;
    const wanted = query.get("show");
    if (!live || wanted === "board") return "board";
    if (wanted === "bracket" && live.bracket) return "bracket";
    if (live.now) return live.now.status === "SHOWN" ? "live" : "ready";
    const last = live.past[0];
    const ended_s = last?.places.length ? last.shown_from_s + last.shown_s : 0;
    if (this.now_s - ended_s < RESULT_S) return "result";
    if (live.podium.length) return "podium";
    if (!live.bracket || this.isTransparent) return "board";
    return this.now_s % (TURN_S.board + TURN_S.bracket) < TURN_S.bracket ? "bracket" : "board";
  }

  showScene() {
    const { live } = this.view;
    const scene = this.scene();
    const { body } = document;
    body.dataset.scene = scene;
    this.main.hidden = scene !== "board" && scene !== "ready";
    this.live.element.hidden = scene !== "live";
    this.extra.hidden = !["result", "podium", "bracket"].includes(scene);
    if (scene === "live") this.live.show(this.heatOf(live.now), this.view);
    else if (this.live.heat) this.live.close();
    const told = this.extra.hidden ? "" : JSON.stringify([scene, live.podium, live.bracket, live.past[0]]);
    if (told && told !== this.told) {
      const made = scene === "podium" ? podiumOf(live.podium) : scene === "bracket" ? bracketOf(live.bracket) : resultOf(live.past[0]);
      this.extra.replaceChildren(made);
    }
    this.told = told;
    write(this.next, this.nextText(scene));
    this.next.hidden = !this.next.textContent || this.isTransparent;
  }

  heatOf(heat) {
    const made = new Heat(api, heat, () => this.now_s);
    return this.live.heat?.key === made.key ? this.live.heat : made;
  }

  nextText(scene) {
    const { live } = this.view;
    if (!live) return "";
    if (scene === "ready") return `Getting ready: ${live.now.title}, ${live.now.cars.map((car) => car.name).join(" against ")}`;
    if (!live.has_begun && live.starts_at_s) return `The show begins in ${leftText(live.starts_at_s - this.now_s)}`;
    if (scene === "live" || !live.queue.length || live.is_over) return "";
    const names = live.queue.slice(0, 4).map((heat) => (heat.kind === "SOLO" ? heat.title : `${heat.title} (${heat.cars.map((car) => car.name).join(" – ")})`));
    return `Up next: ${names.join(" · ")}`;
  }

  showSide(view) {
    const { qr, join, facts, busy } = this;
    join.hidden = !view.invites || view.state === "CLOSED";
    if (!join.hidden && !qr.getAttribute("src")) qr.src = `${api}/qr`;
    const way = view.is_reversed ? ", reversed" : "";
    const laps = view.laps === 1 ? "1 lap" : `${view.laps} laps`;
    const racers = view.racers === 1 ? "1 racer" : `${view.racers} racers`;
    facts.replaceChildren(make("strong", {}, [view.ranking[0].toUpperCase() + view.ranking.slice(1)]), ` · ${laps} · ${view.race_type} · ${view.track}${way} · ${racers}`);
    const waiting = view.waiting ? `${view.waiting} in the queue` : "";
    const driving = view.driving.length ? `Driving now: ${view.driving.join(", ")}` : "";
    write(busy, [driving, waiting].filter(Boolean).join(" · "));
  }

  tick() {
    if (!this.view) return;
    const { state, starts_at_s, ends_at_s } = this.view;
    const { now_s } = this;
    // The clock goes on between two messages.
    const shown = state === "UPCOMING" && now_s >= starts_at_s ? "OPEN" : state === "OPEN" && now_s >= ends_at_s ? "CLOSED" : state;
    write(byId("state"), STATES[shown]);
    byId("state").dataset.state = shown;
    this.showScene();
    write(byId("left"), shown === "UPCOMING" ? `starts in ${leftText(starts_at_s - now_s)}` : shown === "OPEN" ? `${leftText(ends_at_s - now_s)} left` : "");
  }
}

window.bigScreen = new BigScreen(); // for tests and for the curious
