/** Pictures drawn by us: asphalt, grass, sky, the banner over the start line. */

import { THREE } from "nicegui-scene";
import { css, mix, scaled } from "./palette.js";

/** @param {number} width @param {number} height */
function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function tile(canvas) {
  const texture = new THREE.CanvasTexture(canvas);
  texture.wrapS = texture.wrapT = THREE.RepeatWrapping;
  texture.minFilter = THREE.LinearMipmapNearestFilter;
  return texture;
}

/** Fine stones; grey around one half. @param {() => number} random */
export function asphaltTexture(random) {
  const canvas = canvasOf(256, 256);
  const pen = canvas.getContext("2d");
  const picture = pen.createImageData(256, 256);
  for (let k = 0; k < picture.data.length; k += 4) {
    const stone = random();
    const grey = 127 + (random() - 0.5) * 26 + (stone > 0.975 ? 34 : stone < 0.03 ? -30 : 0);
    picture.data[k] = picture.data[k + 1] = picture.data[k + 2] = grey;
    picture.data[k + 3] = 255;
  }
  pen.putImageData(picture, 0, 0);
  pen.globalAlpha = 0.05;
  for (let k = 0; k < 14; k++) {
    pen.fillStyle = random() > 0.5 ? "#fff" : "#000";
    blot(pen, random() * 256, random() * 256, 20 + random() * 40, 256);
  }
  return tile(canvas);
}

/** A disc that goes on at the other side of the tile. */
function blot(pen, x, y, radius, size) {
  for (const dx of [-size, 0, size]) {
    for (const dy of [-size, 0, size]) {
      pen.beginPath();
      pen.arc(x + dx, y + dy, radius, 0, 7);
      pen.fill();
    }
  }
}

/** Blades and tufts; around one half, a little warmer and cooler here and there. */
export function grassTexture(random) {
  const size = 256;
  const canvas = canvasOf(size, size);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "rgb(124 127 122)";
  pen.fillRect(0, 0, size, size);
  for (let k = 0; k < 20; k++) {
    pen.globalAlpha = 0.07;
    pen.fillStyle = random() > 0.5 ? "rgb(160 158 110)" : "rgb(88 112 92)";
    blot(pen, random() * size, random() * size, 14 + random() * 34, size);
  }
  for (let k = 0; k < 5200; k++) {
    const light = random();
    pen.globalAlpha = 0.34;
    pen.strokeStyle = `rgb(${96 + light * 84} ${102 + light * 80} ${88 + light * 66})`;
    pen.lineWidth = 0.7 + random() * 0.7;
    const [x, y] = [random() * size, random() * size];
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + (random() - 0.5) * 5, y - 2 - random() * 6);
    pen.stroke();
  }
  return tile(canvas);
}

/** Degrees of the sky's picture below and above the horizon. */
export const SKY_LOW_DEG = -4;
export const SKY_HIGH_DEG = 90;
const SKY_WIDTH = 3072;
const SKY_HEIGHT = 720;

/** All around: gradient, glow of the sun, clouds, two rows of hills. */
export function skyTexture(palette, random) {
  const canvas = canvasOf(SKY_WIDTH, SKY_HEIGHT);
  const pen = canvas.getContext("2d");
  const rowOf = (deg) => ((SKY_HIGH_DEG - deg) / (SKY_HIGH_DEG - SKY_LOW_DEG)) * SKY_HEIGHT;
  const sky = pen.createLinearGradient(0, 0, 0, rowOf(0));
  sky.addColorStop(0, css(palette.zenith));
  sky.addColorStop(0.5, css(mix(palette.zenith, palette.middle, 0.55)));
  sky.addColorStop(0.8, css(palette.middle));
  sky.addColorStop(0.935, css(mix(palette.middle, palette.horizon, 0.62)));
  sky.addColorStop(1, css(palette.horizon));
  pen.fillStyle = sky;
  pen.fillRect(0, 0, SKY_WIDTH, SKY_HEIGHT);
  pen.fillStyle = css(palette.fog);
  pen.fillRect(0, rowOf(0), SKY_WIDTH, SKY_HEIGHT);
  const sunColumn = columnOf(Math.atan2(palette.sun[1], palette.sun[0]));
  const sunRow = rowOf((Math.asin(palette.sun[2]) * 180) / Math.PI - (palette.isDark ? 21 : 12));
  drawGlow(pen, palette, sunColumn, sunRow);
  if (palette.isDark) drawStars(pen, random, rowOf);
  drawClouds(pen, palette, random, rowOf);
  drawHills(pen, palette.hillFar, palette, random, rowOf, 3.4);
  drawHills(pen, palette.hillNear, palette, random, rowOf, 2.1);
  const texture = new THREE.CanvasTexture(canvas);
  texture.wrapS = THREE.RepeatWrapping;
  texture.minFilter = THREE.LinearFilter;
  texture.generateMipmaps = false;
  return texture;
}

function columnOf(azimuth_rad) {
  const turn = azimuth_rad / (2 * Math.PI);
  return (turn - Math.floor(turn)) * SKY_WIDTH;
}

function drawGlow(pen, palette, column, row) {
  for (const [radius, opacity] of [[900, 0.5], [340, 0.5], [90, 0.75]]) {
    for (const shift of [-SKY_WIDTH, 0, SKY_WIDTH]) {
      const glow = pen.createRadialGradient(column + shift, row, 0, column + shift, row, radius);
      const colour = palette.glow.map((value) => Math.round(value * 255)).join(" ");
      glow.addColorStop(0, `rgb(${colour} / ${opacity})`);
      glow.addColorStop(1, `rgb(${colour} / 0)`);
      pen.fillStyle = glow;
      pen.fillRect(0, 0, SKY_WIDTH, SKY_HEIGHT);
    }
  }
  pen.fillStyle = css(mix(palette.glow, [1, 1, 1], 0.6));
  pen.beginPath();
  pen.arc(column, row, 17, 0, 7);
  pen.fill();
}

function drawStars(pen, random, rowOf) {
  for (let k = 0; k < 420; k++) {
    const deg = 14 + 76 * Math.sqrt(random());
    pen.globalAlpha = (0.15 + 0.75 * random()) * Math.min(1, (deg - 10) / 30);
    pen.fillStyle = "#eef3ff";
    pen.fillRect(random() * SKY_WIDTH, rowOf(deg), 1 + random(), 1 + random());
  }
  pen.globalAlpha = 1;
}

/** Flat-bottomed heaps of soft discs, lit from above. */
function drawClouds(pen, palette, random, rowOf) {
  for (let k = 0; k < 26; k++) {
    const deg = 5 + 30 * random() ** 1.5;
    const size = (0.4 + deg / 22) * (60 + 70 * random());
    const [x, y] = [random() * SKY_WIDTH, rowOf(deg)];
    const opacity = palette.isDark ? 0.16 : 0.34;
    for (let puff = 0; puff < 26; puff++) {
      const away = (random() - 0.5) * 2;
      const px = x + away * size * 1.6;
      const radius = size * (0.16 + 0.3 * random()) * (1 - 0.55 * Math.abs(away));
      const py = y - radius * (0.15 + 0.5 * random());
      softDisc(pen, px, py + radius * 0.4, radius, palette.cloudShade, opacity * 0.8);
      softDisc(pen, px, py, radius, palette.cloud, opacity);
    }
  }
}

function softDisc(pen, x, y, radius, colour, opacity) {
  for (const shift of x < 400 ? [0, SKY_WIDTH] : x > SKY_WIDTH - 400 ? [0, -SKY_WIDTH] : [0]) {
    const disc = pen.createRadialGradient(x + shift, y, 0, x + shift, y, radius);
    const text = colour.map((value) => Math.round(value * 255)).join(" ");
    disc.addColorStop(0, `rgb(${text} / ${opacity})`);
    disc.addColorStop(1, `rgb(${text} / 0)`);
    pen.fillStyle = disc;
    pen.fillRect(x + shift - radius, y - radius, 2 * radius, 1.25 * radius);
  }
}

function drawHills(pen, colour, palette, random, rowOf, height_deg) {
  const waves = Array.from({ length: 7 }, (_, k) => [(k + 1) * 2 + Math.floor(random() * 3), random() * 7, 1 / (k + 1.6)]);
  const foot = rowOf(-0.2);
  const shade = pen.createLinearGradient(0, rowOf(height_deg), 0, foot);
  shade.addColorStop(0, css(colour));
  shade.addColorStop(1, css(mix(colour, palette.fog, 0.8)));
  pen.fillStyle = shade;
  pen.beginPath();
  pen.moveTo(0, foot);
  for (let x = 0; x <= SKY_WIDTH; x += 4) {
    let sum = 0.42;
    for (const [rate, phase, share] of waves) sum += 0.42 * share * Math.sin((x / SKY_WIDTH) * 2 * Math.PI * rate + phase);
    pen.lineTo(x, rowOf(Math.max(0.15, sum) * height_deg));
  }
  pen.lineTo(SKY_WIDTH, foot);
  pen.fill();
}

/** The board over the start line. @param {string} title of the track */
export function bannerTexture(palette, title) {
  const canvas = canvasOf(1024, 128);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#14181d";
  pen.fillRect(0, 0, 1024, 128);
  for (let column = 0; column < 6; column++) {
    for (let row = 0; row < 4; row++) {
      pen.fillStyle = (column + row) % 2 ? "#f5f3ee" : "#14181d";
      pen.fillRect(column * 32, row * 32, 32, 32);
      pen.fillRect(1024 - 32 - column * 32, row * 32, 32, 32);
    }
  }
  pen.strokeStyle = css(palette.dash);
  pen.lineWidth = 9;
  pen.lineCap = "round";
  pen.setLineDash([20, 17]);
  pen.beginPath();
  pen.moveTo(216, 104);
  pen.quadraticCurveTo(224, 34, 290, 28);
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = css(scaled(palette.line, 1));
  pen.textBaseline = "middle";
  pen.font = "700 60px Inter, 'Segoe UI', sans-serif";
  pen.fillText("racecraft", 306, 66, 250);
  pen.font = "500 38px Inter, 'Segoe UI', sans-serif";
  pen.fillStyle = css(palette.dash);
  pen.textAlign = "right";
  pen.fillText(title, 812, 68, 230);
  const texture = new THREE.CanvasTexture(canvas);
  texture.minFilter = THREE.LinearMipmapLinearFilter;
  return texture;
}
