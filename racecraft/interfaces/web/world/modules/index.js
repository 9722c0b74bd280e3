/** What pages use of the world. */

import { loadLaps } from "./drives.js";
import { make } from "./elements.js";
import { Extras } from "./extras.js";
import { LiveSource } from "./live.js";
import { ReplaySource, shareAddress, sharedState } from "./replay.js";
import { SightPanel } from "./sight.js";
import { WorldView } from "./view.js";

export { Course } from "./course.js";
export { GarageCar } from "./garage.js";
export { LiveClock, ReplayClock } from "./clock.js";
export { Stage, hasWebGL } from "./stage.js";
export { Timeline, emptyState } from "./timeline.js";
export { lapOf } from "./drives.js";
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
 * @param {object} options
 * @param {object} options.geometry
 * @param {import("./replay.js").Lap[]} options.laps the first is followed, the others are ghosts
 * @param {boolean} [options.shares] whether the page's address tells time, camera, car and speed
 * @param {string | null} [options.film] address of a film to download
 */
export function openReplay(host, { geometry, laps, shares = false, film = null, ...state }) {
  const wanted = { at_s: 0, rate: 1, car: 0, camera: "chase", ...(shares ? sharedState(location.href) : {}), ...state };
  const car = Math.min(wanted.car, laps.length - 1);
  const source = new ReplaySource(geometry, laps, { ...wanted, isPaused: wanted.at_s > 0 || undefined });
  source.follow(car);
  const extras = new Extras({ film, canShare: shares });
  const view = new WorldView(host, source, { camera: wanted.camera, car, label: "3D replay of recorded laps", extra: extras.elements });
  view.playback.rate.element.value = String(wanted.rate);
  extras.attach(view);
  return view;
}

/**
 * Load recorded laps from the API and show them; what goes wrong stands where the picture would.
 * @param {HTMLElement} host
 * @param {{api?: string, track: {name: string, is_reversed: boolean}, laps: import("./drives.js").LapRef[]}} options
 */
export async function openRecorded(host, { api = "/api", track, laps, ...more }) {
  try {
    const loaded = await loadLaps(api, track, laps);
    return openReplay(host, { ...loaded, ...more });
  } catch (error) {
    host.replaceChildren(make("p", { class: "world-flat", role: "alert" }, [String(error.message)]));
    return null;
  }
}
