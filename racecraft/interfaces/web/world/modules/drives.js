/** Laps from the API's recorded drives (`…/evaluations/{stamp}/drives`), as the replay wants them. */

/** The recorded point lies this far ahead of the middle between the axles (m). */
const NOSE_M = 0.14;

/**
 * Which recorded lap to show, and how.
 * @typedef {object} LapRef
 * @property {string} model_id
 * @property {string} stamp of the evaluation
 * @property {number} trial its number in there, from 1
 * @property {string} label
 * @property {string} [shell]
 * @property {string} [colour]
 * @property {string[]} [sensors]
 * @property {number | null} [lap_time_s]
 * @property {string} [drives] where the API has the laps, when not with an evaluation of the model
 */

/**
 * @param {object} drive as the API answers
 * @param {LapRef} ref
 * @returns {import("./replay.js").Lap}
 */
export function lapOf(drive, ref) {
  const { yaw_rad, objects } = drive;
  return {
    ...ref,
    id: `${ref.model_id} ${ref.stamp} ${ref.trial}`,
    ending: drive.status,
    steps: {
      time_s: drive.time_s,
      x_m: drive.x_m.map((x, k) => x - NOSE_M * Math.cos(yaw_rad[k])),
      y_m: drive.y_m.map((y, k) => y - NOSE_M * Math.sin(yaw_rad[k])),
      heading_rad: yaw_rad,
      speed_mps: drive.speed_mps,
      steering_rad: drive.steering_deg.map((deg) => (deg * Math.PI) / 180),
      progress_percent: drive.progress_percent,
      reward: drive.reward,
      status: drive.time_s.map(() => 1),
    },
    things: objects && { kind: objects.kind, x_m: objects.x_m, y_m: objects.y_m, heading_rad: objects.yaw_rad },
  };
}

async function ask(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.error?.message ?? `The service answered ${answer.status} to ${address}.`);
  return answer.json();
}

function sheetOf(api, { drives, model_id, stamp }) {
  return `${api}/${drives || `models/${encodeURIComponent(model_id)}/evaluations/${encodeURIComponent(stamp)}/drives`}`;
}

/**
 * The road and the laps; laps that are gone are left out.
 * @param {string} api
 * @param {{name: string, is_reversed: boolean}} track
 * @param {LapRef[]} refs
 * @returns {Promise<{geometry: object, laps: import("./replay.js").Lap[]}>}
 */
export async function loadLaps(api, track, refs) {
  const sheets = new Map();
  for (const ref of refs) {
    const address = sheetOf(api, ref);
    if (!sheets.has(address)) sheets.set(address, ask(address));
  }
  const road = ask(`${api}/tracks/${encodeURIComponent(track.name)}/geometry?reversed=${Boolean(track.is_reversed)}`);
  const [geometry, ...answers] = await Promise.all([road, ...sheets.values()]);
  const found = new Map([...sheets.keys()].map((address, k) => [address, answers[k].items]));
  const laps = refs.flatMap((ref) => {
    const drive = found.get(sheetOf(api, ref))[ref.trial - 1];
    return drive ? [lapOf(drive, ref)] : [];
  });
  if (!laps.length) throw new Error("None of these laps is recorded any more; go back and choose others.");
  return { geometry, laps };
}
