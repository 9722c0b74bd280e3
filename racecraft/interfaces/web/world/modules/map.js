/** The track from above as a flat drawing: small in the corner, or large where there is no 3D. */

const NORTH_UP_PAD = 0.06;

export class RoadMap {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.last_ms = 0;
  }

  /** @param {import("./course.js").Geometry} geometry */
  setTrack(geometry) {
    this.geometry = geometry;
    this.width = 0;
  }

  /** Paint the road once for the size that the drawing has now. */
  prepare() {
    const dense = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!this.geometry || (width === this.width && height === this.height) || !width || !height) return Boolean(this.road);
    Object.assign(this, { width, height, dense });
    this.canvas.width = width * dense;
    this.canvas.height = height * dense;
    const { inner, outer, centre } = this.geometry;
    const all = [...inner, ...outer];
    const [xs, ys] = [all.map((point) => point[0]), all.map((point) => point[1])];
    const [low_x, high_x, low_y, high_y] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const room = 1 - 2 * NORTH_UP_PAD;
    this.scale = Math.min((width * room) / (high_x - low_x), (height * room) / (high_y - low_y));
    this.x0 = width / 2 - (this.scale * (low_x + high_x)) / 2;
    this.y0 = height / 2 + (this.scale * (low_y + high_y)) / 2;
    this.road = document.createElement("canvas");
    this.road.width = this.canvas.width;
    this.road.height = this.canvas.height;
    this.paintRoad(this.road.getContext("2d"), { inner, outer, centre });
    return true;
  }

  paintRoad(pen, { inner, outer, centre }) {
    pen.scale(this.dense, this.dense);
    const path = (line) => {
      line.forEach(([x, y], k) => pen[k ? "lineTo" : "moveTo"](...this.at(x, y)));
      pen.closePath();
    };
    pen.beginPath();
    path(outer);
    path(inner);
    pen.fillStyle = "rgb(120 126 136 / 0.85)";
    pen.fill("evenodd");
    pen.lineWidth = 1.4;
    pen.strokeStyle = "rgb(255 255 255 / 0.92)";
    pen.stroke();
    pen.beginPath();
    path(centre);
    pen.setLineDash([3, 4]);
    pen.strokeStyle = "rgb(255 138 42 / 0.9)";
    pen.lineWidth = 1;
    pen.stroke();
    const [x, y] = this.at(...centre[0]);
    const turn = -Math.atan2(centre[1][1] - centre[0][1], centre[1][0] - centre[0][0]);
    const half = (this.geometry.width_m / 2) * this.scale;
    pen.setLineDash([]);
    pen.lineWidth = 2;
    pen.strokeStyle = "#fff";
    pen.beginPath();
    pen.moveTo(x - half * Math.sin(turn), y + half * Math.cos(turn));
    pen.lineTo(x + half * Math.sin(turn), y - half * Math.cos(turn));
    pen.stroke();
  }

  at(x_m, y_m) {
    return [this.x0 + x_m * this.scale, this.y0 - y_m * this.scale];
  }

  /**
   * @param {import("./fleet.js").CarState[]} states
   * @param {string[]} colours one a car
   * @param {number} followed
   */
  draw(states, colours, followed, things = []) {
    if (!this.prepare()) return;
    const { pen } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.road, 0, 0);
    pen.setTransform(this.dense, 0, 0, this.dense, 0, 0);
    pen.fillStyle = "#c98f54";
    for (const { x_m, y_m } of things) {
      const [x, y] = this.at(x_m, y_m);
      pen.fillRect(x - 2.5, y - 2.5, 5, 5);
    }
    states.forEach((state, k) => k !== followed && this.dot(state, colours[k], 3.4));
    if (states[followed]) this.dot(states[followed], "#ff7a1a", 5.2);
  }

  dot(state, colour, radius) {
    if (!state.isShown) return;
    const [x, y] = this.at(state.x_m, state.y_m);
    this.pen.beginPath();
    this.pen.arc(x, y, radius, 0, 7);
    this.pen.fillStyle = colour;
    this.pen.fill();
    this.pen.lineWidth = 1.3;
    this.pen.strokeStyle = "#fff";
    this.pen.stroke();
  }
}
