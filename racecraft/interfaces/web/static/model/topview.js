// The road and its cars from above, on a canvas.
"use strict";

const MARGIN_PX = 26;
const WINDOW_M = 5.5; // width of the part that is seen when a car is followed
const PATH_STEPS = 60;

export class TopView {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.road = null;
    this.follows = false;
    this.trail = [];
    this.readColours();
  }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    const dark = document.documentElement.dataset.theme === "dark";
    const of = (name) => style.getPropertyValue(name).trim();
    this.colours = {
      field: dark ? "#1c2a22" : "#cfdcc4", road: dark ? "#3a4049" : "#55595f", edge: dark ? "#cfd6de" : "#ffffff",
      dash: of("--accent"), car: of("--accent"), other: dark ? "#9fb0c3" : "#e7ecf1", ink: dark ? "#0b0e12" : "#20252b",
      box: dark ? "#c9a26a" : "#9a6b2d", bot: of("--info"),
    };
  }

  setRoad(road) {
    if (road === this.road) return;
    this.road = road;
    this.trail = [];
    if (!road) return;
    const xs = [...road.inner, ...road.outer];
    this.low = [Math.min(...xs.map((p) => p[0])), Math.min(...xs.map((p) => p[1]))];
    this.high = [Math.max(...xs.map((p) => p[0])), Math.max(...xs.map((p) => p[1]))];
    this.surface = new Path2D();
    this.inner = line(road.inner);
    this.outer = line(road.outer);
    this.centre = line(road.centre);
    this.surface.addPath(this.outer);
    this.surface.addPath(this.inner);
  }

  resize() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    this.ratio = ratio;
    this.width = width;
    this.height = height;
  }

  // Pixels of a metre, and the point of the world in the middle.
  frame(car) {
    const wide = this.high[0] - this.low[0], tall = this.high[1] - this.low[1];
    const whole = Math.min((this.width - 2 * MARGIN_PX) / wide, (this.height - 2 * MARGIN_PX) / tall);
    if (!this.follows || !car) {
      return { scale: whole, x: (this.low[0] + this.high[0]) / 2, y: (this.low[1] + this.high[1]) / 2 };
    }
    return { scale: Math.max(this.width / WINDOW_M, whole), x: car.x + 0.5 * Math.cos(car.heading), y: car.y + 0.5 * Math.sin(car.heading) };
  }

  draw(cars, chosen, things, size) {
    this.resize();
    const { pen, colours } = this;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.fillStyle = colours.field;
    pen.fillRect(0, 0, this.width, this.height);
    if (!this.road) return;
    const view = this.frame(cars.find((car) => car.index === chosen));
    this.place(view);
    this.drawRoad(view);
    this.drawTrail(view);
    for (const thing of things) this.drawThing(thing);
    const body = this.follows ? 1 : Math.max(1, 15 / (view.scale * size.body_length_m));
    for (const car of cars) if (car.index !== chosen) this.drawCar(car, size, body * 0.85, false);
    const mine = cars.find((car) => car.index === chosen);
    if (mine) this.drawCar(mine, size, body, true);
    if (this.follows && mine) this.drawMap(mine);
  }

  place({ scale, x, y }) {
    const k = this.ratio * scale;
    this.pen.setTransform(k, 0, 0, -k, this.ratio * (this.width / 2) - k * x, this.ratio * (this.height / 2) + k * y);
  }

  drawRoad({ scale }) {
    const { pen, colours, road } = this;
    pen.fillStyle = colours.road;
    pen.fill(this.surface, "evenodd");
    pen.lineJoin = "round";
    pen.strokeStyle = colours.edge;
    pen.lineWidth = Math.max(0.035, 1.4 / scale);
    pen.stroke(this.inner);
    pen.stroke(this.outer);
    pen.strokeStyle = colours.dash;
    pen.lineWidth = Math.max(0.022, 1.2 / scale);
    const dash = Math.max(0.18, 5 / scale);
    pen.setLineDash([dash, dash]);
    pen.stroke(this.centre);
    pen.setLineDash([]);
    pen.strokeStyle = colours.edge;
    pen.lineWidth = Math.max(0.06, 2.4 / scale);
    pen.beginPath();
    pen.moveTo(...road.start.inner);
    pen.lineTo(...road.start.outer);
    pen.stroke();
  }

  remember(car, isJump) {
    if (isJump) this.trail = [];
    const last = this.trail[this.trail.length - 1];
    if (last && Math.hypot(last[0] - car.x, last[1] - car.y) < 0.03) return;
    if (last && Math.hypot(last[0] - car.x, last[1] - car.y) > 0.6) this.trail = [];
    this.trail.push([car.x, car.y]);
    if (this.trail.length > PATH_STEPS) this.trail.shift();
  }

  drawTrail({ scale }) {
    const { pen, colours, trail } = this;
    pen.strokeStyle = colours.car;
    pen.lineWidth = Math.max(0.03, 2 / scale);
    pen.lineCap = "round";
    for (let k = 1; k < trail.length; k += 1) {
      pen.globalAlpha = 0.55 * (k / trail.length);
      pen.beginPath();
      pen.moveTo(...trail[k - 1]);
      pen.lineTo(...trail[k]);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  drawThing({ x, y, heading, isBot }) {
    const { pen, colours } = this;
    pen.save();
    pen.translate(x, y);
    pen.rotate(heading);
    pen.fillStyle = isBot ? colours.bot : colours.box;
    pen.beginPath();
    if (isBot) pen.roundRect(-0.16, -0.1, 0.32, 0.2, 0.05);
    else pen.rect(-0.2, -0.15, 0.4, 0.3);
    pen.fill();
    pen.restore();
  }

  drawCar(car, size, factor, isChosen) {
    const { pen, colours } = this;
    const long = size.body_length_m * factor, wide = size.body_width_m * factor;
    const rear = ((size.body_length_m - size.wheelbase_m) / 2) * factor;
    const tyre = [0.2 * long, 0.18 * wide];
    pen.save();
    pen.translate(car.x, car.y);
    pen.rotate(car.heading);
    pen.globalAlpha = car.status === 9 ? 0.3 : 1;
    pen.fillStyle = colours.ink;
    for (const side of [-1, 1]) {
      pen.fillRect(-long / 2 + rear - tyre[0] / 2, (side * wide) / 2 - tyre[1] / 2, ...tyre);
      pen.save();
      pen.translate(long / 2 - rear, (side * wide) / 2);
      pen.rotate(car.steering);
      pen.fillRect(-tyre[0] / 2, -tyre[1] / 2, ...tyre);
      pen.restore();
    }
    pen.fillStyle = isChosen ? colours.car : colours.other;
    pen.beginPath();
    pen.roundRect(-long / 2, -wide / 2, long, wide, [0.1 * long, 0.28 * long, 0.28 * long, 0.1 * long]);
    pen.fill();
    pen.fillStyle = colours.ink;
    pen.beginPath();
    pen.roundRect(-0.05 * long, -0.32 * wide, 0.22 * long, 0.64 * wide, 0.04 * long);
    pen.fill();
    pen.restore();
  }

  // The whole track in the corner.
  drawMap(car) {
    const { pen, colours } = this;
    const wide = Math.min(this.width * 0.26, 190);
    const scale = (wide - 20) / Math.max(this.high[0] - this.low[0], (this.high[1] - this.low[1]) * 1.35);
    const tall = scale * (this.high[1] - this.low[1]) + 20;
    const left = this.width - wide - 12, top = this.height - tall - 12;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.fillStyle = "#101317cc";
    pen.beginPath();
    pen.roundRect(left, top, wide, tall, 10);
    pen.fill();
    const k = this.ratio * scale;
    const x0 = left + (wide - scale * (this.high[0] - this.low[0])) / 2;
    pen.setTransform(k, 0, 0, -k, this.ratio * x0 - k * this.low[0], this.ratio * (top + 10) + k * this.high[1]);
    pen.strokeStyle = "#eef1f4";
    pen.lineWidth = 1.6 / scale;
    pen.stroke(this.centre);
    pen.fillStyle = colours.car;
    pen.beginPath();
    pen.arc(car.x, car.y, 4.5 / scale, 0, 7);
    pen.fill();
  }

  // The car that is nearest to a point of the canvas.
  nearest(x, y, cars) {
    if (!this.road) return null;
    const view = this.frame(cars[0]);
    const toX = (car) => this.width / 2 + (car.x - view.x) * view.scale;
    const toY = (car) => this.height / 2 - (car.y - view.y) * view.scale;
    let best = null, least = 30;
    for (const car of cars) {
      const far = Math.hypot(toX(car) - x, toY(car) - y);
      if (far < least) [best, least] = [car, far];
    }
    return best;
  }
}

function line(points) {
  const made = new Path2D();
  points.forEach(([x, y], k) => (k ? made.lineTo(x, y) : made.moveTo(x, y)));
  made.closePath();
  return made;
}
