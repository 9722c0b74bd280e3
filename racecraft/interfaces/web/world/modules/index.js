/** What pages use of the world. */

import { LiveSource } from "./live.js";
import { ReplaySource, shareAddress, sharedState } from "./replay.js";
import { SightPanel } from "./sight.js";
import { WorldView } from "./view.js";

export { Course } from "./course.js";
export { GarageCar } from "./garage.js";
export { LiveClock, ReplayClock } from "./clock.js";
export { Stage, hasWebGL } from "./stage.js";
export { Timeline, emptyState } from "./timeline.js";
export { readSegment } from "./segments.js";
export { LiveSource, ReplaySource, SightPanel, WorldView, shareAddress, sharedState };

/**
 * Show a job as it happens.
 * @param {HTMLElement} host
 * @param {{job_id: string, camera?: string, api?: string, socket?: string, sight?: HTMLElement | null}} options
 */
export function openLive(host, { job_id, camera, api, socket, sight = null }) {
  const source = new LiveSource(job_id, { api, socket });
  const view = new WorldView(host, source, { camera, label: "3D view of the cars of this job" });
  if (sight) {
    const panel = new SightPanel(sight, source);
    source.onFrame = (shown, now_ms) => panel.show(shown, now_ms);
  }
  return view;
}

/**
 * Show recorded laps.
 * @param {HTMLElement} host
 * @param {{geometry: object, laps: object[], shares?: boolean, film?: string | null}} options
 */
export function openReplay(host, { geometry, laps, shares = false, camera, at_s = 0, car = 0, rate = 1 }) {
  const wanted = shares ? sharedState(location.href) : { at_s, camera, car, rate };
  const source = new ReplaySource(geometry, laps, { ...wanted, isPaused: wanted.at_s > 0 || undefined });
  source.follow(Math.min(wanted.car, laps.length - 1));
  return new WorldView(host, source, { camera: wanted.camera, car: wanted.car, label: "3D replay of recorded laps" });
}
