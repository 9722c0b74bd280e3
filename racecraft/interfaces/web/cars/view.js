// A car on a turntable. All cars of a page are drawn by one renderer, one after the other, because a
// browser gives a page few of them; who asks for less motion gets a car that stands until it is turned.
import { THREE } from "nicegui-scene";
import { buildCar, dropCar } from "racecraft-cars";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const views = new Set();
let renderer = null;
let isRunning = false;

function ready() {
  if (renderer === null) {
    try {
      renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true });
    } catch {
      renderer = false; // a browser without WebGL shows the words beside the picture only
      return renderer;
    }
    renderer.outputColorSpace = THREE.SRGBColorSpace;
    renderer.toneMapping = THREE.ACESFilmicToneMapping;
    renderer.toneMappingExposure = 1.15;
  }
  return renderer;
}

function light(scene) {
  scene.add(new THREE.HemisphereLight(0xffffff, 0x6b6256, 1.6));
  for (const [x, y, z, strength] of [[1, -1.4, 2, 2.6], [-1.5, 1, 1.2, 1.1], [0.4, 2, 0.6, 0.7]]) {
    const lamp = new THREE.DirectionalLight(0xffffff, strength);
    lamp.position.set(x, y, z);
    scene.add(lamp);
  }
}

function shadow() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 128;
  const pen = canvas.getContext("2d");
  const fade = pen.createRadialGradient(64, 64, 8, 64, 64, 64);
  fade.addColorStop(0, "rgba(0,0,0,0.5)");
  fade.addColorStop(1, "rgba(0,0,0,0)");
  pen.fillStyle = fade;
  pen.fillRect(0, 0, 128, 128);
  const material = new THREE.MeshBasicMaterial({ map: new THREE.CanvasTexture(canvas), transparent: true, depthWrite: false });
  const mesh = new THREE.Mesh(new THREE.PlaneGeometry(0.52, 0.36), material);
  mesh.position.z = 0.001;
  return mesh;
}

function loop(now_ms) {
  isRunning = [...views].some((view) => view.isSeen);
  if (!isRunning) return;
  for (const view of views) if (view.isSeen) view.step(now_ms);
  requestAnimationFrame(loop);
}

function run() {
  if (isRunning) return;
  isRunning = true;
  requestAnimationFrame(loop);
}

export default {
  template: `<canvas class="car-view" tabindex="0" role="img" :aria-label="label"
    @pointerdown="hold" @pointermove="drag" @pointerup="release" @pointercancel="release"
    @keydown.left.prevent="turn(-0.2)" @keydown.right.prevent="turn(0.2)"></canvas>`,
  props: { shell: String, colour: String, sensors: Array, label: String },
  mounted() {
    this.pen = this.$el.getContext("2d");
    this.scene = new THREE.Scene();
    light(this.scene);
    this.scene.add(shadow());
    this.camera = new THREE.PerspectiveCamera(26, 1.6, 0.1, 10);
    this.camera.up.set(0, 0, 1);
    this.angle = -0.7;
    this.held = null;
    this.last_ms = null;
    this.isSeen = false;
    this.isStale = true;
    this.put();
    views.add(this);
    this.watcher = new IntersectionObserver(([entry]) => {
      this.isSeen = entry.isIntersecting;
      this.isStale = true;
      if (this.isSeen) run();
    });
    this.watcher.observe(this.$el);
  },
  unmounted() {
    views.delete(this);
    this.watcher.disconnect();
    dropCar(this.car);
  },
  watch: {
    shell() { this.put(); },
    colour() { this.put(); },
    sensors: { deep: true, handler() { this.put(); } },
  },
  methods: {
    put() {
      if (this.car) {
        this.scene.remove(this.car);
        dropCar(this.car);
      }
      this.car = buildCar(this.shell, this.colour, this.sensors ?? undefined);
      this.scene.add(this.car);
      this.isStale = true;
    },
    turn(by) {
      this.angle += by;
      this.isStale = true;
      run();
    },
    hold(event) {
      this.held = event.clientX;
      this.$el.setPointerCapture(event.pointerId);
    },
    drag(event) {
      if (this.held === null) return;
      this.turn((event.clientX - this.held) * 0.012);
      this.held = event.clientX;
    },
    release() {
      this.held = null;
    },
    step(now_ms) {
      const passed_s = this.last_ms === null ? 0 : Math.min((now_ms - this.last_ms) / 1000, 0.1);
      this.last_ms = now_ms;
      const isTurning = !STILL.matches && this.held === null;
      if (isTurning) this.angle += passed_s * 0.45;
      const [width, height] = [this.$el.clientWidth, this.$el.clientHeight];
      if (!width || !(isTurning || this.isStale)) return;
      this.isStale = false;
      this.draw(width, height, Math.min(devicePixelRatio, 2));
    },
    draw(width, height, ratio) {
      const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (this.$el.width !== wide || this.$el.height !== high) Object.assign(this.$el, { width: wide, height: high });
      const drawing = ready();
      if (!drawing) return;
      drawing.setSize(wide, high, false);
      const distance = 0.68 * Math.max(1, 1.5 / (width / height));
      this.camera.aspect = width / height;
      this.camera.updateProjectionMatrix();
      this.camera.position.set(distance * Math.cos(this.angle), distance * Math.sin(this.angle), 0.36);
      this.camera.lookAt(0.01, 0, 0.074);
      drawing.setClearColor(0x000000, 0);
      drawing.render(this.scene, this.camera);
      this.pen.clearRect(0, 0, wide, high);
      this.pen.drawImage(drawing.domElement, 0, 0);
    },
  },
};
