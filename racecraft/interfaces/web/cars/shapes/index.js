// The car in 3D: four shells in seven colours, with their sensors. Metres; x ahead, y left, z up; the
// origin lies on the road below the middle of the axles, as in the simulator.
import { THREE } from "nicegui-scene";

export const COLOURS = {
  black: 0x23272d, red: 0xd43a34, grey: 0x8d959e, white: 0xf1f0ec, purple: 0x7a52c7, blue: 0x2f6fe0,
  orange: 0xff7a1a,
};

// Outlines from the side, as [x, z] from the rear to the front; the body is as wide as `width`.
const SHELLS = {
  classic: {
    width: 0.15, wheel: 0.031, track: 0.078,
    body: [[-0.15, 0.03], [-0.152, 0.075], [-0.12, 0.085], [0.085, 0.08], [0.148, 0.064], [0.152, 0.03]],
    cabin: [[-0.115, 0.08], [-0.085, 0.122], [0.012, 0.124], [0.072, 0.082]], cabinWidth: 0.112,
  },
  wedge: {
    width: 0.156, wheel: 0.031, track: 0.078,
    body: [[-0.15, 0.028], [-0.155, 0.088], [-0.1, 0.092], [0.03, 0.07], [0.16, 0.036], [0.16, 0.026]],
    cabin: [[-0.09, 0.088], [-0.05, 0.112], [0.0, 0.108], [0.062, 0.066]], cabinWidth: 0.104, tail: 0.105,
  },
  buggy: {
    width: 0.104, wheel: 0.038, track: 0.084,
    body: [[-0.12, 0.045], [-0.125, 0.075], [-0.02, 0.082], [0.07, 0.074], [0.145, 0.058], [0.145, 0.045]],
    cage: true,
  },
  formula: {
    width: 0.074, wheel: 0.034, track: 0.086,
    body: [[-0.145, 0.03], [-0.14, 0.075], [-0.07, 0.098], [-0.02, 0.07], [0.06, 0.06], [0.19, 0.036], [0.19, 0.026]],
    wings: true,
  },
};
const AXLES = [-0.082, 0.082];

function prism(outline, width, material, bevel = 0.008) {
  const shape = new THREE.Shape(outline.map(([x, z]) => new THREE.Vector2(x, z)));
  const geometry = new THREE.ExtrudeGeometry(shape, {
    depth: Math.max(width - 2 * bevel, 0.001), bevelEnabled: true, bevelSize: bevel * 0.8,
    bevelThickness: bevel, bevelSegments: 3, curveSegments: 4,
  });
  geometry.rotateX(Math.PI / 2); // the outline stands up, the width goes across
  geometry.translate(0, width / 2 - bevel, 0);
  return new THREE.Mesh(geometry, material);
}

function box(size, at, material) {
  const mesh = new THREE.Mesh(new THREE.BoxGeometry(...size), material);
  mesh.position.set(...at);
  return mesh;
}

function tube(from, to, radius, material) {
  const [a, b] = [new THREE.Vector3(...from), new THREE.Vector3(...to)];
  const way = new THREE.Vector3().subVectors(b, a);
  const mesh = new THREE.Mesh(new THREE.CylinderGeometry(radius, radius, way.length(), 10), material);
  mesh.position.copy(a).addScaledVector(way, 0.5);
  mesh.quaternion.setFromUnitVectors(new THREE.Vector3(0, 1, 0), way.normalize());
  return mesh;
}

function wheel(radius, materials) {
  const group = new THREE.Group();
  const tyre = new THREE.Mesh(new THREE.CylinderGeometry(radius, radius, 0.026, 28), materials.tyre);
  const rim = new THREE.Mesh(new THREE.CylinderGeometry(radius * 0.62, radius * 0.62, 0.028, 20), materials.rim);
  const cap = new THREE.Mesh(new THREE.CylinderGeometry(radius * 0.2, radius * 0.2, 0.031, 12), materials.trim);
  group.add(tyre, rim, cap);
  for (let k = 0; k < 5; k += 1) {
    const spoke = box([radius * 0.13, 0.0295, radius * 1.15], [0, 0, 0], materials.tyre);
    spoke.rotation.y = (k * Math.PI) / 5;
    group.add(spoke);
  }
  return group;
}

function addWheels(car, shell, materials) {
  car.userData.wheels = [];
  for (const x of AXLES) {
    for (const side of [-1, 1]) {
      const steered = new THREE.Group();
      const turning = wheel(shell.wheel, materials);
      steered.position.set(x, side * shell.track, shell.wheel);
      steered.add(turning);
      car.add(steered);
      car.userData.wheels.push({ steered, turning, isFront: x > 0 });
    }
    car.add(tube([x, -shell.track, shell.wheel], [x, shell.track, shell.wheel], 0.006, materials.tyre));
  }
}

function addLights(car, shell, materials) {
  const front = shell.body[shell.body.length - 2];
  for (const side of [-1, 1]) {
    const y = side * (shell.width / 2 - 0.024);
    car.add(box([0.012, 0.026, 0.009], [front[0] - 0.004, y, front[1] - 0.004], materials.lamp));
    car.add(box([0.008, 0.026, 0.01], [shell.body[1][0] - 0.004, y, shell.body[1][1] - 0.014], materials.tail));
  }
}

function addBody(car, shell, materials) {
  car.add(prism(shell.body, shell.width, materials.paint));
  car.add(box([0.27, shell.width * 0.9, 0.012], [0.0, 0, 0.03], materials.tyre));
  if (shell.cabin) {
    car.add(prism(shell.cabin, shell.cabinWidth, materials.glass, 0.006));
    const [rear, front] = [shell.cabin[1], shell.cabin[2]];
    const roof = [[rear[0] - 0.004, rear[1] - 0.004], [rear[0], rear[1] + 0.005], [front[0], front[1] + 0.005], [front[0] + 0.006, front[1] - 0.004]];
    car.add(prism(roof, shell.cabinWidth + 0.002, materials.paint, 0.004));
    car.add(box([0.26, 0.02, 0.002], [-0.01, 0, shell.body[2][1] + 0.0095], materials.trim));
  }
  addLights(car, shell, materials);
}

function addCage(car, materials) {
  for (const side of [-1, 1]) {
    const y = side * 0.044;
    car.add(tube([-0.1, y, 0.075], [-0.045, y, 0.14], 0.005, materials.rim));
    car.add(tube([-0.045, y, 0.14], [0.028, y, 0.136], 0.005, materials.rim));
    car.add(tube([0.028, y, 0.136], [0.085, y, 0.072], 0.005, materials.rim));
    car.add(tube([0.02, side * 0.05, 0.06], [0.082, side * 0.08, 0.06], 0.005, materials.rim));
    car.add(tube([-0.03, side * 0.05, 0.06], [-0.082, side * 0.08, 0.06], 0.005, materials.rim));
  }
  car.add(tube([-0.045, -0.044, 0.14], [-0.045, 0.044, 0.14], 0.005, materials.rim));
  car.add(tube([0.028, -0.044, 0.136], [0.028, 0.044, 0.136], 0.005, materials.rim));
  car.add(box([0.05, 0.06, 0.03], [-0.03, 0, 0.095], materials.glass));
  car.add(box([0.035, 0.02, 0.02], [-0.135, 0, 0.088], materials.trim));
}

function addWings(car, materials) {
  car.add(box([0.05, 0.17, 0.006], [0.185, 0, 0.03], materials.paint));
  car.add(box([0.045, 0.15, 0.006], [-0.14, 0, 0.125], materials.paint));
  for (const side of [-1, 1]) {
    car.add(box([0.055, 0.004, 0.05], [-0.14, side * 0.075, 0.11], materials.trim));
    car.add(box([0.055, 0.004, 0.028], [0.185, side * 0.085, 0.036], materials.trim));
    car.add(box([0.12, 0.03, 0.03], [-0.03, side * 0.052, 0.048], materials.paint));
    car.add(tube([0.07, side * 0.03, 0.05], [0.082, side * 0.08, 0.04], 0.004, materials.tyre));
    car.add(tube([-0.09, side * 0.03, 0.05], [-0.082, side * 0.08, 0.04], 0.004, materials.tyre));
  }
  car.add(box([0.04, 0.04, 0.02], [0.0, 0, 0.072], materials.glass));
  car.add(tube([-0.02, 0, 0.068], [-0.05, 0, 0.11], 0.006, materials.tyre));
  car.add(tube([-0.14, 0, 0.07], [-0.14, 0, 0.125], 0.006, materials.tyre));
}

function addSensors(car, sensors, materials) {
  const isStereo = sensors.includes("STEREO_CAMERAS");
  const eyes = isStereo ? [-0.03, 0.03] : sensors.includes("LEFT_CAMERA") ? [0.03] : [0];
  const z = 0.148;
  car.add(tube([0.03, 0, 0.09], [0.03, 0, z], 0.006, materials.tyre));
  car.add(box([0.02, isStereo ? 0.09 : Math.abs(eyes[0]) * 2 + 0.03, 0.022], [0.03, 0, z], materials.tyre));
  for (const y of eyes) {
    const lens = new THREE.Mesh(new THREE.CylinderGeometry(0.0075, 0.0075, 0.012, 16), materials.lens);
    lens.rotation.z = Math.PI / 2;
    lens.position.set(0.042, y, z);
    car.add(lens);
  }
  if (sensors.some((name) => name.includes("LIDAR"))) {
    const puck = new THREE.Mesh(new THREE.CylinderGeometry(0.03, 0.03, 0.026, 32), materials.tyre);
    const band = new THREE.Mesh(new THREE.CylinderGeometry(0.0305, 0.0305, 0.008, 32), materials.lens);
    for (const part of [puck, band]) {
      part.rotation.x = Math.PI / 2;
      part.position.set(-0.05, 0, 0.15);
      car.add(part);
    }
    car.add(tube([-0.05, 0, 0.08], [-0.05, 0, 0.14], 0.008, materials.tyre));
  }
}

// A car as a THREE.Group; `userData.wheels` has what steers and turns.
export function buildCar(shellName = "classic", colour = "black", sensors = ["FRONT_FACING_CAMERA"]) {
  const shell = SHELLS[shellName] ?? SHELLS.classic;
  const standard = (color, roughness, metalness = 0) =>
    new THREE.MeshStandardMaterial({ color, roughness, metalness });
  const materials = {
    paint: standard(COLOURS[colour] ?? COLOURS.black, 0.34, 0.18), glass: standard(0x0d1319, 0.12, 0.4),
    tyre: standard(0x17191c, 0.85), rim: standard(0xb9c0c8, 0.35, 0.6), trim: standard(colour === "orange" ? 0xf6f3ee : 0xff7a1a, 0.5),
    lamp: new THREE.MeshStandardMaterial({ color: 0xfff6dd, emissive: 0xffe9b0, emissiveIntensity: 0.7 }),
    tail: new THREE.MeshStandardMaterial({ color: 0xd9302c, emissive: 0xa01713, emissiveIntensity: 0.7 }),
    lens: new THREE.MeshStandardMaterial({ color: 0x1c3c66, emissive: 0x17427a, emissiveIntensity: 0.6, roughness: 0.1 }),
  };
  const car = new THREE.Group();
  addWheels(car, shell, materials);
  addBody(car, shell, materials);
  if (shell.cage) addCage(car, materials);
  if (shell.wings) addWings(car, materials);
  addSensors(car, sensors, materials);
  car.traverse((part) => { part.castShadow = part.isMesh === true; });
  return car;
}

// Free what a car holds on the graphics card.
export function dropCar(car) {
  car.traverse((part) => {
    part.geometry?.dispose();
    part.material?.dispose();
  });
}
