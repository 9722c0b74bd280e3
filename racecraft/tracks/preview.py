"""Preview pictures: the road from above as a small SVG, readable on light and dark pages.

`python -m racecraft.tracks.preview` rewrites the `preview.svg` of every shipped track.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise

import numpy as np

from racecraft.domain.limit import FastestLap
from racecraft.domain.track import Points, Track
from racecraft.tracks.library import FOLDER, facts, load_track, shipped_names

LONG_SIDE_PX = 480.0
MARGIN_PX = 14.0
VERGE_M = 0.09
"""Dark strip outside the border lines, which shows them on a white page too."""
BANDS = ("#ff5a5f", "#ff8a4c", "#ffc145", "#d8d34a", "#8fd66a", "#3ddc97")
"""From the slowest part of a lap to the fastest."""


def preview_svg(track: Track, title: str = "", lap: FastestLap | None = None) -> str:
    """The picture as SVG text, north up, with the start line and the driving direction.

    Args:
        track: what to draw.
        title: spoken and hover text; the track's name when empty.
        lap: a lap to draw on it, coloured by its speed from red (slow) to green.
    """
    low, high = track.outer.min(axis=0), track.outer.max(axis=0)
    scale = (LONG_SIDE_PX - 2 * MARGIN_PX) / float((high - low).max())
    size = (high - low) * scale + 2 * MARGIN_PX

    def place(points: Points) -> Points:
        moved = (points - low) * scale + MARGIN_PX
        return np.stack([moved[:, 0], size[1] - moved[:, 1]], axis=1)  # y grows downwards

    outer, inner, centre = (place(line) for line in (track.outer, track.inner, track.centre))
    # The inner border runs backwards, so that the infield stays open under either fill rule.
    road, name = f"{_path(outer)}Z{_path(inner[::-1])}Z", escape(title or track.name)
    line_px = float(np.clip(0.045 * scale, 1.2, 3.0))
    dash_px = max(0.16 * scale, 4.0)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" '
            f'role="img" aria-label="{name}">',
            f"<title>{name}</title>",
            f'<path d="{road}" fill="#3d434b" fill-rule="evenodd" stroke="#3d434b" '
            f'stroke-width="{max(2 * VERGE_M * scale, 6.0):.1f}" stroke-linejoin="round"/>',
            f'<path d="{road}" fill="none" stroke="#fff" stroke-width="{line_px:.1f}" '
            'stroke-linejoin="round"/>',
            f'<path d="{_path(centre)}Z" fill="none" stroke="#ff9d2e" '
            f'stroke-width="{line_px:.1f}" stroke-dasharray="{dash_px:.1f} {dash_px:.1f}"/>',
            *_start(inner[0], outer[0], centre, track.width_m * scale),
            *([] if lap is None else _driven(place(lap.points), lap, 2 * line_px)),
            "</svg>\n",
        ]
    )


def _start(inner: Points, outer: Points, centre: Points, width_px: float) -> list[str]:
    """Chequered start line, and an arrowhead ahead of it in the driving direction."""
    ahead = centre[1] - centre[0]
    ahead = ahead / np.linalg.norm(ahead)
    left = np.array([ahead[1], -ahead[0]])
    tip, tail = centre[0] + ahead * width_px * 0.95, centre[0] + ahead * width_px * 0.45
    arrow = np.stack([tip, tail + left * width_px * 0.24, tail - left * width_px * 0.24])
    line = f'<path d="{_path(np.stack([inner, outer]))}" fill="none" '
    thick = max(width_px * 0.16, 4.0)
    return [
        f'{line}stroke="#fff" stroke-width="{thick:.1f}"/>',
        f'{line}stroke="#14171a" stroke-width="{thick:.1f}" '
        f'stroke-dasharray="{width_px / 8:.2f} {width_px / 8:.2f}"/>',
        f'<path d="{_path(arrow)}Z" fill="#fff"/>',
    ]


def _driven(points: Points, lap: FastestLap, width_px: float) -> list[str]:
    """The lap in pieces of one colour each; a piece begins where the one before ends."""
    slow, fast = float(lap.speed_mps.min()), float(lap.speed_mps.max())
    share = (lap.speed_mps - slow) / max(fast - slow, 1e-6)
    band = np.minimum((share * len(BANDS)).astype(int), len(BANDS) - 1)
    edges = [0, *(np.flatnonzero(np.diff(band)) + 1).tolist(), len(band) - 1]
    return [
        f'<path d="{_path(points[first : last + 1])}" fill="none" stroke="{BANDS[band[first]]}" '
        f'stroke-width="{width_px:.1f}" stroke-linecap="round" stroke-linejoin="round"/>'
        for first, last in pairwise(edges)
    ]


def _path(points: Points) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def write_previews() -> list[str]:
    """Write the picture of every shipped track; the names of those that changed."""
    changed = []
    for name in shipped_names():
        path = FOLDER / name / "preview.svg"
        picture = preview_svg(load_track(name), facts(name).title)
        if not path.exists() or path.read_text(encoding="utf-8") != picture:
            path.write_text(picture, encoding="utf-8", newline="\n")
            changed.append(name)
    return changed


if __name__ == "__main__":
    print("\n".join(write_previews()) or "Every preview is fresh.")
