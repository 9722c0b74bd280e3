/** Buttons, lists and the scrub bar below the picture. */

import { CAMERAS } from "./cameras.js";
import { RATES } from "./clock.js";
import { clockText, make, write } from "./elements.js";

const ICONS = { play: "M7 5v14l12-7z", pause: "M7 5h4v14H7zM14 5h4v14h-4z" };

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Chase, orbit, on board, above, TV: one of them is pressed. */
export class CameraChoice {
  /** @param {(mode: string) => void} choose */
  constructor(choose) {
    this.buttons = Object.entries(CAMERAS).map(([mode, { label, help }], k) =>
      make("button", { type: "button", title: `${label}: ${help} (key ${k + 1})`, "aria-pressed": "false", "data-mode": mode, onclick: () => choose(mode) }, [label]),
    );
    this.element = make("div", { class: "world-choice", role: "group", "aria-label": "Camera" }, this.buttons);
  }

  show(mode) {
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
}

/** A list with a label that only screen readers read. */
export function choice(label, options, chosen, choose) {
  const select = make("select", { "aria-label": label, title: label, onchange: (event) => choose(event.target.value) });
  const fill = (rows, value) => {
    select.replaceChildren(...rows.map(([key, text]) => make("option", { value: key }, [text])));
    select.value = String(value);
  };
  fill(options, chosen);
  return { element: select, fill };
}

/** A button that stays pressed. */
export function toggle(label, title, isOn, change) {
  const button = make("button", { type: "button", title, "aria-pressed": String(isOn), onclick: () => show(change()) }, [label]);
  const show = (value) => button.setAttribute("aria-pressed", String(value));
  return { element: button, show };
}

/** Play and pause, speed, and for replays the time line. */
export class Playback {
  /** @param {{canScrub: boolean, onSeek: (time_s: number) => void, onToggle: () => void, onRate: (rate: number) => void}} options */
  constructor({ canScrub, onSeek, onToggle, onRate }) {
    this.button = make("button", { type: "button", class: "world-play", onclick: onToggle });
    this.rate = choice("Speed of the picture", RATES.map((rate) => [rate, `${rate}×`]), 1, (value) => onRate(Number(value)));
    this.scrub = make("input", { type: "range", min: "0", max: "1", step: "0.001", value: "0", "aria-label": "Time of the replay", oninput: (event) => onSeek(Number(event.target.value)) });
    this.time = make("span", { class: "world-clock" });
    this.canScrub = canScrub;
    this.element = make("div", { class: "world-playback" }, canScrub ? [this.button, this.scrub, this.time, this.rate.element] : [this.button]);
    this.isPlaying = null;
    this.last_ms = 0;
  }

  show(clock, now_ms) {
    const isPlaying = !clock.isPaused;
    if (isPlaying !== this.isPlaying) {
      this.isPlaying = isPlaying;
      this.button.replaceChildren(icon(isPlaying ? "pause" : "play"));
      this.button.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
      this.button.title = isPlaying ? "Pause (space)" : "Play (space)";
      this.last_ms = 0;
    }
    if (!this.canScrub || now_ms - this.last_ms < 90) return;
    this.last_ms = now_ms;
    this.scrub.max = String(clock.end_s);
    if (document.activeElement !== this.scrub || isPlaying) this.scrub.value = String(clock.time_s);
    this.scrub.setAttribute("aria-valuetext", `${clock.time_s.toFixed(1)} seconds of ${clock.end_s.toFixed(1)}`);
    write(this.time, `${clockText(clock.time_s)} / ${clockText(clock.end_s)}`);
  }
}
