/** Chance that is the same on every machine: numbers drawn from a text. */

/**
 * A stream of numbers in [0, 1) that depends on the text alone.
 * @param {string} text
 * @returns {() => number}
 */
export function randomOf(text) {
  let state = 2166136261;
  for (let k = 0; k < text.length; k++) state = Math.imul(state ^ text.charCodeAt(k), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Smooth noise over the plane, -1 to 1.
 * @param {() => number} random
 * @returns {(x: number, y: number) => number}
 */
export function noiseOf(random) {
  const size = 64;
  const grid = Float32Array.from({ length: size * size }, () => random() * 2 - 1);
  const at = (x, y) => grid[(y & (size - 1)) * size + (x & (size - 1))];
  const ease = (share) => share * share * (3 - 2 * share);
  return (x, y) => {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const right = ease(x - column);
    const up = ease(y - row);
    const low = at(column, row) * (1 - right) + at(column + 1, row) * right;
    const high = at(column, row + 1) * (1 - right) + at(column + 1, row + 1) * right;
    return low * (1 - up) + high * up;
  };
}
