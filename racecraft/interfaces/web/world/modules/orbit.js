/** Turning round a point by mouse, fingers and keys. */

const STEP_RAD = 0.12;
const KEYS = {
  ArrowLeft: (orbit) => (orbit.turn_rad -= STEP_RAD),
  ArrowRight: (orbit) => (orbit.turn_rad += STEP_RAD),
  ArrowUp: (orbit) => orbit.tilt(STEP_RAD),
  ArrowDown: (orbit) => orbit.tilt(-STEP_RAD),
  "+": (orbit) => orbit.zoom(0.88),
  "=": (orbit) => orbit.zoom(0.88),
  "-": (orbit) => orbit.zoom(1.14),
};

export class Orbit {
  constructor({ turn_rad = 2.4, tilt_rad = 0.5, away_m = 1.5, nearest_m = 0.45, farthest_m = 30 } = {}) {
    Object.assign(this, { turn_rad, tilt_rad, away_m, nearest_m, farthest_m });
    /** @type {() => void} called when somebody takes hold of it */
    this.onUse = () => {};
    this.pointers = new Map();
  }

  tilt(by_rad) {
    this.tilt_rad = Math.max(0.04, Math.min(1.5, this.tilt_rad + by_rad));
  }

  zoom(factor) {
    this.away_m = Math.max(this.nearest_m, Math.min(this.farthest_m, this.away_m * factor));
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for us */
  press(event) {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return false;
    act(this);
    this.onUse();
    return true;
  }

  /** @param {HTMLElement} element @param {{zoomsByWheel?: boolean}} options whether the wheel is ours, or the page's */
  listen(element, { zoomsByWheel = true } = {}) {
    const away = new AbortController();
    const on = (name, act) => element.addEventListener(name, act, { signal: away.signal, passive: false });
    on("pointerdown", (event) => this.down(event, element));
    on("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) on(name, (event) => this.pointers.delete(event.pointerId));
    if (zoomsByWheel) on("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(Math.max(-120, Math.min(120, event.deltaY)) * 0.0016));
      this.onUse();
    });
    return () => away.abort();
  }

  down(event, element) {
    element.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  drag(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    const other = [...this.pointers.entries()].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const before = Math.hypot(last.x - other.x, last.y - other.y);
      const after = Math.hypot(event.clientX - other.x, event.clientY - other.y);
      this.zoom(before / Math.max(after, 1));
    } else {
      this.turn_rad -= dx * 0.008;
      this.tilt(dy * 0.006);
    }
    last.x = event.clientX;
    last.y = event.clientY;
    if (Math.abs(dx) + Math.abs(dy) > 1) this.onUse();
  }
}
