/**
 * Shaders, as cheap as they can be: on a machine without a graphics card every pixel is computed by
 * the processor. What stands still has its light baked into its colours; only cars are lit here.
 */

import { THREE } from "nicegui-scene";
import { POSED } from "./flock.js";

const FOG = /* glsl */ `
  uniform vec3 fogColour;
  uniform float fogPerM;
  varying float fogShare;
  float fogOf(vec4 seen) { return 1.0 - exp(-max(0.0, -seen.z - 6.0) * fogPerM); }
`;

/** Values that all materials share; a change of the theme changes them in place. */
export class Light {
  constructor(palette) {
    const vector = () => ({ value: new THREE.Vector3() });
    this.uniforms = {
      fogColour: vector(),
      fogPerM: { value: 0.017 },
      sun: vector(),
      sunColour: vector(),
      ambientSky: vector(),
      ambientGround: vector(),
      zenith: vector(),
      horizon: vector(),
      shadowShare: { value: 0.4 },
      lampShare: { value: 0 },
    };
    this.use(palette);
  }

  /** @param {ReturnType<typeof import("./palette.js").paletteOf>} palette */
  use(palette) {
    const { uniforms } = this;
    uniforms.fogColour.value.set(...palette.fog);
    uniforms.sun.value.set(...palette.sun);
    uniforms.sunColour.value.set(...palette.sunColour).multiplyScalar(palette.sunShare);
    uniforms.ambientSky.value.set(...palette.ambientSky);
    uniforms.ambientGround.value.set(...palette.ambientGround);
    uniforms.zenith.value.set(...palette.zenith);
    uniforms.horizon.value.set(...palette.horizon);
    uniforms.shadowShare.value = palette.shadow;
    uniforms.lampShare.value = palette.lamps;
  }

  /** @param {string[]} names */
  some(...names) {
    return Object.fromEntries(names.map((name) => [name, this.uniforms[name]]));
  }
}

/** Things that stand still: their colour has the light in it already. */
export function plainMaterial(light) {
  return new THREE.ShaderMaterial({
    uniforms: light.some("fogColour", "fogPerM"),
    vertexShader: /* glsl */ `${FOG}
      attribute vec3 color;
      varying vec3 tint;
      void main() {
        vec4 seen = modelViewMatrix * vec4(position, 1.0);
        float share = fogOf(seen);
        tint = mix(color, fogColour, share);
        gl_Position = projectionMatrix * seen;
      }`,
    fragmentShader: /* glsl */ `
      varying vec3 tint;
      void main() { gl_FragColor = vec4(tint, 1.0); }`,
  });
}

/** Grass: colour of the corners, and one look at a texture of blades. */
export function grassMaterial(light, grain) {
  return new THREE.ShaderMaterial({
    uniforms: { ...light.some("fogColour", "fogPerM"), grain: { value: grain } },
    defines: { GRAIN: 1 },
    polygonOffset: true,
    polygonOffsetFactor: 1,
    polygonOffsetUnits: 8,
    vertexShader: /* glsl */ `${FOG}
      attribute vec3 color;
      varying vec3 tint;
      varying vec2 spot;
      void main() {
        vec4 seen = modelViewMatrix * vec4(position, 1.0);
        fogShare = fogOf(seen);
        tint = color;
        spot = position.xy * 0.7;
        gl_Position = projectionMatrix * seen;
      }`,
    fragmentShader: /* glsl */ `
      uniform sampler2D grain;
      uniform vec3 fogColour;
      varying vec3 tint;
      varying vec2 spot;
      varying float fogShare;
      void main() {
        vec3 colour = tint;
        #ifdef GRAIN
        colour *= texture2D(grain, spot).rgb * 2.0;
        #endif
        gl_FragColor = vec4(mix(colour, fogColour, fogShare), 1.0);
      }`,
  });
}

/** Asphalt: grain, white borders and orange dashes that stay sharp at any distance. */
export function roadMaterial(light, grain, palette, dashPeriod_m) {
  const material = new THREE.ShaderMaterial({
    uniforms: {
      ...light.some("fogColour", "fogPerM"),
      grain: { value: grain },
      lineColour: { value: new THREE.Vector3() },
      dashColour: { value: new THREE.Vector3() },
      dashPerM: { value: 1 / dashPeriod_m },
    },
    defines: { GRAIN: 1 },
    vertexShader: /* glsl */ `${FOG}
      attribute vec3 color;
      attribute vec3 lane; // across (m), to the nearer border (m), along (m)
      varying vec3 tint;
      varying vec3 place;
      varying vec2 spot;
      void main() {
        vec4 seen = modelViewMatrix * vec4(position, 1.0);
        fogShare = fogOf(seen);
        tint = color;
        place = lane;
        spot = position.xy * 1.9;
        gl_Position = projectionMatrix * seen;
      }`,
    fragmentShader: /* glsl */ `
      uniform sampler2D grain;
      uniform vec3 fogColour, lineColour, dashColour;
      uniform float dashPerM;
      varying vec3 tint, place;
      varying vec2 spot;
      varying float fogShare;
      void main() {
        vec3 colour = tint;
        #ifdef GRAIN
        colour *= texture2D(grain, spot).r * 2.0;
        #endif
        float across = max(fwidth(place.y), 1e-4);
        float line = clamp((0.032 - abs(place.y)) / across + 0.5, 0.0, 1.0) * min(1.0, 0.064 / across);
        if (abs(place.x) < 0.06) {
          float phase = abs(fract(place.z * dashPerM) - 0.5) * 2.0;
          float along = max(fwidth(place.z) * dashPerM * 2.0, 1e-3);
          float dash = along > 1.2 ? 0.5 : clamp((0.5 - phase) / along + 0.5, 0.0, 1.0);
          float wide = max(fwidth(place.x), 1e-4);
          dash *= clamp((0.015 - abs(place.x)) / wide + 0.5, 0.0, 1.0) * min(1.0, 0.03 / wide);
          colour = mix(colour, dashColour, dash);
        }
        colour = mix(colour, lineColour * min(1.0, 0.7 + 0.5 * length(tint)), line);
        gl_FragColor = vec4(mix(colour, fogColour, fogShare), 1.0);
      }`,
  });
  material.uniforms.lineColour.value.set(...palette.line);
  material.uniforms.dashColour.value.set(...palette.dash);
  return material;
}

/** The sky: a picture on a dome that is never near. */
export function skyMaterial(picture) {
  return new THREE.ShaderMaterial({
    uniforms: { picture: { value: picture } },
    depthWrite: false,
    side: THREE.BackSide,
    vertexShader: /* glsl */ `
      varying vec2 spot;
      void main() {
        spot = uv;
        vec4 seen = vec4(mat3(modelViewMatrix) * position, 1.0);
        gl_Position = (projectionMatrix * seen).xyww;
      }`,
    fragmentShader: /* glsl */ `
      uniform sampler2D picture;
      varying vec2 spot;
      void main() { gl_FragColor = vec4(texture2D(picture, spot).rgb, 1.0); }`,
  });
}

/** Cars: paint with the sky in it, glass, rubber, lamps. */
export function carMaterial(light, poses, isGhost = false) {
  return new THREE.ShaderMaterial({
    uniforms: { poses, ...light.some("fogColour", "fogPerM", "sun", "sunColour", "ambientSky", "ambientGround", "zenith", "horizon") },
    transparent: isGhost,
    depthFunc: THREE.LessEqualDepth,
    vertexShader: /* glsl */ `${FOG}${POSED}
      attribute vec4 color;
      attribute vec4 finish; // -, gloss, lamp, brake lamp
      varying vec3 tint, turned, view;
      varying vec3 shine; // gloss, lamp, opacity
      void main() {
        mat4 pose = poseOf();
        vec2 state = stateOf();
        vec4 placed = pose * vec4(position, 1.0);
        vec4 seen = viewMatrix * placed;
        fogShare = fogOf(seen);
        turned = mat3(pose) * normal;
        view = cameraPosition - placed.xyz;
        tint = color.rgb;
        shine = vec3(finish.y, finish.z + finish.w * state.x, state.y);
        gl_Position = projectionMatrix * seen;
      }`,
    fragmentShader: /* glsl */ `
      uniform vec3 fogColour, sun, sunColour, ambientSky, ambientGround, zenith, horizon;
      varying vec3 tint, turned, view, shine;
      varying float fogShare;
      void main() {
        vec3 normal = normalize(turned);
        vec3 eye = normalize(view);
        float facing = dot(normal, sun);
        vec3 colour = tint * (mix(ambientGround, ambientSky, normal.z * 0.5 + 0.5) + sunColour * max(0.0, facing));
        if (shine.x > 0.05) {
          vec3 back = reflect(-eye, normal);
          vec3 sky = back.z > 0.0 ? mix(horizon, zenith, sqrt(back.z)) : mix(horizon * 0.8, ambientGround * 0.6, min(1.0, -back.z * 4.0));
          float edge = 1.0 - max(0.0, dot(normal, eye));
          float fresnel = 0.06 + 0.94 * edge * edge * edge * edge;
          float spark = pow(max(0.0, dot(back, sun)), 48.0) * step(0.0, facing);
          colour += shine.x * (sky * fresnel * 0.75 + sunColour * spark * 1.3);
        }
        colour = mix(colour, tint * 1.15, min(1.0, shine.y));
        gl_FragColor = vec4(mix(colour, fogColour, fogShare), ${isGhost ? "shine.z" : "1.0"});
      }`,
  });
}

/**
 * Shadow on the ground: the shape is pressed flat along the sun; no pixel gets dark twice.
 * Without poses the shape lies flat already.
 */
export function shadowMaterial(light, poses = null) {
  return new THREE.ShaderMaterial({
    uniforms: { ...(poses ? { poses } : {}), ...light.some("sun", "shadowShare") },
    transparent: true,
    depthWrite: false,
    side: THREE.DoubleSide,
    polygonOffset: true,
    polygonOffsetFactor: -2,
    polygonOffsetUnits: -8,
    stencilWrite: true,
    stencilRef: 1,
    stencilFunc: THREE.NotEqualStencilFunc,
    stencilZPass: THREE.ReplaceStencilOp,
    vertexShader: /* glsl */ `
      ${poses ? POSED : ""}
      uniform vec3 sun;
      void main() {
        vec4 placed = ${poses ? "poseOf() *" : ""} vec4(position, 1.0);
        placed.xy -= sun.xy / sun.z * max(0.0, placed.z);
        placed.z = 0.004;
        gl_Position = projectionMatrix * viewMatrix * placed;
      }`,
    fragmentShader: /* glsl */ `
      uniform float shadowShare;
      void main() { gl_FragColor = vec4(0.02, 0.03, 0.07, shadowShare); }`,
  });
}

/** Soft round spots on the road: contact shadows, and the light of lamps. */
export function spotMaterial(poses, isLight) {
  return new THREE.ShaderMaterial({
    uniforms: { poses, strength: { value: isLight ? 0.42 : 0.75 }, tint: { value: isLight ? new THREE.Vector3(1, 0.86, 0.6) : new THREE.Vector3(0.02, 0.03, 0.06) } },
    transparent: true,
    depthWrite: false,
    blending: isLight ? THREE.AdditiveBlending : THREE.NormalBlending,
    polygonOffset: true,
    polygonOffsetFactor: -1.5,
    polygonOffsetUnits: -6,
    vertexShader: /* glsl */ `${POSED}
      varying vec2 spot;
      void main() {
        spot = position.xy * 2.0;
        gl_Position = projectionMatrix * viewMatrix * poseOf() * vec4(position, 1.0);
      }`,
    fragmentShader: /* glsl */ `
      uniform float strength;
      uniform vec3 tint;
      varying vec2 spot;
      void main() {
        float rest = max(0.0, 1.0 - dot(spot, spot));
        gl_FragColor = vec4(tint, strength * rest * rest);
      }`,
  });
}

/** Draw grain or leave it out; it costs most where no graphics card is. */
export function setGrain(material, hasGrain) {
  if (Boolean(material.defines?.GRAIN) === hasGrain) return;
  material.defines = hasGrain ? { GRAIN: 1 } : {};
  material.needsUpdate = true;
}
