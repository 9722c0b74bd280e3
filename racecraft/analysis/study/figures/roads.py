"""Drives on the road: lines coloured by what was measured, and where cars fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from racecraft.analysis.figures.look import empty_figure
from racecraft.analysis.study.figures.paper import LOOK
from racecraft.analysis.study.road import Floats, Road

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LINES = 20
"""Drives in one picture."""
_JUMP_M = 0.6
"""Between two steps that are further apart the car was put elsewhere."""
MEASURES = {
    "speed": ("commanded speed, m/s", "plasma"),
    "reward": ("reward of the step", "viridis"),
    "steering_angle": ("steering, degrees (left is positive)", "coolwarm"),
    "action": ("number of the action", "turbo"),
    "losing": ("time lost against the best lap, s per percent of the lap", "RdYlGn_r"),
}


def drive_lines(
    drives: Sequence[pd.DataFrame], measure: str, road: Road | None, title: str
) -> Figure | None:
    """Lines of drives, coloured by a measure.

    Args:
        drives: `x`, `y` and the measure of each.
        measure: one of `MEASURES`.
        road: the road below them.
        title: stands above.
    """
    from matplotlib.collections import LineCollection

    used = [drive for drive in drives if len(drive) > 1][:MOST_LINES]
    if not used:
        return None
    label, colours = MEASURES[measure]
    segments, values = [], []
    for drive in used:
        points = drive[["x", "y"]].to_numpy()
        pairs = np.stack([points[:-1], points[1:]], axis=1)
        near = np.linalg.norm(pairs[:, 1] - pairs[:, 0], axis=1) < _JUMP_M
        segments.append(pairs[near])
        values.append(drive[measure].to_numpy(np.float64)[1:][near])
    lines, measured = np.concatenate(segments), np.concatenate(values)
    if not len(lines):
        return None
    figure, axes = plan(road, lines.reshape(-1, 2), title)
    shown = LineCollection(list(lines), cmap=colours, linewidths=1.6, alpha=0.9)
    shown.set_array(measured)
    if measure == "losing":
        most = float(np.quantile(np.abs(measured), 0.98)) or 1.0
        shown.set_clim(-most, most)
    axes.add_collection(shown)
    bar = figure.colorbar(shown, ax=axes, shrink=0.7)
    bar.set_label(label, color=LOOK.dim)
    bar.ax.tick_params(colors=LOOK.dim)
    return figure


def exit_map(exits: pd.DataFrame, road: Road) -> Figure | None:
    """Where cars left the track or crashed."""
    if exits.empty:
        return None
    figure, axes = plan(road, exits[["x", "y"]].to_numpy(), "Where cars fail")
    size = max(12, min(60, int(road.length_m * 1.5)))
    shown = axes.hexbin(
        exits["x"], exits["y"], gridsize=size, cmap="inferno", mincnt=1, alpha=0.9, zorder=4
    )
    bar = figure.colorbar(shown, ax=axes, shrink=0.7)
    bar.set_label("cars that failed here", color=LOOK.dim)
    bar.ax.tick_params(colors=LOOK.dim)
    return figure


def plan(road: Road | None, points: Floats, title: str) -> tuple[Figure, Axes]:
    """A sheet with the road, large enough for some points."""
    known = [points] if road is None else [points, road.line, *(road.borders or ())]
    low = np.min([each.min(axis=0) for each in known], axis=0) - 0.4
    high = np.max([each.max(axis=0) for each in known], axis=0) + 0.4
    wide, high_m = np.maximum(high - low, 0.1)
    figure = empty_figure(9.0, float(np.clip(7.2 * high_m / wide, 3.2, 8.5)) + 0.6, LOOK)
    axes = figure.add_subplot(1, 1, 1)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    axes.set_axis_off()
    if road is not None and road.borders is not None:
        for border in road.borders:
            axes.plot(*border.T, color=LOOK.border, linewidth=1.2, zorder=2)
    elif road is not None:
        closed = np.concatenate([road.line, road.line[:1]])
        axes.plot(*closed.T, color=LOOK.line, linewidth=12, solid_capstyle="round", zorder=1)
    figure.suptitle(title, color=LOOK.ink, size=13, weight="bold", x=0.02, ha="left")
    return figure, axes
