"""Several models in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from racecraft.analysis.study.figures.charts import MOST_POINTS
from racecraft.analysis.study.figures.paper import LOOK, MODELS, legend, sheet
from racecraft.analysis.study.figures.roads import plan
from racecraft.analysis.study.road import Road

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SPREAD = 0.16
"""Of the dots of a strip, to both sides."""
_LONGEST = 26
"""Characters of a name below a strip."""


def lap_strips(named: Sequence[tuple[str, pd.Series[float]]]) -> Figure | None:
    """Lap times of each, a strip of dots with its median."""
    used = [(name, times.to_numpy()) for name, times in named if len(times)]
    if not used:
        return None
    figure, (axes,) = sheet("Lap times")
    for place, (_, times) in enumerate(used):
        dots = times[:: max(1, len(times) // MOST_POINTS)]
        # Beside each other in the order of driving, so that the picture is the same every time.
        aside = np.linspace(-_SPREAD, _SPREAD, len(dots)) if len(dots) > 1 else np.zeros(1)
        colour = _colour(place)
        axes.plot(place + aside, dots, ".", color=colour, alpha=0.6, markersize=5)
        median = float(np.median(times))
        axes.hlines(median, place - 0.3, place + 0.3, color=colour, linewidth=2)
        axes.annotate(
            f"{median:.2f} s", (place + 0.31, median), color=LOOK.ink, fontsize=8, va="center"
        )
    axes.set_xticks(range(len(used)), [_short(name) for name, _ in used], fontsize=8)
    axes.set(ylabel="lap time, s", xlim=(-0.6, len(used) - 0.3))
    return figure


def part_bars(parts: pd.DataFrame, names: Sequence[str]) -> Figure | None:
    """Median seconds in each sector and corner, a bar each."""
    if parts.empty:
        return None
    figure, (axes,) = sheet("Seconds in sectors and corners")
    wide = 0.8 / len(names)
    places = np.arange(len(parts))
    for index, name in enumerate(names):
        aside = (index - (len(names) - 1) / 2) * wide
        heights = parts[name].fillna(0).to_numpy()
        axes.bar(places + aside, heights, wide, color=_colour(index), label=name)
    axes.set_xticks(places, parts["part"], rotation=60, ha="right", fontsize=8)
    axes.set_ylabel("median, s")
    legend(axes)
    figure.subplots_adjust(bottom=0.34)
    return figure


def best_lines(lines: pd.DataFrame, names: Sequence[str], road: Road) -> Figure | None:
    """The fastest lap of each on the road."""
    if lines.empty:
        return None
    figure, axes = plan(road, lines[["x", "y"]].to_numpy(np.float64), "Best laps on the track")
    for index, name in enumerate(names):
        points = lines.loc[lines["model"] == name, ["x", "y"]].to_numpy()
        closed = np.concatenate([points, points[:1]])
        axes.plot(*closed.T, color=_colour(index), linewidth=1.8, label=name, zorder=5)
    legend(axes)
    return figure


def speed_lines(lines: pd.DataFrame, names: Sequence[str]) -> Figure | None:
    """How fast the car moved along the lap."""
    if lines.empty:
        return None
    figure, (axes,) = sheet("Speed along the lap")
    for index, name in enumerate(names):
        one = lines[lines["model"] == name]
        axes.plot(one["at_m"], one["driven_speed"], color=_colour(index), linewidth=1.4, label=name)
    axes.set(xlabel="metres from the finish line", ylabel="speed over the ground, m/s")
    legend(axes)
    figure.subplots_adjust(bottom=0.17)
    return figure


def _colour(index: int) -> str:
    return MODELS[index % len(MODELS)]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
