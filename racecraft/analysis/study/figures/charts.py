"""Charts over iterations, laps and actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from racecraft.analysis.figures.look import empty_figure
from racecraft.analysis.study.figures.paper import LOOK, MODELS, dress, legend, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_POINTS = 20_000
"""Points of a cloud; more would only hide each other."""


def progress_chart(iterations: pd.DataFrame, episodes: pd.DataFrame) -> Figure | None:
    """Reward and progress by iteration."""
    if iterations.empty or episodes.empty:
        return None
    figure, (top, bottom) = sheet("Reward and progress", 2)
    dots = episodes.iloc[:: max(1, len(episodes) // MOST_POINTS)]
    for axes, column, mean in (
        (top, "reward", "mean_reward"),
        (bottom, "progress", "mean_progress"),
    ):
        axes.plot(dots["iteration"], dots[column], ".", color=LOOK.dim, alpha=0.25, markersize=3)
        axes.plot(*_known(iterations, mean), color=LOOK.accent, linewidth=1.8, label="mean")
    if iterations["evaluation_progress"].notna().any():
        greedy = _known(iterations, "evaluation_progress")
        bottom.plot(*greedy, color=LOOK.good, linewidth=1.8, label="evaluation")
    top.set_ylabel("reward of an episode")
    bottom.set(ylabel="progress, %", xlabel="iteration", ylim=(0, 103))
    legend(bottom)
    return figure


def lap_chart(iterations: pd.DataFrame, laps: pd.DataFrame) -> Figure | None:
    """Lap times and completion by iteration."""
    if laps.empty:
        return None
    figure, (top, bottom) = sheet("Lap times and completed laps", 2)
    dots = laps.iloc[:: max(1, len(laps) // MOST_POINTS)]
    top.plot(dots["iteration"], dots["time"], ".", color=LOOK.dim, alpha=0.4, markersize=4)
    top.plot(*_known(iterations, "mean_lap"), color=LOOK.accent, label="mean")
    top.plot(*_known(iterations, "best_lap"), color=LOOK.good, label="best")
    top.set_ylabel("lap time, s")
    legend(top)
    bottom.bar(iterations["iteration"], iterations["completion"], color=LOOK.info, width=0.9)
    bottom.set(ylabel="episodes that were laps, %", xlabel="iteration")
    return figure


_LEARNING = (
    ("entropy", "entropy, nats"),
    ("approx_kl", "KL divergence"),
    ("policy_loss", "policy loss"),
    ("value_loss", "value loss"),
    ("explained_variance", "explained variance"),
)


def learning_chart(iterations: pd.DataFrame) -> Figure | None:
    """Entropy, KL, losses and explained variance by iteration."""
    known = [
        (name, title)
        for name, title in _LEARNING
        if name in iterations and iterations[name].notna().any()
    ]
    if not known:
        return None
    figure, charts = sheet("What learning says", len(known), height_in=1.7)
    for axes, (name, title) in zip(charts, known, strict=True):
        axes.plot(*_known(iterations, name), color=LOOK.accent, linewidth=1.4)
        axes.set_ylabel(title, fontsize=8)
    charts[-1].set_xlabel("iteration")
    return figure


def action_chart(usage: pd.DataFrame) -> Figure | None:
    """How often each action is taken."""
    if usage.empty:
        return None
    figure, (axes,) = sheet("Actions taken at the end of the training")
    words = [f"{row.steering_angle:g}°\n{row.speed:g}" for row in usage.itertuples()]
    colours = [LOOK.bad if percent < 0.5 else LOOK.accent for percent in usage["percent"]]
    axes.bar(range(len(usage)), usage["percent"], color=colours)
    axes.set_xticks(range(len(usage)), words, fontsize=7)
    axes.set(ylabel="steps, %", xlabel="steering (left is positive), speed in m/s")
    figure.subplots_adjust(bottom=0.2)
    return figure


def range_chart(steps: pd.DataFrame) -> Figure | None:
    """How steering angles and speeds of a continuous action space spread."""
    if steps.empty:
        return None
    figure, (axes,) = sheet("Steering and speed at the end of the training")
    used = steps.iloc[:: max(1, len(steps) // 200_000)]
    grid, x, y = np.histogram2d(used["steering_angle"], used["speed"], bins=(40, 30))
    shown = axes.pcolormesh(x, y, grid.T, cmap="inferno")
    figure.colorbar(shown, ax=axes, label="steps")
    axes.set(xlabel="steering, degrees (left is positive)", ylabel="speed, m/s")
    figure.subplots_adjust(bottom=0.17)
    return figure


def reward_chart(laps: pd.DataFrame) -> Figure | None:
    """Reward of laps against their time."""
    if len(laps) < 3:
        return None
    figure, (axes,) = sheet("Does the reward pay for fast laps?")
    dots = laps.iloc[:: max(1, len(laps) // MOST_POINTS)]
    shown = axes.scatter(dots["time"], dots["reward"], c=dots["iteration"], s=14, cmap="viridis")
    bar = figure.colorbar(shown, ax=axes)
    bar.set_label("iteration", color=LOOK.dim)
    bar.ax.tick_params(colors=LOOK.dim)
    axes.set(xlabel="lap time, s", ylabel="reward of the lap")
    figure.subplots_adjust(bottom=0.17)
    return figure


def part_chart(parts: pd.DataFrame) -> Figure | None:
    """Exits and time lost in sectors and corners."""
    if parts.empty:
        return None
    figure, (top, bottom) = sheet("Sectors and corners", 2, height_in=2.6)
    place = range(len(parts))
    top.bar(place, parts["exits"], color=LOOK.bad)
    top.set_ylabel("cars that failed")
    bottom.bar(place, parts["lost"].fillna(0), color=LOOK.info)
    bottom.set_ylabel("median minus best, s")
    bottom.set_xticks(place, parts["part"], rotation=60, ha="right", fontsize=8)
    figure.subplots_adjust(bottom=0.3)
    return figure


def loss_chart(losses: pd.DataFrame, profile: pd.DataFrame) -> Figure | None:
    """Speed along the lap, driven and possible, and what each corner and straight loses."""
    if losses.empty or profile.empty:
        return None
    figure = empty_figure(9.0, 7.2, LOOK)
    top, bottom = figure.add_subplot(2, 1, 1), figure.add_subplot(2, 1, 2)
    figure.suptitle(
        "Time lost against the physical limit", color=LOOK.ink, size=13, weight="bold", x=0.02,
        ha="left",
    )  # fmt: skip
    figure.subplots_adjust(left=0.09, right=0.97, top=0.91, bottom=0.24, hspace=0.3)
    at = profile["at_m"]
    is_slower = (losses["own_possible"] > losses["possible"] + 1e-6).any()
    top.plot(at, profile["possible"], color=LOOK.good, label="possible with this car")
    if is_slower:
        own = profile["own_possible"]
        top.plot(at, own, "--", color=LOOK.info, label="possible with the model's actions")
    top.plot(at, profile["speed"], color=LOOK.accent, label="driven")
    for part in losses[losses["part"].str.startswith("corner")].itertuples():
        ends = [(part.from_m, part.to_m)]
        if part.to_m < part.from_m:  # across the finish line
            ends = [(part.from_m, float(at.max())), (0.0, part.to_m)]
        for first, last in ends:
            top.axvspan(first, last, color=LOOK.line, alpha=0.5, linewidth=0)
    top.set(
        xlabel="from the finish line, m (corners are shaded)", ylabel="speed, m/s", ylim=(0, None)
    )
    place = np.arange(len(losses))
    bottom.bar(place, losses["lost"], color=LOOK.info, label="against the limit of the car")
    if is_slower:
        bottom.bar(
            place, losses["own_lost"], width=0.45, color=LOOK.accent,
            label="against the limit at its own top speed",
        )  # fmt: skip
    bottom.set_ylabel("lost, s")
    bottom.set_xticks(place, losses["part"], rotation=60, ha="right", fontsize=8)
    for axes in (top, bottom):
        dress(axes)
        legend(axes)
    return figure


def comparison_chart(named: Sequence[tuple[str, pd.DataFrame]]) -> Figure | None:
    """Progress, completion and best laps of several models."""
    used = [(name, table) for name, table in named if len(table)]
    if not used:
        return None
    figure, charts = sheet("Models side by side", 3, height_in=2.4)
    titles = (
        ("mean_progress", "mean progress, %"),
        ("completion", "completed laps, %"),
        ("best_lap", "best lap, s"),
    )
    for axes, (column, title) in zip(charts, titles, strict=True):
        for index, (name, table) in enumerate(used):
            colour = MODELS[index % len(MODELS)]
            axes.plot(*_known(table, column), color=colour, linewidth=1.5, label=name)
        axes.set_ylabel(title, fontsize=8)
        dress(axes)
    legend(charts[0])
    charts[-1].set_xlabel("iteration")
    return figure


def _known(iterations: pd.DataFrame, column: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Iterations and values of a column, without those in which no episode ended."""
    known = iterations[["iteration", column]].dropna()
    return known["iteration"], known[column]
