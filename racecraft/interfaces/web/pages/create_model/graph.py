"""Actions as a half disc: the direction is the steering angle, the length the speed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace

WIDTH, HEIGHT = 440.0, 268.0
CENTRE_X, CENTRE_Y, RADIUS = 220.0, 232.0, 176.0
SPREAD = 2.0
"""Angles are drawn twice as wide as they are, so that they can be told apart."""
MOST_DEG, MOST_MPS = 30.0, 4.0


def place(angle_deg: float, speed_mps: float, ring_mps: float) -> tuple[float, float]:
    """Where an action is in the picture; left is left."""
    turn = math.radians(SPREAD * angle_deg)
    length = RADIUS * min(speed_mps / ring_mps, 1.0)
    return CENTRE_X - length * math.sin(turn), CENTRE_Y - length * math.cos(turn)


def list_graph(actions: Sequence[tuple[float, float]]) -> str:
    """A list of actions as arrows.

    Args:
        actions: angle (degrees) and speed (m/s) of each.
    """
    ring_mps = ring_of(max((speed for _, speed in actions), default=1.0))
    arrows = []
    for angle, speed in sorted(set(actions), key=lambda each: -each[1]):
        x, y = place(angle, speed, ring_mps)
        arrows.append(
            f'<path d="M{CENTRE_X} {CENTRE_Y}L{x:.1f} {y:.1f}" stroke="var(--accent)" '
            f'stroke-width="2" opacity=".55"/><circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" '
            'fill="var(--accent)" stroke="var(--panel)" stroke-width="1.5"/>'
        )
    return _disc(ring_mps, "".join(arrows))


def range_graph(ranges: dict[str, float]) -> str:
    """Everything between two angles and two speeds as a sector."""
    left, right = ranges["angle_high"], ranges["angle_low"]
    slow, fast = ranges["speed_low"], ranges["speed_high"]
    ring_mps = range_ring(ranges)
    steps = [left + (right - left) * k / 24 for k in range(25)]
    outer = [place(angle, fast, ring_mps) for angle in steps]
    inner = [place(angle, slow, ring_mps) for angle in reversed(steps)]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in [*outer, *inner])
    return _disc(
        ring_mps,
        f'<path d="M{line}Z" fill="var(--accent)" fill-opacity=".22" stroke="var(--accent)" '
        'stroke-width="2.5" stroke-linejoin="round"/>',
    )


def ring_of(fastest_mps: float) -> float:
    """Speed at the rim of the disc."""
    return max(1.0, min(math.ceil(fastest_mps - 1e-9), MOST_MPS))


def range_ring(ranges: dict[str, float]) -> float:
    """Speed at the rim of the disc for ranges, with room to drag further."""
    return MOST_MPS if ranges["speed_high"] > 1.8 else 2.0


def in_words(space: DiscreteActionSpace | ContinuousActionSpace) -> str:
    """What the picture shows."""
    if isinstance(space, ContinuousActionSpace):
        return f"Any angle and speed of {space.summary}"
    slow, fast = space.speed_range_mps
    angles = space.steering_deg
    return (
        f"{len(space)} actions, angles from {angles.min():g}° (right) to {angles.max():g}° (left), "
        f"speeds from {slow:g} to {fast:g} m/s"
    )


def _disc(ring_mps: float, inside: str) -> str:
    rings = [ring_mps * k / 4 for k in range(1, 5)]
    parts = [
        f'<path d="M{CENTRE_X - RADIUS} {CENTRE_Y}A{RADIUS} {RADIUS} 0 0 1 {CENTRE_X + RADIUS} '
        f'{CENTRE_Y}Z" fill="var(--raised)"/>'
    ]
    for speed in rings:
        r = RADIUS * speed / ring_mps
        parts.append(
            f'<path d="M{CENTRE_X - r} {CENTRE_Y}A{r} {r} 0 0 1 {CENTRE_X + r} {CENTRE_Y}" '
            'stroke="var(--line)" stroke-width="1.2"/>'
            f'<text x="{CENTRE_X + r}" y="{CENTRE_Y + 17}" text-anchor="middle">{speed:g}</text>'
        )
    for angle in (-30, -20, -10, 0, 10, 20, 30):
        x, y = place(angle, ring_mps, ring_mps)
        tx, ty = CENTRE_X + (x - CENTRE_X) * 1.09, CENTRE_Y + (y - CENTRE_Y) * 1.09
        parts.append(
            f'<path d="M{CENTRE_X} {CENTRE_Y}L{x:.1f} {y:.1f}" stroke="var(--line)"/>'
            f'<text x="{tx:.1f}" y="{ty + 4:.1f}" text-anchor="middle">{abs(angle)}°</text>'
        )
    parts.append(
        f'<text x="22" y="{CENTRE_Y + 34}">left</text>'
        f'<text x="{CENTRE_X}" y="{HEIGHT - 4}" text-anchor="middle">m/s</text>'
        f'<text x="{WIDTH - 22}" y="{CENTRE_Y + 34}" text-anchor="end">right</text>'
    )
    car = (
        f'<g transform="translate({CENTRE_X} {CENTRE_Y})"><rect x="-7" y="-12" width="14" '
        'height="24" rx="4.5" fill="var(--ink)"/><rect x="-4.5" y="-5" width="9" height="8" '
        'rx="2" fill="var(--panel)"/></g>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" class="polar" fill="none">'
        f"{''.join(parts)}{inside}{car}</svg>"
    )
