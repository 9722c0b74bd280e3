// The organiser's colours, kept readable: whatever they choose, text stands out against what is behind.
"use strict";

const NAMES = ["--bg", "--panel", "--raised", "--line", "--ink", "--dim", "--accent", "--accent-text", "--accent-soft", "--on-accent", "--good", "--info", "--bad"];
const READABLE = 4.5;

const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const css = (colour) => `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
const mix = (one, other, share) => one.map((part, k) => part + (other[k] - part) * share);

function luminance(colour) {
  const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

// The colour, moved towards another one until it can be read on a background.
function readable(colour, background, towards) {
  for (let share = 0; share < 1; share += 0.05) {
    const tried = mix(colour, towards, share);
    if (contrast(tried, background) >= READABLE) return tried;
  }
  return towards;
}

export function paint({ accent, background }, isTransparent) {
  const { style } = document.documentElement;
  for (const name of NAMES) style.removeProperty(name);
  const now = getComputedStyle(document.documentElement);
  const own = (name) => parse(now.getPropertyValue(name).trim());
  let bg = isTransparent ? [16, 19, 23] : own("--bg");
  if (background && !isTransparent) {
    bg = parse(background);
    const [black, white] = [[16, 19, 23], [255, 255, 255]];
    const ink = contrast(bg, white) >= contrast(bg, black) ? white : black;
    const set = { "--bg": bg, "--panel": mix(bg, ink, 0.05), "--raised": mix(bg, ink, 0.09), "--line": mix(bg, ink, 0.18), "--ink": ink, "--dim": readable(mix(bg, ink, 0.6), mix(bg, ink, 0.09), ink) };
    for (const name of ["--good", "--info", "--bad"]) set[name] = readable(own(name), bg, ink);
    for (const [name, colour] of Object.entries(set)) style.setProperty(name, css(colour));
  }
  if (!accent && !(background && !isTransparent)) return;
  const [colour, ink] = [accent ? parse(accent) : own("--accent"), own("--ink")];
  const soft = mix(bg, colour, 0.16);
  const onAccent = contrast(colour, [255, 255, 255]) >= contrast(colour, [16, 19, 23]) ? "#ffffff" : "#101317";
  style.setProperty("--accent", css(colour));
  style.setProperty("--on-accent", onAccent);
  style.setProperty("--accent-soft", css(soft));
  style.setProperty("--accent-text", css(readable(colour, soft, ink)));
}
