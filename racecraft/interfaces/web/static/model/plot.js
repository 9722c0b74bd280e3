// Small things that every plot needs.
"use strict";

export const SHAPES = {
  circle: (x, y, r) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}"/>`,
  diamond: (x, y, r) => {
    const d = r * 1.35;
    return `<path d="M${x.toFixed(1)} ${(y - d).toFixed(1)}l${d} ${d}l${-d} ${d}l${-d} ${-d}z"/>`;
  },
  square: (x, y, r) =>
    `<rect x="${(x - r).toFixed(1)}" y="${(y - r).toFixed(1)}" width="${2 * r}" height="${2 * r}"/>`,
};

export function scaleOf(low, high, from, to) {
  const factor = (to - from) / (high - low || 1);
  return (value) => from + (value - low) * factor;
}

export function path(points) {
  return points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

// Round numbers that reach from below the lowest to above the highest value.
export function ticks(low, high, count) {
  const raw = (high - low || 1) / count;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((by) => by * size).find((each) => each >= raw - 1e-12);
  const found = [];
  for (let k = Math.floor(low / step); k <= Math.ceil(high / step - 1e-9); k += 1) found.push(+(k * step).toFixed(6));
  return found;
}

// At most so many entries; neighbours are put together as their mean.
export function bucketed(columns, most) {
  const size = columns.x.length;
  if (size <= most) return columns;
  const made = {};
  for (const [name, values] of Object.entries(columns)) {
    made[name] = [];
    if (!values.length) continue;
    for (let k = 0; k < most; k += 1) {
      const part = values.slice(Math.floor((k * size) / most), Math.floor(((k + 1) * size) / most));
      const known = part.filter((value) => value !== null && value !== undefined);
      made[name].push(known.length ? known.reduce((a, b) => a + b, 0) / known.length : null);
    }
  }
  return made;
}
