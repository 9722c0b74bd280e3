"""An action space as a drawing: one arrow an action, as long as its speed."""

from __future__ import annotations

import math

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace

_CENTRE = (180.0, 172.0)
_RADIUS = 140.0
_SPREAD = 2.0
"""Angles are drawn so many times as wide as they are: 30° would be hard to tell apart."""


def polar_graph(space: DiscreteActionSpace | ContinuousActionSpace) -> str:
    """The drawing as SVG, made of numbers only."""
    top_mps = space.speed_range_mps[1]
    rings = _rings(top_mps)
    parts = [_ring(speed / top_mps, f"{speed:g}") for speed in rings]
    if isinstance(space, DiscreteActionSpace):
        spread = {action.steering_angle for action in space.actions}
        parts += [_spoke(angle) for angle in sorted(spread)]
        parts += [_dot(a.steering_angle, a.speed / top_mps) for a in space.actions]
    else:
        low, high = space.steering_angle.low, space.steering_angle.high
        parts.append(_area((low, high), space.speed.low / top_mps))
        parts += [_spoke(low), _spoke(high)]
    parts.append(
        f'<text class="polar-way" x="14" y="22">left</text><text class="polar-way" x="346" y="22" '
        f'text-anchor="end">right</text><text class="polar-way" x="{_CENTRE[0]}" y="200" '
        'text-anchor="middle">rings in m/s, angles drawn twice as wide</text>'
    )
    return f'<svg class="polar" viewBox="0 0 360 208" focusable="false">{"".join(parts)}</svg>'


def _rings(top_mps: float) -> list[float]:
    step = next(s for s in (0.25, 0.5, 1.0) if top_mps / s <= 4.01 or s == 1.0)
    count = int(top_mps / step + 1e-9)
    found = [step * k for k in range(1, count + 1)]
    return found if found and abs(found[-1] - top_mps) < 1e-6 else [*found, top_mps]


def _at(angle_deg: float, share: float) -> tuple[float, float]:
    """Left is positive, and drawn to the left."""
    turn = math.radians(90 + _SPREAD * angle_deg)
    x, y = _CENTRE
    return x + share * _RADIUS * math.cos(turn), y - share * _RADIUS * math.sin(turn)


def _ring(share: float, word: str) -> str:
    (x1, y1), (x2, y2) = _at(38, share), _at(-38, share)
    radius, tall = share * _RADIUS, _CENTRE[1] - share * _RADIUS
    return (
        f'<path class="polar-ring" d="M{x1:.1f} {y1:.1f}A{radius:.1f} {radius:.1f} 0 0 1 '
        f'{x2:.1f} {y2:.1f}"/><text x="{_CENTRE[0] + 4}" y="{tall - 3:.1f}">{word}</text>'
    )


def _spoke(angle_deg: float) -> str:
    (x1, y1), (x2, y2) = _CENTRE, _at(angle_deg, 1.0)
    x3, y3 = _at(angle_deg, 1.1)
    return (
        f'<line class="polar-spoke" x1="{x1}" y1="{y1}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        f'<text x="{x3:.1f}" y="{y3:.1f}" text-anchor="middle">{angle_deg:g}°</text>'
    )


def _dot(angle_deg: float, share: float) -> str:
    (x1, y1), (x2, y2) = _CENTRE, _at(angle_deg, share)
    return (
        f'<line class="polar-arrow" x1="{x1}" y1="{y1}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        f'<circle class="polar-tip" cx="{x2:.1f}" cy="{y2:.1f}" r="4"/>'
    )


def _area(angles_deg: tuple[float, float], least: float) -> str:
    low, high = angles_deg
    (x1, y1), (x2, y2) = _at(high, 1.0), _at(low, 1.0)
    (x3, y3), (x4, y4) = _at(low, least), _at(high, least)
    outer, inner = _RADIUS, least * _RADIUS
    return (
        f'<path class="polar-area" d="M{x1:.1f} {y1:.1f}A{outer} {outer} 0 0 1 {x2:.1f} {y2:.1f}'
        f'L{x3:.1f} {y3:.1f}A{inner:.1f} {inner:.1f} 0 0 0 {x4:.1f} {y4:.1f}Z"/>'
    )
