// What all figures of the course share: words of the chosen language, small elements, and the tick.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

export class CourseFigure extends HTMLElement {
  connectedCallback() {
    if (!this.isMade) {
      this.isMade = true;
      this.words = JSON.parse(this.getAttribute("words"));
      const lang = this.closest("[lang]")?.lang || "en";
      this.format = (value, digits = 2) => new Intl.NumberFormat(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
      this.make();
    }
    this.enter?.();
  }

  disconnectedCallback() {
    this.exit?.();
  }

  /** A text of the catalogue, with values for the names in braces. */
  t(key, values = {}) {
    return (this.words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  /** What the figure asks for was done; the page ticks it and the service keeps it. */
  finish() {
    if (this.isFinished) return;
    this.isFinished = true;
    window.emitEvent?.("racecraft_chapter", this.getAttribute("chapter"));
  }

  /** Where the figure says in words what it shows. */
  readout() {
    return make("p", { class: "course-readout", role: "status" });
  }
}

/** An HTML element with attributes and children; texts are children too. */
export function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same of SVG. */
export function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** A drawing that says something, told by its label. */
export function stage(width, height, label) {
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, class: width > 400 ? "course-stage wide" : "course-stage", role: "img", "aria-label": label });
}

export function button(text, press, attributes = {}) {
  const made = make("button", { type: "button", class: "button", ...attributes }, text);
  made.addEventListener("click", press);
  return made;
}

/**
 * A slider with its name and its value in words.
 * @param {{label: string, min: number, max: number, step: number, value: number, told: (value: number) => string}} about
 * @param {(value: number) => void} change
 */
export function slider(about, change) {
  const { label, min, max, step, value, told } = about;
  const control = make("input", { type: "range", min, max, step, value, "aria-label": label });
  const shown = make("output", {}, told(value));
  const tell = () => {
    shown.textContent = told(Number(control.value));
    control.setAttribute("aria-valuetext", shown.textContent);
  };
  control.addEventListener("input", () => { tell(); change(Number(control.value)); });
  tell();
  const root = make("label", { class: "course-slider" }, make("span", {}, label), control, shown);
  return { root, set(next) { control.value = next; tell(); }, get value() { return Number(control.value); } };
}

/** Whether this person asked their system for less motion. */
export function wantsStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
