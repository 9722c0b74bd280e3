// The leaderboard: rows that move to their new places, what is new highlighted and scrolled to.
"use strict";

import { gapText, make, prefersLessMotion, timeText, write } from "./words.js";

const FRESH_MS = 9000;
const PAGE_MS = 10000;
const MOVE_MS = 700;

export class Board {
  constructor({ rows, tell }) {
    this.most = rows;
    this.tell = tell;
    this.rows = new Map();
    this.fresh = new Map();
    this.body = make("tbody");
    const titles = ["Rank", "Racer", "Time", "Gap"].map((title) => make("th", { scope: "col", class: `col-${title.toLowerCase()}` }, [title]));
    titles.push(make("th", { scope: "col", class: "col-limit", title: "Best lap over the lap that is physically possible" }, ["× limit"]));
    this.table = make("table", {}, [make("thead", {}, [make("tr", {}, titles)]), this.body]);
    this.empty = make("p", { class: "empty" }, ["Nobody is ranked yet. Be the first."]);
    this.frame = make("div", { class: "rows", tabindex: "0", role: "group", "aria-label": "All places" }, [this.table, this.empty]);
    this.news = make("p", { class: "news", hidden: true });
    this.element = make("section", { id: "board", "aria-label": "Leaderboard" }, [this.news, this.frame]);
    this.page_ms = performance.now();
    setInterval(() => this.turn(), 500);
    new ResizeObserver(() => this.fit()).observe(this.element);
  }

  get row_px() {
    return this.body.firstElementChild?.offsetHeight ?? 0;
  }

  get head_px() {
    return this.table.tHead.offsetHeight;
  }

  // Only whole rows are shown, where the list has a height of its own.
  fit() {
    const { frame, row_px, head_px } = this;
    frame.style.maxHeight = "";
    if (!row_px || getComputedStyle(frame).overflowY === "visible") return;
    const room = this.element.clientHeight - head_px;
    if (room > row_px) frame.style.maxHeight = `${head_px + Math.floor(room / row_px) * row_px}px`;
  }

  show(view) {
    const before = this.view;
    this.view = view;
    const now = performance.now();
    const news = [];
    for (const row of before ? view.rows : []) {
      const old = before.rows.find((each) => each.key === row.key);
      if (old?.entry === row.entry) continue;
      this.fresh.set(row.key, { until: now + FRESH_MS, from: old?.rank });
      news.push({ row, old });
    }
    if (before) this.fade(view);
    this.draw();
    this.fit();
    if (news.length) this.announce(news.sort((a, b) => a.row.rank - b.row.rank)[0]);
  }

  // Somebody who was first and is not any more, for whatever reason, needs no highlight.
  fade(view) {
    const keys = new Set(view.rows.map((row) => row.key));
    for (const key of this.fresh.keys()) if (!keys.has(key)) this.fresh.delete(key);
  }

  shown() {
    const { rows } = this.view;
    if (!this.most || rows.length <= this.most) return rows;
    // Where room is short, the newest entry stands below the first ones.
    const extra = rows.slice(this.most).find((row) => this.fresh.has(row.key));
    return extra ? [...rows.slice(0, this.most - 1), extra] : rows.slice(0, this.most);
  }

  draw() {
    const rows = this.shown();
    const tops = new Map([...this.rows].map(([key, { line }]) => [key, line.offsetTop]));
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, { line }] of this.rows) {
      if (keys.has(key)) continue;
      line.remove();
      this.rows.delete(key);
    }
    rows.forEach((row) => this.body.append(this.fill(row)));
    this.table.hidden = !rows.length;
    this.empty.hidden = Boolean(rows.length);
    if (!prefersLessMotion()) for (const row of rows) this.slide(row.key, tops.get(row.key));
  }

  slide(key, before) {
    const { line } = this.rows.get(key);
    const moved = before === undefined ? 0 : before - line.offsetTop;
    if (!moved) return;
    line.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }], { duration: MOVE_MS, easing: "cubic-bezier(.3,.1,.2,1)" });
  }

  fill(row) {
    const parts = this.rows.get(row.key) ?? this.line(row.key);
    const { line, rank, name, country, note, time, gap, times } = parts;
    const fresh = this.fresh.get(row.key);
    line.className = [`place-${row.rank}`, fresh ? "fresh" : ""].join(" ").trim();
    write(rank, String(row.rank));
    write(name, row.racer);
    write(country, row.country);
    country.hidden = !row.country;
    const climbed = fresh && fresh.from !== undefined ? fresh.from - row.rank : 0;
    write(note, !fresh ? "" : climbed > 0 ? `▲ ${climbed}` : fresh.from === undefined ? "new" : "better");
    note.hidden = !fresh;
    write(time, timeText(row.time_ms));
    write(gap, row.gap_ms ? gapText(row.gap_ms) : row.rank === 1 ? "leader" : "+0.000");
    write(times, row.times_limit ? row.times_limit.toFixed(2) : "–");
    return line;
  }

  line(key) {
    const part = (tag, name) => make(tag, { class: name });
    const [rank, name, country, note] = [part("span", "rank"), part("span", "name"), part("span", "country"), part("span", "note")];
    const [time, gap, times] = [part("td", "time"), part("td", "gap"), part("td", "times col-limit")];
    const line = make("tr", {}, [make("td", { class: "col-rank" }, [rank]), make("td", { class: "racer" }, [make("div", { class: "who" }, [name, country, note])]), time, gap, times]);
    const parts = { line, rank, name, country, note, time, gap, times };
    this.rows.set(key, parts);
    return parts;
  }

  announce({ row, old }) {
    const place = row.rank === 1 ? "takes the lead" : old ? `improves to place ${row.rank}` : `comes in at place ${row.rank}`;
    const text = `${row.racer} ${place} with ${timeText(row.time_ms)}`;
    write(this.news, text);
    this.news.hidden = false;
    this.tell(text);
    this.goTo(row.key);
  }

  goTo(key) {
    const line = this.rows.get(key)?.line;
    if (!line) return;
    this.page_ms = performance.now() + FRESH_MS; // nothing else moves while it is looked at
    const room = this.frame.clientHeight;
    this.scroll(line.offsetTop + line.offsetHeight <= room ? 0 : line.offsetTop - room / 2);
  }

  scroll(top) {
    const row_px = this.row_px || 1;
    this.frame.scrollTo({ top: Math.round(top / row_px) * row_px, behavior: prefersLessMotion() ? "auto" : "smooth" });
  }

  // What is not new any more looks like the rest; long boards show one page after the other.
  turn() {
    const now = performance.now();
    let isStale = false;
    for (const [key, { until }] of this.fresh) {
      if (until > now) continue;
      this.fresh.delete(key);
      isStale = true;
    }
    if (isStale && this.view) this.draw();
    if (!this.fresh.size) this.news.hidden = true;
    const { frame } = this;
    if (now - this.page_ms < PAGE_MS || frame.scrollHeight <= frame.clientHeight + 4) return;
    this.page_ms = now;
    const isAtEnd = frame.scrollTop + frame.clientHeight >= frame.scrollHeight - 4;
    this.scroll(isAtEnd ? 0 : frame.scrollTop + Math.max(frame.clientHeight - this.head_px - this.row_px, 40));
  }
}
