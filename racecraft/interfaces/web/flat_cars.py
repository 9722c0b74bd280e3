"""The car from above, with what its sensors reach, as SVG; and the swatches of the trim."""

from __future__ import annotations

import math
from collections.abc import Iterable

from racecraft.domain.sensors import Sensor

HEX = {
    "black": "#23272d",
    "red": "#d43a34",
    "grey": "#8d959e",
    "white": "#f1f0ec",
    "purple": "#7a52c7",
    "blue": "#2f6fe0",
    "orange": "#ff7a1a",
}
"""The trim colours; the 3D shells have the same."""
_FIELD_RAD = math.radians(64.7)
_BLIND_RAD = math.radians(60)
_SIZE = 240


def swatch(colour: str) -> str:
    """A round sample of a colour."""
    return (
        '<svg viewBox="0 0 32 32" width="32" height="32"><circle cx="16" cy="16" r="14" '
        f'fill="{HEX[colour]}" stroke="var(--edge)"/></svg>'
    )


def from_above(colour: str, sensors: Iterable[Sensor]) -> str:
    """The car seen from above, nose up, with the fields of view of its sensors."""
    chosen = set(sensors)
    parts = [_lidar() if any(not each.is_camera for each in chosen) else ""]
    eyes = {
        Sensor.FRONT_FACING_CAMERA: (0.0,),
        Sensor.LEFT_CAMERA: (-9.0,),
        Sensor.STEREO_CAMERAS: (-9.0, 9.0),
    }
    for sensor, places in eyes.items():
        if sensor in chosen:
            parts += [_cone(x) for x in places]
    parts.append(_body(colour))
    for sensor, places in eyes.items():
        if sensor in chosen:
            parts += [f'<circle cx="{x}" cy="-22" r="4" fill="var(--info)"/>' for x in places]
    if any(not each.is_camera for each in chosen):
        parts.append('<circle cy="14" r="9" fill="#17191c" stroke="var(--good)" stroke-width="3"/>')
    half = _SIZE / 2
    return (
        f'<svg viewBox="{-half} {-half - 20} {_SIZE} {_SIZE}" width="{_SIZE}" height="{_SIZE}">'
        f"{''.join(parts)}</svg>"
    )


def _cone(x: float) -> str:
    """What a camera sees."""
    far, half = 104.0, _FIELD_RAD / 2
    dx, dy = far * math.sin(half), far * math.cos(half)
    return (
        f'<path d="M{x} -22L{x - dx:.1f} {-22 - dy:.1f}A{far} {far} 0 0 1 {x + dx:.1f} '
        f'{-22 - dy:.1f}Z" fill="var(--info)" fill-opacity="0.16" stroke="var(--info)"/>'
    )


def _lidar() -> str:
    """What a LIDAR reaches: all around but straight ahead."""
    far, half = 88.0, _BLIND_RAD / 2
    dx, dy = far * math.sin(half), far * math.cos(half)
    return (
        f'<path d="M0 14L{dx:.1f} {14 - dy:.1f}A{far} {far} 0 1 1 {-dx:.1f} {14 - dy:.1f}Z" '
        'fill="var(--good)" fill-opacity="0.14" stroke="var(--good)" stroke-dasharray="4 4"/>'
    )


def _body(colour: str) -> str:
    wheels = "".join(
        f'<rect x="{x}" y="{y}" width="12" height="26" rx="4" fill="#17191c"/>'
        for x in (-34, 22)
        for y in (-40, 16)
    )
    return (
        f'{wheels}<rect x="-25" y="-54" width="50" height="104" rx="15" fill="{HEX[colour]}" '
        'stroke="var(--edge)"/><path d="M-17 -18h34l-4 -14h-26zM-15 24h30v12h-30z" fill="#0d1319"/>'
        '<path d="M0 -52V48" stroke="var(--accent)" stroke-width="3" stroke-dasharray="9 7"/>'
    )
