"""Driven lines: where on the track the laps of an evaluation went, and how fast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.figures.look import ASPHALT, Look, empty_figure, save_png
from racecraft.domain.episode import EpisodeStatus, Step
from racecraft.domain.obstacles import BOX_LENGTH_M, BOX_WIDTH_M
from racecraft.domain.trace_table import TraceTable
from racecraft.domain.track import Track

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Lap = Sequence[Step] | TraceTable | NDArray[np.float64]
"""Steps of one lap, or (M, 3) x, y (m) and speed (m/s)."""

_FAILED = (
    EpisodeStatus.OFF_TRACK,
    EpisodeStatus.CRASHED,
    EpisodeStatus.REVERSED,
    EpisodeStatus.IMMOBILIZED,
)
_STANDING = (EpisodeStatus.PREPARE, EpisodeStatus.PAUSE, EpisodeStatus.PARK)
_FASTEST_MPS = 8.0
"""Twice what a car can do: between two rows that are further apart it was put elsewhere."""


def driven_lines(
    track: Track,
    laps: Sequence[Lap],
    path: Path,
    *,
    title: str | None = None,
    look: Look = ASPHALT,
    boxes: NDArray[np.float64] | None = None,
) -> None:
    """Draw the track and the line of every lap, coloured by the speed really driven, as a PNG.

    A lap given as steps may hold resets: its line is broken there, and a cross marks where
    the car failed.

    Args:
        track: the road.
        laps: any number of laps, none included.
        path: the file to replace.
        title: stands above the picture; the track's name by default.
        look: the colours.
        boxes: (O, 3) x, y (m) and yaw (rad) of boxes that every lap met.

    Raises:
        StorageFailed: the picture could not be written.
    """
    low = np.minimum(track.inner.min(axis=0), track.outer.min(axis=0)) - 0.5
    high = np.maximum(track.inner.max(axis=0), track.outer.max(axis=0)) + 0.5
    width_m, height_m = high - low
    # The picture takes the shape of the track, with room for a title and the colour bar.
    height_in = float(np.clip(8.6 * height_m / width_m, 3.6, 8.6)) + 1.0
    figure = empty_figure(10.0, height_in, look)
    axes = figure.add_axes((0.02, 0.02, 0.86, 1 - 0.9 / height_in - 0.02))
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    axes.set_axis_off()
    _road(axes, track, look)
    _boxes(axes, np.zeros((0, 3)) if boxes is None else boxes, look)
    segments, speeds, failures = _driven(laps)
    if len(segments):
        _speed_lines(axes, segments, speeds, look)
    axes.plot(*failures.T, "x", color=look.bad, markersize=9, markeredgewidth=2.4, zorder=6)
    _start(axes, track, look)
    _scale(axes, low, look)
    top = 1 - 0.36 / height_in
    figure.text(0.03, top, title or track.name, color=look.ink, size=14, weight="bold", va="center")
    facts = _facts(track, laps, speeds, failures)
    figure.text(0.03, 1 - 0.68 / height_in, facts, color=look.dim, size=10, va="center")
    save_png(figure, path)


def _road(axes: Axes, track: Track, look: Look) -> None:
    from matplotlib.collections import PolyCollection

    # One tile a waypoint: a road that crosses itself is filled right, too.
    tiles = np.stack([track.inner[:-1], track.inner[1:], track.outer[1:], track.outer[:-1]], axis=1)
    axes.add_collection(
        PolyCollection(list(tiles), facecolor=look.road, edgecolor=look.road, linewidth=0.8)
    )
    for border in (track.inner, track.outer):
        axes.plot(*border.T, color=look.border, linewidth=1.6, zorder=2)
    axes.plot(
        *track.centre.T,
        color=look.accent,
        linewidth=1.0,
        alpha=0.55,
        linestyle=(0, (5, 6)),
        zorder=2,
    )


def _boxes(axes: Axes, boxes: NDArray[np.float64], look: Look) -> None:
    from matplotlib.collections import PolyCollection

    corner = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    corner *= 0.5 * np.array([BOX_LENGTH_M, BOX_WIDTH_M])
    turns = np.stack([np.cos(boxes[:, 2]), np.sin(boxes[:, 2])], axis=1)  # (O, 2)
    x = turns[:, :1] * corner[:, 0] - turns[:, 1:] * corner[:, 1]
    y = turns[:, 1:] * corner[:, 0] + turns[:, :1] * corner[:, 1]
    shapes = np.stack([x, y], axis=2) + boxes[:, None, :2]
    axes.add_collection(PolyCollection(list(shapes), facecolor=look.accent, zorder=3))


def _start(axes: Axes, track: Track, look: Look) -> None:
    """The line across waypoint 0, and an arrow outside the road that shows the direction."""
    line = np.stack([track.inner[0], track.outer[0]])
    axes.plot(*line.T, color="#ffffff", linewidth=4.5, solid_capstyle="butt", zorder=5)
    axes.plot(*line.T, color="#000000", linewidth=4.5, linestyle=(0, (0.8, 0.8)), zorder=5)
    heading = float(track.heading_at(0.0)[0])
    ahead = np.array([math.cos(heading), math.sin(heading)])
    outward = track.outer[0] - track.inner[0]
    outward = outward / max(float(np.linalg.norm(outward)), 1e-9)
    size = 0.06 * float(np.ptp(track.outer, axis=0).max())
    tail = track.inner[0] - 0.28 * size * outward
    axes.annotate(
        "", tail + ahead * size, tail,
        arrowprops={"arrowstyle": "-|>", "color": look.accent, "linewidth": 2.4,
                    "mutation_scale": 16, "shrinkA": 0, "shrinkB": 0},
        zorder=6,
    )  # fmt: skip


def _speed_lines(
    axes: Axes, segments: NDArray[np.float64], speeds: NDArray[np.float64], look: Look
) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LinearSegmentedColormap, Normalize
    from matplotlib.ticker import MaxNLocator

    slow, fast = np.percentile(speeds, [5, 99])
    if fast - slow < 0.1:  # one speed: do not paint its noise
        slow, fast = slow - 0.05, fast + 0.05
    lines = LineCollection(
        list(segments), array=speeds, norm=Normalize(max(0.0, float(slow)), float(fast)),
        cmap=LinearSegmentedColormap.from_list("speed", list(look.speeds)),
        linewidth=1.8, capstyle="round", zorder=4,
    )  # fmt: skip
    axes.add_collection(lines)
    figure = axes.get_figure(root=True)
    assert figure is not None
    place = figure.add_axes((0.905, 0.22, 0.016, 0.46))
    bar = figure.colorbar(
        lines, cax=place, ticks=MaxNLocator(nbins=6), format="%.2f" if fast - slow < 1.0 else "%.1f"
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=look.dim, length=0, labelsize=9.5)
    bar.ax.set_title("m/s", color=look.dim, size=10, pad=8)


def _driven(
    laps: Sequence[Lap],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(S, 2, 2) line segments, (S,) their speeds and (F, 2) places of failure."""
    segments, speeds, failures = [np.zeros((0, 2, 2))], [np.zeros(0)], [np.zeros((0, 2))]
    for points, lap_speeds, is_joined, failed in map(_line, laps):
        segments.append(np.stack([points[:-1], points[1:]], axis=1)[is_joined])
        speeds.append(lap_speeds[is_joined])
        failures.append(points[failed])
    return np.concatenate(segments), np.concatenate(speeds), np.concatenate(failures)


def _line(
    lap: Lap,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """One lap: (M, 2) points, (M-1,) speeds and drawn or not between them, (M,) failed there."""
    if isinstance(lap, np.ndarray):
        points, at_point = lap[:, :2], lap[:, 2]
        speeds = (at_point[:-1] + at_point[1:]) / 2
        is_known = np.isfinite(speeds) & np.isfinite(points[:-1] + points[1:]).all(axis=1)
        return points, speeds, is_known, np.zeros(len(points), dtype=bool)
    table = lap if isinstance(lap, TraceTable) else TraceTable.from_steps(lap)
    points = np.stack([table.x_m, table.y_m], axis=1)
    moved_m = np.linalg.norm(np.diff(points, axis=0), axis=1)
    passed_s = np.diff(table.time_s)
    speeds = moved_m / np.maximum(passed_s, 1e-6)
    is_driving = ~np.isin(table.status, _STANDING)
    is_joined = is_driving[:-1] & is_driving[1:] & (np.diff(table.episode) == 0)
    is_joined &= (passed_s > 0) & (speeds < _FASTEST_MPS)
    return points, speeds, is_joined, np.isin(table.status, _FAILED)


def _facts(
    track: Track,
    laps: Sequence[Lap],
    speeds: NDArray[np.float64],
    failures: NDArray[np.float64],
) -> str:
    """The line below the title."""
    full = sum(map(_full_laps, laps))
    parts = [f"{full} full lap{'' if full == 1 else 's'}" if laps else "no lap driven yet"]
    parts.append(f"track of {track.length_m:.1f} m")
    if len(speeds):
        parts.append(f"{np.mean(speeds):.2f} m/s on average, {np.max(speeds):.2f} m/s at most")
    if len(failures):
        parts.append(f"× failed {len(failures)} time{'' if len(failures) == 1 else 's'}")
    return "  ·  ".join(parts)


def _full_laps(lap: Lap) -> int:
    """How often a lap was completed; laps driven in one go are one `Lap` with several."""
    if isinstance(lap, np.ndarray):
        return int(len(lap) > 1)
    table = lap if isinstance(lap, TraceTable) else TraceTable.from_steps(lap)
    return int(np.count_nonzero(table.progress_percent >= 100.0))


def _scale(axes: Axes, low: NDArray[np.float64], look: Look) -> None:
    """A bar of one metre in the lower left corner."""
    x, y = low + 0.12
    axes.plot([x, x + 1.0], [y, y], color=look.dim, linewidth=2.4, solid_capstyle="butt")
    axes.annotate(
        "1 m", (x + 0.5, y), xytext=(0, 4), textcoords="offset points", ha="center", va="bottom",
        color=look.dim, size=9,
    )  # fmt: skip
