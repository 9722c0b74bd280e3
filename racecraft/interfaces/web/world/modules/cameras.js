/**
 * Where we look from. Every camera answers with a place, a point that it looks at and a lens;
 * the stage glides from one to the next.
 */

import { wrapped } from "./course.js";

/**
 * @typedef {object} Shot
 * @property {number[]} from x, y, z (m)
 * @property {number[]} at x, y, z (m)
 * @property {number} lens_deg vertical angle of view
 * @property {number[]} [up]
 * @property {boolean} [isHard] a cut: no glide to it
 */

export const CAMERAS = {
  chase: { label: "Chase", help: "behind the car, looking into the corner" },
  orbit: { label: "Orbit", help: "round the car: drag, pinch, or use the arrow keys, plus and minus" },
  onboard: { label: "On board", help: "from the car itself" },
  above: { label: "Above", help: "the whole track from above; zoom in to follow the car" },
  tv: { label: "TV", help: "cameras beside the track, cut by themselves" },
};

const LOOK_AHEAD_S = 0.55;

/** Follows one car in one of five ways. */
export class CameraRig {
  /** @param {import("./course.js").Course} course @param {import("./orbit.js").Orbit} orbit */
  constructor(course, orbit) {
    this.course = course;
    this.orbit = orbit;
    this.mode = "chase";
    this.posts = tvPosts(course);
    this.above_share = 1;
    this.cut();
  }

  /** The next shot begins afresh. */
  cut() {
    this.yaw_rad = null;
    this.section = -1;
    this.post = -1;
    this.isCut = true;
  }

  use(mode) {
    if (!(mode in CAMERAS) || mode === this.mode) return;
    this.mode = mode;
    this.cut();
  }

  /**
   * @param {import("./fleet.js").CarState} car
   * @param {number} step_s since the last shot
   * @param {number} aspect width over height
   * @returns {Shot}
   */
  shot(car, step_s, aspect) {
    const isCut = this.isCut;
    this.isCut = false;
    this.section = this.course.locate(car.x_m, car.y_m, this.section);
    const shot = SHOTS[this.mode](this, car, step_s, aspect);
    return isCut ? { ...shot, isHard: true } : shot;
  }

  /** The car's heading with a lag, so that one sees it turn. */
  lag(wish_rad, step_s, lag_s) {
    const share = 1 - Math.exp(-step_s / lag_s);
    this.yaw_rad = this.yaw_rad === null ? wish_rad : this.yaw_rad + share * wrapped(wish_rad - this.yaw_rad);
    return [Math.cos(this.yaw_rad), Math.sin(this.yaw_rad)];
  }
}

const SHOTS = {
  chase(rig, car, step_s, aspect) {
    const { course, section } = rig;
    const isWrongWay = Math.cos(course.heading_rad[section] - car.heading_rad) < -0.2;
    const ahead = Math.round((0.8 + car.speed_mps * LOOK_AHEAD_S) / course.spacing_m) * (isWrongWay ? -1 : 1);
    const k = (section + ahead + 2 * course.count) % course.count;
    const toRoad = wrapped(Math.atan2(course.y_m[k] - car.y_m, course.x_m[k] - car.x_m) - car.heading_rad);
    const [cosine, sine] = rig.lag(car.heading_rad + Math.max(-0.45, Math.min(0.45, toRoad * 0.45)), step_s, 0.24);
    const away_m = (0.8 + 0.05 * car.speed_mps) * (aspect < 1 ? 1.35 : 1);
    return {
      from: [car.x_m - away_m * cosine, car.y_m - away_m * sine, 0.36],
      at: [car.x_m + 0.55 * cosine, car.y_m + 0.55 * sine, 0.08],
      lens_deg: 50,
    };
  },

  orbit({ orbit }, car) {
    const level_m = Math.cos(orbit.tilt_rad) * orbit.away_m;
    return {
      from: [car.x_m + level_m * Math.cos(orbit.turn_rad), car.y_m + level_m * Math.sin(orbit.turn_rad), 0.06 + Math.sin(orbit.tilt_rad) * orbit.away_m],
      at: [car.x_m, car.y_m, 0.07],
      lens_deg: 42,
    };
  },

  onboard(rig, car, step_s) {
    const [cosine, sine] = rig.lag(car.heading_rad, step_s, 0.06);
    return {
      from: [car.x_m + 0.005 * cosine, car.y_m + 0.005 * sine, 0.178],
      at: [car.x_m + 0.9 * cosine, car.y_m + 0.9 * sine, 0.02],
      lens_deg: 60,
    };
  },

  /** North is up; near the ground the camera follows the car. */
  above(rig, car, _, aspect) {
    const { box } = rig.course;
    const [width_m, height_m] = [box.high_x_m - box.low_x_m + 1.6, box.high_y_m - box.low_y_m + 1.6];
    const lens_deg = 36;
    const full_m = Math.max(height_m, width_m / aspect) / 2 / Math.tan((lens_deg * Math.PI) / 360);
    const share = Math.min(1, rig.above_share);
    const middle = [(box.low_x_m + box.high_x_m) / 2, (box.low_y_m + box.high_y_m) / 2];
    const follow = (1 - share) ** 0.5;
    const [x, y] = [middle[0] + (car.x_m - middle[0]) * follow, middle[1] + (car.y_m - middle[1]) * follow];
    const away_m = full_m * share;
    return { from: [x, y - away_m * 0.1, away_m], at: [x, y, 0], lens_deg, up: [0, 1, 0] };
  },

  /** The camera post that sees the car best; it stays until another is clearly nearer. */
  tv(rig, car) {
    const ahead = [car.x_m + 0.6 * Math.cos(car.heading_rad), car.y_m + 0.6 * Math.sin(car.heading_rad)];
    const away = (post) => Math.hypot(post[0] - ahead[0], post[1] - ahead[1]);
    const best = rig.posts.reduce((near, post, k) => (away(post) < away(rig.posts[near]) ? k : near), 0);
    const isChange = rig.post < 0 || away(rig.posts[best]) < away(rig.posts[rig.post]) - 0.7;
    if (isChange) rig.post = best;
    const post = rig.posts[rig.post];
    const away_m = Math.hypot(post[0] - car.x_m, post[1] - car.y_m);
    return { from: post, at: [car.x_m, car.y_m, 0.06], lens_deg: Math.max(16, Math.min(52, 74 / Math.max(away_m, 0.8))), isHard: isChange };
  },
};

/** Places beside the road, on the outside of bends, that stand clear of any road. */
function tvPosts(course) {
  const count = Math.max(4, Math.round(course.length_m / 3.4));
  const posts = [];
  for (let n = 0; n < count; n++) {
    const k = course.sectionAt((n * course.length_m) / count + 0.7);
    const side = course.bend_per_m[k] > 0 ? course.right : course.left;
    const away_m = side.half_m[k] + 0.5;
    const reach = away_m / side.half_m[k];
    const x = course.x_m[k] + (side.x_m[k] - course.x_m[k]) * reach;
    const y = course.y_m[k] + (side.y_m[k] - course.y_m[k]) * reach;
    posts.push([x, y, n % 3 === 1 ? 0.95 : 0.42]);
  }
  return posts;
}
