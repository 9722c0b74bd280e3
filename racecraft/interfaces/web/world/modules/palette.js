/** The colours of the world, by day and in the blue hour; red, green, blue from 0 to 1. */

/** @typedef {[number, number, number]} Rgb */

/**
 * @param {string} hex such as #ff7a1a
 * @returns {Rgb}
 */
export function rgb(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/**
 * @param {Rgb} first
 * @param {Rgb} second
 * @param {number} share of the second
 * @returns {Rgb}
 */
export function mix(first, second, share) {
  return /** @type {Rgb} */ (first.map((value, k) => value + (second[k] - value) * share));
}

/** @param {Rgb} colour @param {number} factor @returns {Rgb} */
export function scaled(colour, factor) {
  return /** @type {Rgb} */ (colour.map((value) => Math.min(1, value * factor)));
}

/** @param {Rgb} colour @returns {string} for CSS */
export function css(colour) {
  return `rgb(${colour.map((value) => Math.round(value * 255)).join(" ")})`;
}

/** Paint of the cars by the names that the garage gives. */
export const PAINTS = {
  black: "#23262c",
  red: "#d3262f",
  grey: "#8b929c",
  white: "#f1efea",
  purple: "#7a3fc4",
  blue: "#1f6fe0",
  orange: "#ff7a1a",
};

/** Colours that tell laps apart: ghosts of a replay, in this order. */
export const SERIES = ["#ff7a1a", "#5aa9ff", "#3ddc97", "#f2c14e", "#c58bff", "#ff6f91", "#7fe3f0", "#c9d1d9"];

const SUN_LIGHT = direction(2.35, 0.5);
const SUN_DARK = direction(2.6, 0.42);

/** @param {number} azimuth_rad @param {number} elevation_rad @returns {Rgb} */
function direction(azimuth_rad, elevation_rad) {
  const level = Math.cos(elevation_rad);
  return [Math.cos(azimuth_rad) * level, Math.sin(azimuth_rad) * level, Math.sin(elevation_rad)];
}

/**
 * @typedef {object} Palette
 * @property {boolean} isDark
 * @property {Rgb} sun direction towards it
 */

const DAY = {
  isDark: false,
  sun: SUN_LIGHT,
  sunColour: rgb("#fff0d2"),
  sunShare: 0.78,
  ambientSky: rgb("#a9c4de"),
  ambientGround: rgb("#77734f"),
  zenith: rgb("#3f86cb"),
  middle: rgb("#8fc3ea"),
  horizon: rgb("#fbead0"),
  glow: rgb("#fff6dc"),
  cloud: rgb("#ffffff"),
  cloudShade: rgb("#c9d3e2"),
  hillFar: rgb("#a9bfc4"),
  hillNear: rgb("#7d9c7c"),
  fog: rgb("#dfe0cd"),
  grass: rgb("#68934a"),
  grassLight: rgb("#80a957"),
  road: rgb("#5c5e64"),
  groove: rgb("#4b4c52"),
  line: rgb("#f8f5ee"),
  dash: rgb("#ff8420"),
  kerb: rgb("#d63a33"),
  leaf: rgb("#5c8f3e"),
  leafDark: rgb("#3f7346"),
  trunk: rgb("#6d5238"),
  shadow: 0.42,
  lamps: 0,
};

const NIGHT = {
  isDark: true,
  sun: SUN_DARK,
  sunColour: rgb("#ffb184"),
  sunShare: 0.56,
  ambientSky: rgb("#6f8bb8"),
  ambientGround: rgb("#343f4a"),
  zenith: rgb("#0a1730"),
  middle: rgb("#214a76"),
  horizon: rgb("#e59a6c"),
  glow: rgb("#ffc894"),
  cloud: rgb("#8c7f96"),
  cloudShade: rgb("#3c4a68"),
  hillFar: rgb("#35506c"),
  hillNear: rgb("#1d3240"),
  fog: rgb("#54606f"),
  grass: rgb("#2f5039"),
  grassLight: rgb("#386042"),
  road: rgb("#44474f"),
  groove: rgb("#373a42"),
  line: rgb("#e9edf2"),
  dash: rgb("#ff8a2a"),
  kerb: rgb("#bd3630"),
  leaf: rgb("#2f5440"),
  leafDark: rgb("#23443c"),
  trunk: rgb("#3f3833"),
  shadow: 0.34,
  lamps: 1,
};

/** @param {"light" | "dark"} theme */
export function paletteOf(theme) {
  return theme === "light" ? DAY : NIGHT;
}
