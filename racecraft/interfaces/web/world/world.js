// The elements of `elements.py` in the browser: each is a host for one of the modules' views.
import { GarageCar, SightPanel, openLive, openRecorded } from "racecraft-world";

const OPEN = {
  live: (host, options) => openLive(host, options),
  replay: (host, options) => openRecorded(host, options),
  garage: (host, options) => new GarageCar(host, options),
  sight: (host, { of }) => waitFor(of).then((view) => attachSight(host, view)),
};

/** Views by the id of their element, for those that show another side of the same. */
const views = new Map();

async function waitFor(id) {
  for (let tries = 0; tries < 200; tries++) {
    if (views.has(id)) return views.get(id);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

function attachSight(host, view) {
  if (!view) return null;
  const panel = new SightPanel(host, view.source);
  view.source.onFrame = (shown, now_ms) => panel.show(shown, now_ms);
  return { close: () => (view.source.onFrame = null) };
}

export default {
  template: `<div></div>`,
  props: { kind: String, options: Object, number: Number },
  async mounted() {
    const host = document.createElement("div"); // our own: Vue leaves alone what is in it
    this.$el.append(host);
    this.view = await OPEN[this.kind](host, this.options);
    if (this.isGone) this.view?.close();
    else if (this.view) views.set(this.number, this.view);
    host.racecraftWorld = this.view; // for tests and for the curious
  },
  beforeUnmount() {
    this.isGone = true;
    views.delete(this.number);
    this.view?.close();
  },
  methods: {
    show(look) {
      this.view?.show(look);
    },
    use_camera(mode) {
      this.view?.useCamera(mode);
    },
    follow(car) {
      this.view?.follow(car);
    },
  },
};
