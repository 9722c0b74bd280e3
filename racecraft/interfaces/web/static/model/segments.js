// Segments of live telemetry, as docs/reference/live.md describes them.
"use strict";

const CARS = [
  ["time", Float32Array, "S"], ["x", Float32Array, "SN"], ["y", Float32Array, "SN"],
  ["reward", Float32Array, "SN"], ["heading", Int16Array, "SN"], ["speed", Int16Array, "SN"],
  ["steering", Int16Array, "SN"], ["progress", Int16Array, "SN"], ["action", Int16Array, "SN"],
  ["status", Uint8Array, "SN"], ["jump", Uint8Array, "SN"],
];
const VIEW = [
  ["x", Float32Array, "SO"], ["y", Float32Array, "SO"], ["heading", Int16Array, "SO"],
  ["thing", Uint8Array, "O"], ["probability", Uint16Array, "SA"], ["end", Uint32Array, "S"],
];

// The segments of a message: binary messages may hold several, one after the other.
export function decode(buffer) {
  const found = [];
  for (let at = 0; at + 40 <= buffer.byteLength; ) {
    const one = decodeOne(buffer, at);
    if (!one) break;
    found.push(one);
    at += one.size;
  }
  return found;
}

function decodeOne(buffer, begin) {
  const head = new DataView(buffer, begin);
  if (head.getUint32(0, false) !== 0x52434c31) return null; // RCL1
  const flags = head.getUint8(5);
  const counts = { S: head.getUint16(20, true), N: head.getUint16(22, true), O: head.getUint16(24, true), A: head.getUint16(26, true) };
  const made = {
    kind: head.getUint8(4), isCut: Boolean(flags & 1), isRecorded: Boolean(flags & 2),
    size: head.getUint32(8, true), sequence: head.getUint32(12, true), part: head.getUint32(16, true),
    steps: counts.S, cars: counts.N, objects: counts.O, actions: counts.A, startS: head.getFloat64(32, true),
  };
  let at = begin + head.getUint16(6, true);
  for (const [name, Type, axes] of made.kind === 1 ? CARS : VIEW) {
    const count = [...axes].reduce((size, axis) => size * counts[axis], 1);
    // A message in a message need not begin at a multiple of four.
    made[name] = at % Type.BYTES_PER_ELEMENT ? new Type(buffer.slice(at, at + count * Type.BYTES_PER_ELEMENT)) : new Type(buffer, at, count);
    at += Math.ceil((count * Type.BYTES_PER_ELEMENT) / 4) * 4;
  }
  if (made.kind === 2) {
    made.pictures = { buffer, at };
    Object.assign(made, mapsOf(buffer, head, begin, at - begin + (made.end[made.steps - 1] ?? 0)));
  }
  return made;
}

// What the network looks at in some of the steps.
function mapsOf(buffer, head, begin, end) {
  const [mapHigh, mapWide, count] = [head.getUint8(28), head.getUint8(29), head.getUint16(30, true)];
  const at = begin + Math.ceil(end / 4) * 4;
  const first = at + Math.ceil((2 * count) / 4) * 4;
  return { mapHigh, mapWide, mapSteps: new Uint16Array(buffer.slice(at, at + 2 * count)), maps: new Uint8Array(buffer, first, count * mapHigh * mapWide) };
}

// The JPEG of a step, or null.
export function pictureOf(view, step) {
  const from = step ? view.end[step - 1] : 0;
  const to = view.end[step];
  if (to <= from) return null;
  return new Blob([new Uint8Array(view.pictures.buffer, view.pictures.at + from, to - from)], { type: "image/jpeg" });
}
