/** Segments of live telemetry, from bytes to arrays; `docs/reference/live.md` tells every byte. */

const MAGIC = 0x314c4352; // RCL1
const HEADER_BYTES = 40;
export const CARS = 1;
export const VIEW = 2;

const CAR_ARRAYS = [
  ["time_s", Float32Array, "S", 1], ["x_m", Float32Array, "SN", 1], ["y_m", Float32Array, "SN", 1], ["reward", Float32Array, "SN", 1],
  ["heading_rad", Int16Array, "SN", 1e-4], ["speed_mps", Int16Array, "SN", 1e-3], ["steering_rad", Int16Array, "SN", 1e-4],
  ["progress_percent", Int16Array, "SN", 1e-2], ["action", Int16Array, "SN", 1], ["status", Uint8Array, "SN", 1], ["jump", Uint8Array, "SN", 1],
];
const VIEW_ARRAYS = [
  ["x_m", Float32Array, "SO", 1], ["y_m", Float32Array, "SO", 1], ["heading_rad", Int16Array, "SO", 1e-4],
  ["thing", Uint8Array, "O", 1], ["probability", Uint16Array, "SA", 1 / 65535], ["end", Uint32Array, "S", 1],
];

/**
 * @param {ArrayBuffer} message
 * @returns {object | null} header fields and arrays in metres, seconds, radians, percent; null when it is no segment
 */
export function readSegment(message) {
  if (message.byteLength < HEADER_BYTES) return null;
  const view = new DataView(message);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(8, true) > message.byteLength) return null;
  const count = { S: view.getUint16(20, true), N: view.getUint16(22, true), O: view.getUint16(24, true), A: view.getUint16(26, true) };
  const flags = view.getUint8(5);
  const segment = {
    kind: view.getUint8(4),
    isCut: Boolean(flags & 1),
    isRecorded: Boolean(flags & 2),
    sequence: view.getUint32(12, true),
    part: view.getUint32(16, true),
    start_s: view.getFloat64(32, true),
    steps: count.S,
    cars: count.N,
    objects: count.O,
    actions: count.A,
  };
  if (segment.kind !== CARS && segment.kind !== VIEW) return null;
  let at = view.getUint16(6, true);
  for (const [name, Kind, axes, unit] of segment.kind === CARS ? CAR_ARRAYS : VIEW_ARRAYS) {
    const length = [...axes].reduce((product, axis) => product * count[axis], 1);
    const size = length * Kind.BYTES_PER_ELEMENT;
    if (at + size > message.byteLength) return null;
    const raw = new Kind(message, at, length);
    segment[name] = unit === 1 ? raw : Float32Array.from(raw, (value) => value * unit);
    at += Math.ceil(size / 4) * 4;
  }
  if (segment.kind === VIEW) {
    segment.pictures = picturesOf(message, at, segment.end);
    Object.assign(segment, mapsOf(message, view, at + (segment.end[count.S - 1] ?? 0)));
  }
  return segment;
}

/** What the network looks at in some of the steps. */
function mapsOf(message, view, end) {
  const [mapHigh, mapWide, maps] = [view.getUint8(28), view.getUint8(29), view.getUint16(30, true)];
  const at = Math.ceil(end / 4) * 4;
  const first = at + Math.ceil((2 * maps) / 4) * 4;
  const size = maps * mapHigh * mapWide;
  if (first + size > message.byteLength) return { mapHigh, mapWide, mapSteps: new Uint16Array(), maps: new Uint8Array() };
  return { mapHigh, mapWide, mapSteps: new Uint16Array(message, at, maps), maps: new Uint8Array(message, first, size) };
}

/** The bytes of each step's picture; empty ones are none. */
function picturesOf(message, at, ends) {
  return Array.from(ends, (end, k) => new Uint8Array(message, at + (k ? ends[k - 1] : 0), end - (k ? ends[k - 1] : 0)));
}
