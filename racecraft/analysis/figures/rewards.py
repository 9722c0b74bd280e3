"""The reward graph: reward and completion over the iterations of a training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.figures.look import ASPHALT, Look, empty_figure, save_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MANY_POINTS = 80
"""A line of more points than this becomes a faint one below its moving average."""


def reward_graph(reports: Sequence[Mapping[str, Any]], path: Path, *, look: Look = ASPHALT) -> None:
    """Draw the reward graph of a training as a PNG.

    Args:
        reports: lines of `progress.jsonl`, in order. `iteration`, `mean_reward`,
            `mean_progress`, `mean_evaluation_progress` and `best_iteration` are read; what is
            missing, None or not finite is left out of its line.
        path: the file to replace.
        look: the colours.

    Raises:
        StorageFailed: the picture could not be written.
    """
    figure = empty_figure(9.6, 5.0, look)
    rewards = figure.add_axes((0.085, 0.13, 0.83, 0.655))
    percents = rewards.twinx()
    _style(rewards, look)
    _style(percents, look)
    x = _values(reports, "iteration")
    reward = _values(reports, "mean_reward")
    lines = [
        _series(rewards, x, reward, ("o", look.good, "Average reward")),
        _series(
            percents,
            x,
            _values(reports, "mean_progress"),
            ("D", look.info, "Average completion, training"),
        ),
        _series(
            percents,
            x,
            _values(reports, "mean_evaluation_progress"),
            ("s", look.bad, "Average completion, evaluation"),
        ),
    ]
    _reward_axes((rewards, percents), x, reward, look)
    _best_model(percents, reports, look)
    figure.text(0.085, 0.94, "Reward graph", color=look.ink, size=14, weight="bold", va="center")
    figure.legend(
        handles=lines, loc="center left", bbox_to_anchor=(0.078, 0.875), ncols=3, frameon=False,
        labelcolor=look.dim, fontsize=9.5, handletextpad=0.5, columnspacing=1.6,
    )  # fmt: skip
    if not len(x):
        words = "The first iteration is not over yet"
        figure.text(0.5, 0.46, words, color=look.dim, size=11, ha="center", va="center")
    if len(x) > _MANY_POINTS:
        note = "faint: every iteration, strong: moving average"
        figure.text(0.915, 0.94, note, color=look.dim, size=9, ha="right", va="center")
    save_png(figure, path)


def _style(axes: Axes, look: Look) -> None:
    axes.set_facecolor(look.panel)
    axes.tick_params(colors=look.dim, length=0, labelsize=9.5, pad=6)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _values(reports: Sequence[Mapping[str, Any]], name: str) -> NDArray[np.float64]:
    found = (report.get(name) for report in reports)
    return np.array([math.nan if value is None else float(value) for value in found])


def _series(
    axes: Axes,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    style: tuple[str, str, str],
) -> Any:
    """One line with markers; `style` is marker, colour and label."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    marker, colour, label = style
    if len(x) > _MANY_POINTS:
        axes.plot(x, y, color=colour, linewidth=0.8, alpha=0.3, zorder=3)
        y = _smoothed(y, width=len(x) // 20)
    (line,) = axes.plot(
        x, y, color=colour, label=label, marker=marker, markevery=max(1, len(x) // 25),
        markersize=4.5 if marker == "D" else 5.5, linewidth=1.9, solid_joinstyle="round",
        clip_on=False, zorder=4,
    )  # fmt: skip
    return line


def _smoothed(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Mean of each value and of the `width` values around it; fewer at both ends."""
    window = np.ones(min(width, len(values)) | 1)
    reach = len(window) // 2
    counts = np.convolve(np.ones(len(values)), window)[reach : reach + len(values)]
    sums = np.convolve(values, window)[reach : reach + len(values)]
    return np.asarray(sums / counts, dtype=np.float64)


def _reward_axes(
    axes: tuple[Axes, Axes], x: NDArray[np.float64], reward: NDArray[np.float64], look: Look
) -> None:
    from matplotlib.ticker import MaxNLocator

    rewards, percents = axes
    rewards.set_xlabel("Iteration", color=look.dim, size=10, labelpad=6)
    rewards.set_ylabel("Average reward", color=look.dim, size=10, labelpad=8)
    percents.set_ylabel("Percent of track", color=look.dim, size=10, labelpad=8)
    rewards.xaxis.set_major_locator(MaxNLocator(nbins=14, integer=True, min_n_ticks=1))
    known = x[np.isfinite(x)]
    first, last = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    margin = max(0.5, 0.02 * (last - first))
    rewards.set_xlim(first - margin, last + margin)
    # Four equal parts on both sides, so that one grid serves both axes.
    known = reward[np.isfinite(reward)]
    parts = _four_parts(min(0.0, *known), max(0.0, *known)) if len(known) else np.linspace(0, 1, 5)
    rewards.set_yticks(parts)
    rewards.set_ylim(parts[0], parts[-1])
    percents.set_ylim(0, 100)
    percents.set_yticks([0, 25, 50, 75, 100], [f"{part} %" for part in (0, 25, 50, 75, 100)])
    rewards.grid(True, axis="y", color=look.line, linewidth=1)
    rewards.set_axisbelow(True)


def _four_parts(low: float, high: float) -> NDArray[np.float64]:
    """Five round ticks from at most `low` to at least `high`, zero among them."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / 4))
    for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10, 15, 20, 25, 30, 40, 50):
        part = factor * power
        start = math.floor(low / part + 1e-9)
        if (start + 4) * part >= high - 1e-9 * span:
            break
    return part * np.arange(start, start + 5, dtype=np.float64)


def _best_model(axes: Axes, reports: Sequence[Mapping[str, Any]], look: Look) -> None:
    best = reports[-1].get("best_iteration") if reports else None
    if best is None or not math.isfinite(best) or best < 0:
        return
    axes.axvline(best, color=look.accent, linestyle=(0, (4, 3)), linewidth=1.6, zorder=2)
    is_right = best > sum(axes.get_xlim()) / 2
    axes.annotate(
        "Best model", (best, 1.0), xycoords=("data", "axes fraction"),
        xytext=(-6 if is_right else 6, 9), textcoords="offset points", color=look.accent,
        ha="right" if is_right else "left", va="center", size=9.5, weight="bold",
    )  # fmt: skip
