// A car that really learns: Q-learning over a coarse picture of where it is on the road.
// It has no camera and no network, only a table with a row for each of 75 situations.
// Every step teaches those before it a little too (traces: Watkins' Q(lambda), 1989).
"use strict";
import { randomOf } from "../world/random.js";
import { Road, angle } from "./road.js";

export const ACTIONS = ["left", "straight", "right"];
const STEER = [1, 0, -1];
const SPEED_MPS = 1.2;
const PERIOD_S = 1 / 10;
const MOST_TURN_RADPS = 2.6;
const LOOK_M = 0.45;
const MOST_STEPS = 400;
const OFFSETS = [-0.55, -0.18, 0.18, 0.55]; // share of half the width, left is positive
const HEADINGS = [-0.5, -0.2, 0.2, 0.5]; // radians between the car and the road
const TURNS = [-0.22, 0.22]; // radians that the road turns within LOOK_M
const SITUATIONS = (OFFSETS.length + 1) * (HEADINGS.length + 1) * (TURNS.length + 1);

export const SETTINGS = { learningRate: 0.15, discount: 0.93, trace: 0.8, exploration: 0.3, decay: 0.975, least: 0.01 };
/** Below this a trace is as good as gone. */
const LEAST_TRACE = 0.01;

export class Learner {
  /** @param {number} seed the same seed learns the same, on every machine */
  constructor(seed, road = new Road(), settings = SETTINGS) {
    this.road = road;
    this.settings = settings;
    this.random = randomOf(`toy car ${seed}`);
    this.table = Array.from({ length: SITUATIONS }, () => [0, 0, 0]);
    this.tries = 0;
    this.steps = 0;
    this.exploration = settings.exploration;
    /** Of each try, the share of the lap it came, 0 to 1. */
    this.reached = [];
    this.start();
  }

  /** Put the car on a place of the road; tries begin everywhere, so that every corner is met. */
  start(alongM = this.random() * this.road.lengthM) {
    const k = this.road.index(alongM);
    const [x, y] = this.road.points[k];
    this.car = { x, y, yaw: this.road.yaws[k], along: k * this.road.stepM, offset: 0 };
    this.beganM = this.car.along;
    this.stepsOfTry = 0;
    this.trail = [[x, y]];
    this.situation = this.see();
    this.last = null;
    /** How much each step of this try still learns: [situation, action, share]. */
    this.traces = [];
  }

  /** Number of the situation that the car is in. */
  see() {
    const { along, offset, yaw } = this.car;
    const k = this.road.index(along);
    const side = bin(OFFSETS, offset / (this.road.widthM / 2));
    const heading = bin(HEADINGS, angle(yaw - this.road.yaws[k]));
    const turn = bin(TURNS, this.road.turn(along, LOOK_M));
    return (side * (HEADINGS.length + 1) + heading) * (TURNS.length + 1) + turn;
  }

  get progress() {
    return Math.min(Math.max((this.car.along - this.beganM) / this.road.lengthM, 0), 1);
  }

  /**
   * One step: choose, drive, be paid, learn.
   * @returns {boolean} whether the try is over
   */
  step() {
    const isGuess = this.random() < this.exploration;
    const action = isGuess ? Math.floor(this.random() * ACTIONS.length) : best(this.table[this.situation], this.random);
    const before = this.situation;
    const { reward, isOff, isLap } = this.drive(action);
    const ahead = isOff ? 0 : Math.max(...this.table[this.situation]);
    this.teach(before, action, reward + this.settings.discount * ahead, isGuess);
    this.steps += 1;
    this.last = { action, isGuess, reward, isOff, isLap };
    const isOver = isOff || isLap || this.stepsOfTry >= MOST_STEPS;
    if (isOver) {
      this.tries += 1;
      this.reached.push(isLap ? 1 : this.progress);
      this.exploration = Math.max(this.settings.least, this.exploration * this.settings.decay);
    }
    return isOver;
  }

  /** Move what the table says of a step, and of those before it, towards what it was worth. */
  teach(situation, action, worth, isGuess) {
    const { learningRate, discount, trace } = this.settings;
    const error = worth - this.table[situation][action];
    // A guess says nothing about the plan that the steps before it followed.
    const kept = isGuess ? [] : this.traces.filter((each) => each[0] !== situation);
    this.traces = kept.map(([s, a, share]) => [s, a, share * discount * trace]).filter((each) => each[2] > LEAST_TRACE);
    this.traces.push([situation, action, 1]);
    for (const [s, a, share] of this.traces) this.table[s][a] += learningRate * share * error;
  }

  /** Drive without learning; metres forward are paid, leaving the road costs one. */
  drive(action) {
    const { car, road } = this;
    car.yaw = angle(car.yaw + STEER[action] * MOST_TURN_RADPS * PERIOD_S);
    car.x += SPEED_MPS * PERIOD_S * Math.cos(car.yaw);
    car.y += SPEED_MPS * PERIOD_S * Math.sin(car.yaw);
    const place = road.locate(car.x, car.y, car.along);
    const isOff = Math.abs(place.offset) > road.widthM / 2;
    const forwardM = place.along - car.along;
    car.along = place.along;
    car.offset = place.offset;
    this.stepsOfTry += 1;
    this.trail.push([car.x, car.y]);
    this.situation = this.see();
    return { reward: isOff ? -1 : forwardM, isOff, isLap: !isOff && car.along - this.beganM >= road.lengthM };
  }

  /** Learn a whole try. */
  finishTry() {
    this.start();
    while (!this.step());
  }

  /** Share of a lap that it comes from the start line without guessing; nothing is learnt. */
  examine() {
    const { car, beganM, trail, stepsOfTry, situation, last, traces } = this;
    this.start(0);
    let over = false;
    while (!over && this.stepsOfTry < MOST_STEPS) {
      const done = this.drive(best(this.table[this.situation], () => 0));
      over = done.isOff || done.isLap;
    }
    const found = this.progress;
    Object.assign(this, { car, beganM, trail, stepsOfTry, situation, last, traces });
    return found;
  }
}

/** Index of the largest value; among equals chance decides. */
export function best(values, random) {
  const most = Math.max(...values);
  const equal = values.flatMap((value, k) => (value === most ? [k] : []));
  return equal[Math.floor(random() * equal.length)];
}

/** Number of limits that a value is above. */
function bin(limits, value) {
  return limits.filter((limit) => value > limit).length;
}
