/** What the network looks at, as a glow on the picture that it sees; without anything of the rest of the world. */

const KEPT = "racecraft_saliency";
const GLOW = [255, 122, 26];
const BRIGHT = [255, 232, 138];

/** Whether this browser shows it. */
export function showsSaliency() {
  try {
    return localStorage.getItem(KEPT) === "on";
  } catch {
    return false;
  }
}

function keep(isShown) {
  try {
    localStorage.setItem(KEPT, isShown ? "on" : "off");
  } catch {
    // A browser that keeps nothing shows it until the page is left.
  }
}

/**
 * The button that shows or hides it, and what its colours mean.
 * @param {(isShown: boolean) => void} onChange
 */
export function saliencyTools(onChange) {
  if (!document.querySelector("link[data-saliency]")) {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("saliency.css", import.meta.url).href });
    link.dataset.saliency = "";
    document.head.append(link);
  }
  const tools = document.createElement("div");
  tools.className = "looks";
  tools.innerHTML = '<button type="button" class="looks-switch">What it looks at</button>' +
    '<span class="looks-scale"><span>little</span><i aria-hidden="true"></i><span>much</span></span>';
  const button = tools.firstElementChild;
  const show = (isShown) => {
    button.setAttribute("aria-pressed", String(isShown));
    tools.classList.toggle("is-on", isShown);
  };
  button.onclick = () => {
    const isShown = button.getAttribute("aria-pressed") !== "true";
    keep(isShown);
    show(isShown);
    onChange(isShown);
  };
  show(showsSaliency());
  return tools;
}

export class Glow {
  constructor() {
    this.canvas = document.createElement("canvas");
  }

  /**
   * Lay the glow of a step over a picture.
   * @param {CanvasRenderingContext2D} context with the picture, which fills it
   * @param {{maps: Uint8Array, mapSteps: Uint16Array, mapHigh: number, mapWide: number}} view
   * @returns {boolean} whether there was anything to lay over it
   */
  paint(context, view, step) {
    const now = this.mapAt(view, step);
    if (!now) return false;
    const { width, height } = context.canvas;
    context.fillStyle = "rgb(8 10 14 / 0.42)"; // a darker picture lets the glow stand out
    context.fillRect(0, 0, width, height);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.tinted(now), 0, 0, width, height);
    return true;
  }

  /** Between two maps the one goes over into the other. */
  mapAt({ maps, mapSteps, mapHigh, mapWide }, step) {
    const size = mapHigh * mapWide;
    if (!mapSteps?.length || !size) return null;
    let k = mapSteps.length - 1;
    while (k > 0 && mapSteps[k] > step) k -= 1;
    const next = Math.min(k + 1, mapSteps.length - 1);
    const gap = mapSteps[next] - mapSteps[k];
    const share = gap ? Math.min(Math.max((step - mapSteps[k]) / gap, 0), 1) : 0;
    const values = Float32Array.from({ length: size }, (_, i) => (1 - share) * maps[k * size + i] + share * maps[next * size + i]);
    return { values, wide: mapWide, high: mapHigh };
  }

  tinted({ values, wide, high }) {
    if (this.canvas.width !== wide || this.canvas.height !== high) Object.assign(this.canvas, { width: wide, height: high });
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(wide, high);
    values.forEach((value, i) => {
      const share = value / 255;
      for (let c = 0; c < 3; c += 1) image.data[4 * i + c] = GLOW[c] + share ** 2 * (BRIGHT[c] - GLOW[c]);
      image.data[4 * i + 3] = 235 * Math.max(share - 0.08, 0) ** 0.8;
    });
    context.putImageData(image, 0, 0);
    return this.canvas;
  }
}
