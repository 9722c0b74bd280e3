/** Faint tyre marks where cars turn hard or brake; the oldest make room for the newest. */

import { THREE } from "nicegui-scene";

const MOST = 1500;
const HALF_WIDTH_M = 0.011;
const FROM_MPS2 = 2.1;

export class Marks {
  constructor() {
    this.positions = new THREE.BufferAttribute(new Float32Array(MOST * 4 * 3), 3);
    this.positions.setUsage(THREE.DynamicDrawUsage);
    const index = [];
    for (let k = 0; k < MOST; k++) index.push(k * 4, k * 4 + 1, k * 4 + 2, k * 4, k * 4 + 2, k * 4 + 3);
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", this.positions);
    geometry.setIndex(index);
    geometry.setDrawRange(0, 0);
    const material = new THREE.MeshBasicMaterial({ color: 0x0c0d10, transparent: true, opacity: 0.2, depthWrite: false, side: THREE.DoubleSide, polygonOffset: true, polygonOffsetFactor: -1, polygonOffsetUnits: -4 });
    this.mesh = new THREE.Mesh(geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = 3;
    this.clear();
  }

  clear() {
    this.next = 0;
    this.filled = 0;
    this.last = [];
    this.mesh.geometry.setDrawRange(0, 0);
  }

  /** @param {import("./fleet.js").CarState[]} states */
  follow(states, step_s) {
    states.forEach((state, car) => {
      const last = this.last[car];
      if (!state.isShown || state.isGhost) {
        this.last[car] = null;
        return;
      }
      const moved_m = last ? Math.hypot(state.x_m - last.x_m, state.y_m - last.y_m) : 0;
      if (last && moved_m < 0.03) return;
      const turn = (state.speed_mps ** 2 * Math.abs(Math.tan(state.steering_rad))) / 0.164;
      if (last && moved_m < 0.25 && step_s > 0 && turn > FROM_MPS2) this.lay(last, state);
      this.last[car] = { x_m: state.x_m, y_m: state.y_m, heading_rad: state.heading_rad };
    });
  }

  lay(from, to) {
    for (const side of [-0.08, 0.08]) {
      const at = ({ x_m, y_m, heading_rad }, out) => [x_m - 0.082 * Math.cos(heading_rad) - (side + out) * Math.sin(heading_rad), y_m - 0.082 * Math.sin(heading_rad) + (side + out) * Math.cos(heading_rad), 0.002];
      const corners = [at(from, -HALF_WIDTH_M), at(to, -HALF_WIDTH_M), at(to, HALF_WIDTH_M), at(from, HALF_WIDTH_M)];
      this.positions.array.set(corners.flat(), this.next * 12);
      this.positions.addUpdateRange(this.next * 12, 12);
      this.next = (this.next + 1) % MOST;
      this.filled = Math.min(MOST, this.filled + 1);
    }
    this.positions.needsUpdate = true;
    this.mesh.geometry.setDrawRange(0, this.filled * 6);
  }

  dispose() {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }
}
