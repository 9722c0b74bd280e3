// Small pieces of page, and how times are written.
"use strict";

// An element with attributes and children; text is only ever text.
export function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

// Changes a text only where it is another one.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// MM:SS.mmm, as boards show it.
export function timeText(time_ms) {
  const two = (value) => String(value).padStart(2, "0");
  return `${two(Math.floor(time_ms / 60000))}:${two(Math.floor(time_ms / 1000) % 60)}.${String(time_ms % 1000).padStart(3, "0")}`;
}

// A gap in seconds while it is small: +0.345, +12.345, +1:02.345.
export function gapText(gap_ms) {
  const [minutes, rest] = [Math.floor(gap_ms / 60000), gap_ms % 60000];
  const seconds = (rest / 1000).toFixed(3);
  return minutes ? `+${minutes}:${seconds.padStart(6, "0")}` : `+${seconds}`;
}

// How long is left: 2 d 3 h, 4 h 05 min, 12:34.
export function leftText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return `${minutes}:${String(whole % 60).padStart(2, "0")}`;
}

export const prefersLessMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
