/** What a replay offers besides: a link to this moment, a film, a recording by the browser. */

import { make, write } from "./elements.js";
import { shareAddress } from "./replay.js";

const KINDS = ["video/mp4;codecs=avc1", "video/mp4", "video/webm;codecs=vp9", "video/webm"];
const FILM_HZ = 30;

/** The best format in which this browser records; null when it records none. */
export function recordingKind() {
  return typeof MediaRecorder === "undefined" ? null : (KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) ?? null);
}

export class Extras {
  /** @param {{film: string | null, canShare: boolean}} options */
  constructor({ film, canShare }) {
    this.share = make("button", { type: "button", title: "Copy a link to these laps at this moment", onclick: () => this.copy() }, ["Copy link"]);
    this.record = make("button", { type: "button", "aria-pressed": "false", title: "Record this view in the browser and download it", onclick: () => this.toggle() }, ["Record view"]);
    this.told = make("span", { role: "status", class: "world-told" });
    const download = film && make("a", { class: "world-link", href: film, download: "" }, ["Download film"]);
    this.elements = [...(canShare ? [this.share] : []), ...(download ? [download] : []), ...(recordingKind() ? [this.record] : []), this.told];
  }

  /** @param {import("./view.js").WorldView} view */
  attach(view) {
    this.view = view;
    if (!view.stage) this.record.hidden = true;
  }

  async copy() {
    const { view } = this;
    const address = shareAddress(location.href, { time_s: view.source.clock.time_s, camera: view.mode, car: view.followed, rate: view.source.clock.rate });
    history.replaceState(history.state, "", address);
    try {
      await navigator.clipboard.writeText(address);
      write(this.told, "Link copied.");
    } catch {
      write(this.told, "The address bar has the link now; copy it from there.");
    }
  }

  toggle() {
    if (this.recorder?.state === "recording") this.recorder.stop();
    else this.begin();
  }

  begin() {
    const kind = recordingKind();
    const parts = [];
    this.recorder = new MediaRecorder(this.view.canvas.captureStream(FILM_HZ), { mimeType: kind, videoBitsPerSecond: 8e6 });
    this.recorder.ondataavailable = ({ data }) => parts.push(data);
    this.recorder.onstop = () => {
      const link = make("a", { href: URL.createObjectURL(new Blob(parts, { type: kind })), download: `racecraft-replay.${kind.includes("mp4") ? "mp4" : "webm"}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      write(this.record, "Record view");
      this.record.setAttribute("aria-pressed", "false");
    };
    this.recorder.start(500);
    this.view.source.clock.play?.();
    write(this.record, "Stop recording");
    this.record.setAttribute("aria-pressed", "true");
  }
}
