/** The four bodies of the garage. Each is built fine for near by and coarse for far away. */

import * as part from "./bodywork.js";
import { rgb } from "./palette.js";
import { Solid } from "./solids.js";

const { PAINT, DEEP, CARBON, TRIM, GLASS, STRIPE, METAL, LAMP, BRAKE } = part;

/** A coupe with round shoulders and a ducktail. */
function classic(detail) {
  const solid = new Solid();
  const sides = detail ? 18 : 8;
  part.plate(solid, [-0.15, 0.152], 0.058, [0.016, 0.03], CARBON);
  const body = [
    [-0.158, 0.05, 0.046, 0.082, 0.5], [-0.15, 0.067, 0.03, 0.094, 0.5], [-0.12, 0.074, 0.024, 0.097, 0.5], [-0.082, 0.074, 0.022, 0.094, 0.5],
    [-0.03, 0.067, 0.022, 0.09, 0.5], [0.03, 0.067, 0.022, 0.086, 0.5], [0.082, 0.072, 0.022, 0.08, 0.5], [0.12, 0.071, 0.022, 0.071, 0.5],
    [0.148, 0.062, 0.024, 0.06, 0.5], [0.162, 0.044, 0.03, 0.05, 0.6],
  ];
  part.hull(solid, body, sides, (_, up) => (up < -0.5 ? CARBON : detail && up > 0.97 ? STRIPE : PAINT));
  const roof = [[-0.122, 0.042, 0.084, 0.094, 0.6], [-0.086, 0.053, 0.08, 0.118, 0.6], [-0.04, 0.0535, 0.08, 0.1275, 0.6], [0.004, 0.05, 0.08, 0.12, 0.6], [0.034, 0.047, 0.078, 0.1, 0.6], [0.058, 0.044, 0.074, 0.083, 0.6]];
  part.hull(solid, roof, sides, (k, up) => (k < 1 || k > 2 || up < 0.72 ? GLASS : detail && up > 0.97 ? STRIPE : PAINT));
  part.fenders(solid, { steps: detail ? 10 : 4 });
  part.plate(solid, [-0.166, -0.138], 0.064, [0.094, 0.099], DEEP);
  part.plate(solid, [0.146, 0.168], 0.066, [0.018, 0.024], CARBON);
  lights(solid, { front: [0.149, 0.157, 0.03, 0.054], frontZ: [0.046, 0.056], rear: [-0.161, -0.155, 0.022, 0.052], rearZ: [0.066, 0.078] });
  if (!detail) return solid;
  part.pair(solid, [-0.045, 0.045, 0.066, 0.08], [0.02, 0.03], CARBON);
  part.pair(solid, [0.012, 0.026, 0.05, 0.072], [0.09, 0.1], DEEP, [0.012, 0.022, 0.056, 0.07]);
  part.plate(solid, [0.155, 0.1635], 0.03, [0.03, 0.042], TRIM);
  for (const y of [-0.018, 0.018]) part.bar(solid, [-0.168, y, 0.036], [-0.15, y, 0.036], 0.006, METAL, 8);
  return solid;
}

/** A low wedge for long races: bubble canopy, fin, a wide wing. */
function wedge(detail) {
  const solid = new Solid();
  const sides = detail ? 14 : 8;
  part.plate(solid, [-0.158, 0.168], 0.08, [0.014, 0.02], CARBON);
  const body = [
    [-0.156, 0.06, 0.026, 0.074, 0.34], [-0.12, 0.07, 0.02, 0.083, 0.34], [-0.04, 0.062, 0.02, 0.08, 0.34], [0.04, 0.058, 0.02, 0.066, 0.34],
    [0.1, 0.056, 0.02, 0.051, 0.34], [0.152, 0.054, 0.02, 0.036, 0.34], [0.166, 0.05, 0.02, 0.026, 0.34],
  ];
  part.hull(solid, body, sides, (_, up) => (up < -0.6 ? CARBON : PAINT));
  const bubble = [[-0.12, 0.014, 0.078, 0.088, 0.8], [-0.07, 0.036, 0.07, 0.112, 0.75], [-0.02, 0.042, 0.066, 0.117, 0.75], [0.03, 0.036, 0.058, 0.096, 0.75], [0.066, 0.02, 0.054, 0.066, 0.8]];
  part.hull(solid, bubble, sides, (k, up) => (k < 1 || (k === 1 && up > 0.8) ? PAINT : GLASS));
  part.fenders(solid, { steps: detail ? 9 : 4, radius: 0.042, inner: 0.044 });
  part.plate(solid, [-0.172, -0.136], 0.094, [0.118, 0.1225], STRIPE);
  part.pair(solid, [-0.174, -0.132, 0.092, 0.095], [0.1, 0.13], PAINT);
  part.pair(solid, [-0.156, -0.146, 0.03, 0.034], [0.07, 0.118], CARBON);
  lights(solid, { front: [0.126, 0.137, 0.026, 0.05], frontZ: [0.034, 0.0425], rear: [-0.16, -0.154, 0.016, 0.056], rearZ: [0.06, 0.068] });
  if (!detail) return solid;
  solid.box([-0.15, -0.06, -0.0025, 0.0025], [-0.15, -0.11, -0.002, 0.002], 0.08, 0.116, DEEP);
  part.pair(solid, [-0.05, 0.045, 0.056, 0.086], [0.018, 0.04], PAINT, [-0.05, 0.03, 0.056, 0.074]);
  part.pair(solid, [-0.02, 0.03, 0.06, 0.0862], [0.026, 0.034], CARBON);
  part.plate(solid, [0.15, 0.172], 0.088, [0.016, 0.02], STRIPE);
  solid.box([0.05, 0.13, -0.012, 0.012], [0.05, 0.1, -0.01, 0.01], 0.05, 0.068, STRIPE);
  return solid;
}

/** A buggy: short body, cage of tubes, coil springs, a spare lamp bar. */
function buggy(detail) {
  const solid = new Solid();
  const sides = detail ? 14 : 8;
  part.plate(solid, [-0.14, 0.13], 0.05, [0.03, 0.04], CARBON);
  const body = [[-0.13, 0.034, 0.044, 0.078, 0.5], [-0.09, 0.047, 0.036, 0.092, 0.5], [-0.03, 0.05, 0.034, 0.086, 0.5], [0.04, 0.048, 0.034, 0.082, 0.5], [0.1, 0.038, 0.036, 0.074, 0.5], [0.142, 0.026, 0.04, 0.06, 0.55], [0.152, 0.016, 0.044, 0.056, 0.6]];
  part.hull(solid, body, sides, (_, up) => (up < -0.5 ? CARBON : detail && up > 0.97 ? STRIPE : PAINT));
  const cabin = [[-0.07, 0.03, 0.08, 0.09, 0.6], [-0.05, 0.036, 0.078, 0.11, 0.6], [-0.01, 0.036, 0.078, 0.114, 0.6], [0.03, 0.03, 0.076, 0.09, 0.6]];
  part.hull(solid, cabin, sides, () => GLASS);
  for (const side of [-1, 1]) {
    const y = 0.045 * side;
    const tube = (from, to, finish = DEEP) => part.bar(solid, from, to, 0.0042, finish, detail ? 6 : 3);
    tube([-0.085, y, 0.085], [-0.058, y * 0.9, 0.136]);
    tube([-0.058, y * 0.9, 0.136], [0.004, y * 0.86, 0.136]);
    tube([0.004, y * 0.86, 0.136], [0.05, y, 0.084]);
    if (detail) tube([-0.13, y * 0.7, 0.078], [-0.058, y * 0.9, 0.136]);
    for (const x of part.AXLE_X_M) {
      part.bar(solid, [x, 0.03 * side, 0.04], [x, 0.066 * side, 0.035], 0.005, CARBON, 5);
      if (detail) part.bar(solid, [x, 0.034 * side, 0.088], [x, 0.06 * side, 0.042], 0.008, { ...PAINT, colour: [0.95, 0.95, 0.95], gloss: 0.4 }, 7);
    }
  }
  for (const x of [-0.058, 0.004]) part.bar(solid, [x, -0.04, 0.136], [x, 0.04, 0.136], 0.0042, DEEP, detail ? 6 : 3);
  part.plate(solid, [-0.056, 0.002], 0.034, [0.1365, 0.139], STRIPE);
  part.plate(solid, [-0.16, -0.14], 0.058, [0.088, 0.093], STRIPE);
  part.pair(solid, [-0.152, -0.13, 0.026, 0.03], [0.066, 0.089], CARBON);
  part.plate(solid, [0.14, 0.164], 0.04, [0.034, 0.04], CARBON);
  for (const x of part.AXLE_X_M) part.fender(solid, x, { inner: 0.066, outer: 0.097, radius: 0.043, from: 0.7, to: 2.6, steps: detail ? 6 : 3, finish: PAINT });
  lights(solid, { front: [0.138, 0.15, 0.008, 0.022], frontZ: [0.058, 0.068], rear: [-0.136, -0.13, 0.012, 0.03], rearZ: [0.058, 0.07] });
  if (!detail) return solid;
  for (const y of [-0.024, -0.008, 0.008, 0.024]) solid.box([0.002, 0.012, y - 0.006, y + 0.006], [0.002, 0.012, y - 0.005, y + 0.005], 0.139, 0.149, LAMP);
  return solid;
}

/** Open wheels, a slim nose, two wings and a hoop over the seat. */
function formula(detail) {
  const solid = new Solid();
  const sides = detail ? 14 : 8;
  part.plate(solid, [-0.13, 0.09], 0.056, [0.016, 0.022], CARBON);
  const body = [[-0.154, 0.014, 0.034, 0.062, 0.6], [-0.12, 0.026, 0.026, 0.094, 0.6], [-0.075, 0.032, 0.022, 0.118, 0.62], [-0.05, 0.033, 0.022, 0.116, 0.6], [-0.035, 0.036, 0.022, 0.084, 0.55], [0.03, 0.034, 0.022, 0.078, 0.55], [0.08, 0.024, 0.028, 0.07, 0.6], [0.14, 0.015, 0.034, 0.054, 0.65], [0.166, 0.01, 0.036, 0.046, 0.7]];
  part.hull(solid, body, sides, (k, up) => (up < -0.6 ? CARBON : detail && up > 0.97 && k > 4 ? STRIPE : PAINT));
  const pod = [[-0.13, 0.016, 0.024, 0.044, 0.5], [-0.08, 0.026, 0.02, 0.064, 0.45], [-0.02, 0.03, 0.02, 0.07, 0.4], [0.028, 0.028, 0.022, 0.066, 0.4]];
  for (const side of [-1, 1]) {
    const box = new Solid();
    part.hull(box, pod, sides, (k, up) => (up < -0.6 ? CARBON : k === 2 && up > 0.9 ? DEEP : PAINT));
    solid.add(box, ([x, y, z]) => [x, y + side * 0.042, z]);
    solid.box([0.0275, 0.0295, side * 0.042 - 0.02, side * 0.042 + 0.02], [0.0275, 0.0295, side * 0.042 - 0.02, side * 0.042 + 0.02], 0.032, 0.06, CARBON);
    for (const x of part.AXLE_X_M) for (const z of [0.03, 0.05]) part.bar(solid, [x + 0.02 * Math.sign(-x), 0.018 * side, z], [x, 0.066 * side, z - 0.004], 0.0032, CARBON, 4);
  }
  part.plate(solid, [0.138, 0.174], 0.09, [0.018, 0.0225], STRIPE);
  part.plate(solid, [0.134, 0.15], 0.088, [0.03, 0.034], PAINT);
  part.pair(solid, [0.13, 0.176, 0.088, 0.0915], [0.015, 0.042], PAINT);
  part.plate(solid, [-0.168, -0.14], 0.066, [0.1, 0.1045], STRIPE);
  part.plate(solid, [-0.17, -0.155], 0.064, [0.112, 0.116], PAINT);
  part.pair(solid, [-0.174, -0.134, 0.064, 0.0675], [0.066, 0.122], PAINT);
  part.pair(solid, [-0.158, -0.148, 0.01, 0.013], [0.05, 0.1], CARBON);
  const seat = [[-0.036, 0.02, 0.07, 0.0885, 0.7], [-0.015, 0.023, 0.066, 0.089, 0.7], [0.024, 0.018, 0.066, 0.083, 0.7]];
  part.hull(solid, seat, sides, () => GLASS);
  lights(solid, { front: [0.1, 0.101, 0.2, 0.2], frontZ: [0.01, 0.01], rear: [-0.159, -0.154, 0.0, 0.012], rearZ: [0.042, 0.056] });
  if (!detail) return solid;
  for (const side of [-1, 1]) {
    part.bar(solid, [-0.03, 0.026 * side, 0.098], [0.012, 0.024 * side, 0.103], 0.0034, CARBON, 5);
    part.bar(solid, [0.012, 0.024 * side, 0.103], [0.036, 0, 0.1], 0.0034, CARBON, 5);
    part.bar(solid, [-0.034, 0.026 * side, 0.08], [-0.03, 0.026 * side, 0.098], 0.0034, CARBON, 5);
    solid.box([0.03, 0.036, side * 0.05 - 0.009, side * 0.05 + 0.009], [0.03, 0.036, side * 0.05 - 0.009, side * 0.05 + 0.009], 0.078, 0.087, DEEP);
  }
  part.bar(solid, [0.036, 0, 0.1], [0.05, 0, 0.074], 0.0034, CARBON, 5);
  solid.box([-0.064, -0.056, -0.012, 0.012], [-0.064, -0.056, -0.009, 0.009], 0.116, 0.13, STRIPE);
  return solid;
}

function lights(solid, { front, frontZ, rear, rearZ }) {
  part.pair(solid, front, frontZ, LAMP);
  part.pair(solid, rear, rearZ, BRAKE);
}

const BUILD = { classic, wedge, buggy, formula };
const ROOF_M = { classic: 0.1275, wedge: 0.117, buggy: 0.14, formula: 0.118 };

export const SHELLS = Object.keys(BUILD);

/** @param {string} shell @returns {string} one that there is */
export function knownShell(shell) {
  return shell in BUILD ? shell : "classic";
}

/**
 * The body without wheels.
 * @param {string} shell
 * @param {boolean} detail fine or coarse
 */
export function body(shell, detail) {
  return BUILD[knownShell(shell)](detail);
}

/** Height of the roof, where a LIDAR sits (m). */
export function roof_m(shell) {
  return ROOF_M[knownShell(shell)];
}

/** A block as large as a car: what casts its shadow, and what stands for it far away. */
export function outline(shell, isSeen = false) {
  const solid = new Solid();
  const [BODY, CABIN, TYRES] = isSeen ? [PAINT, GLASS, part.RUBBER] : [CARBON, CARBON, CARBON];
  const isOpen = shell === "formula" || shell === "buggy";
  const half = isOpen ? 0.05 : 0.086;
  solid.box([-0.158, 0.162, -half, half], [-0.155, 0.15, -half + 0.008, half - 0.008], 0.02, 0.075, BODY);
  solid.box([-0.11, 0.055, -0.046, 0.046], [-0.08, 0.01, -0.04, 0.04], 0.075, roof_m(shell) - 0.004, CABIN);
  if (shell !== "classic") part.plate(solid, [-0.172, -0.138], shell === "wedge" ? 0.094 : 0.064, [0.1, 0.118], CARBON);
  solid.box([0.12, 0.132, -0.012, 0.012], [0.118, 0.136, -0.018, 0.018], 0.06, 0.146, CARBON);
  for (const x of part.AXLE_X_M) part.pair(solid, [x - 0.033, x + 0.033, 0.062, 0.098], [0, 0.06], TYRES);
  return solid;
}

/** A box of cardboard with tape and orange marks; sizes as the simulator has them. */
export function cardboard() {
  const solid = new Solid();
  const [x, y, z] = [0.2, 0.15, 0.25];
  solid.box([-x, x, -y, y], [-x, x, -y, y], 0, z, { colour: rgb("#b98a55") });
  solid.box([-x - 0.001, x + 0.001, -0.022, 0.022], [-x - 0.001, x + 0.001, -0.022, 0.022], z * 0.7, z + 0.001, { colour: rgb("#e0c79b"), gloss: 0.4 });
  const mark = { colour: rgb("#ff7a1a") };
  for (const side of [-1, 1]) {
    solid.box([-0.07, 0.07, side * y - 0.001, side * y + 0.001], [-0.07, 0.07, side * y - 0.001, side * y + 0.001], 0.06, 0.16, mark);
    solid.box([side * x - 0.001, side * x + 0.001, -0.07, 0.07], [side * x - 0.001, side * x + 0.001, -0.07, 0.07], 0.06, 0.16, mark);
  }
  return solid;
}
