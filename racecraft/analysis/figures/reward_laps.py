"""Laps on a small map of the track, coloured by the reward of each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.dry_run.laps import PaidLap
from racecraft.analysis.dry_run.verdict import number
from racecraft.analysis.figures.look import Look
from racecraft.domain.reward import OBJECT_COLUMN
from racecraft.domain.track import Points, Track

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap

OUTLIER_SHARE = 2.0
"""Steps that lie further beyond the colour scale than this share of it are named."""


def map_frame(track: Track) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower left and upper right corner of a map."""
    both = np.concatenate([track.inner, track.outer])
    room = 0.03 * float(np.ptp(both, axis=0).max()) + 0.15
    return both.min(axis=0) - room, both.max(axis=0) + room


def draw_laps(
    axes: Axes,
    track: Track,
    laps: Sequence[PaidLap],
    *,
    scale: tuple[float, float],
    look: Look,
    ideal: Points | None = None,
) -> None:
    """Fill axes with the road and the laps on it; one lap alone gets a broad line.

    Args:
        axes: an empty part of a figure.
        track: the road.
        laps: what was driven.
        scale: the rewards at both ends of the colours.
        look: the theme.
        ideal: (K, 2) the fastest line, to be dashed.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import Normalize

    low, high = map_frame(track)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    _road(axes, track, look)
    _boxes(axes, laps)
    if ideal is not None:
        axes.plot(*ideal.T, "--", color=look.info, linewidth=1.1, alpha=0.9, zorder=5)
    is_single = len(laps) == 1
    width = _line_points(axes, track)
    for paid in laps:
        points = paid.lap.points
        lines = LineCollection(
            list(np.stack([points[:-1], points[1:]], axis=1)), array=paid.rewards[:-1],
            norm=Normalize(*scale), cmap=reward_colours(scale, look),
            linewidth=width if is_single else 0.4 * width, capstyle="round", zorder=4, snap=False,
        )  # fmt: skip
        axes.add_collection(lines)
        if not paid.lap.is_complete:
            axes.plot(*points[-1], "x", color=look.bad, markersize=9, markeredgewidth=2.4, zorder=7)
        if is_single:
            _name_outlier(axes, paid, scale, look)


def _boxes(axes: Axes, laps: Sequence[PaidLap]) -> None:
    objects = laps[0].lap.objects
    if objects is None or objects[0, :, OBJECT_COLUMN["speed_mps"]].any():
        return  # bot cars are somewhere else in every step
    axes.plot(*objects[0, :, :2].T, "s", color="#b98a4e", markersize=6, zorder=3)


def _line_points(axes: Axes, track: Track) -> float:
    """Width of a lap's line, in points: a good part of the road, but never all of it."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    wide_in = axes.get_position().width * figure.get_figwidth()
    left, right = axes.get_xlim()
    return float(np.clip(0.28 * track.width_m * 72.0 * wide_in / (right - left), 2.4, 4.4))


def _road(axes: Axes, track: Track, look: Look) -> None:
    from matplotlib.collections import PolyCollection

    # One tile a waypoint: a road that crosses itself is filled right, too.
    tiles = np.stack([track.inner[:-1], track.inner[1:], track.outer[1:], track.outer[:-1]], axis=1)
    axes.add_collection(
        PolyCollection(list(tiles), facecolor=look.road, edgecolor=look.road, linewidth=0.8)
    )
    for border in (track.inner, track.outer):
        axes.plot(*border.T, color=look.border, linewidth=1.0, alpha=0.75, zorder=2)
    start = np.stack([track.inner[0], track.outer[0]])
    axes.plot(*start.T, color=look.ink, linewidth=2.6, solid_capstyle="butt", zorder=5)
    outward = track.outer[0] - track.inner[0]
    tail = track.inner[0] - 0.3 * outward  # beside the road, where no line is drawn
    heading = float(track.heading_at(0.0)[0])
    ahead = np.array([np.cos(heading), np.sin(heading)]) * 0.06 * np.ptp(track.outer, axis=0).max()
    axes.annotate(
        "", tail + ahead, tail, zorder=6,
        arrowprops={"arrowstyle": "-|>", "color": look.accent, "linewidth": 1.8, "shrinkA": 0,
                    "shrinkB": 0, "mutation_scale": 12},
    )  # fmt: skip


def _name_outlier(axes: Axes, paid: PaidLap, scale: tuple[float, float], look: Look) -> None:
    """A ring around the step that pays far beyond the colour scale, with its reward."""
    from matplotlib.patheffects import withStroke

    low, high = scale
    beyond = np.maximum(paid.rewards - high, low - paid.rewards)
    step = int(beyond.argmax())
    if beyond[step] <= OUTLIER_SHARE * (high - low):
        return
    x, y = paid.lap.points[step]
    colour = look.good if paid.rewards[step] > high else look.bad
    axes.plot(x, y, "o", markersize=11, markerfacecolor="none", markeredgecolor=colour,
              markeredgewidth=2.0, zorder=8)  # fmt: skip
    away = np.array([x, y]) - np.mean([axes.get_xlim(), axes.get_ylim()], axis=1)
    away = 21.0 * away / max(float(np.linalg.norm(away)), 1e-9)
    sign = "+" if paid.rewards[step] > 0 else ""
    axes.annotate(
        f"{sign}{number(float(paid.rewards[step]))}", (x, y), xytext=(away[0], away[1]), zorder=8,
        textcoords="offset points", ha="center", va="center", color=colour, size=10.5,
        weight="bold", path_effects=[withStroke(linewidth=3.5, foreground=look.background)],
    )  # fmt: skip


def reward_colours(scale: tuple[float, float], look: Look) -> LinearSegmentedColormap:
    """From red over grey, which is zero, to green and yellow."""
    from matplotlib.colors import LinearSegmentedColormap

    low, high = scale
    zero = -low / (high - low)
    stops = [(zero, "#697485")]
    if zero > 0.0:
        stops = [(0.0, look.bad), (0.5 * zero, "#b0508c"), *stops]
    if zero < 1.0:
        ramp = ((0.33, "#2e8fa3"), (0.66, look.good), (1.0, "#ffe066"))
        stops += [(zero + share * (1.0 - zero), colour) for share, colour in ramp]
    return LinearSegmentedColormap.from_list("reward", stops)
