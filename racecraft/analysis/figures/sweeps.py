"""The picture of a sweep: how it went, and the score over each of the values that mattered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.analysis.figures.look import ASPHALT, Look, empty_figure, save_png
from racecraft.domain.sweep import Goal, Kind, Span, Status, SweepResult, SweepSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_VALUES = 5


def sweep_figure(
    spec: SweepSpec,
    results: Sequence[SweepResult],
    shares: Mapping[str, float],
    path: Path,
    *,
    look: Look = ASPHALT,
) -> None:
    """Draw the trials of a sweep in order, and beside it the score over the values, as a PNG.

    Args:
        spec: what was swept.
        results: in the order in which they were made.
        shares: importance of each value, the most important first; the others follow.
        path: the file to replace.
        look: the colours.

    Raises:
        StorageFailed: the picture could not be written.
    """
    names = [*shares, *(name for name in spec.space if name not in shares)][:_MOST_VALUES]
    columns = 3
    rows = -(-(len(names) + 1) // columns)
    figure = empty_figure(4.0 * columns, 3.3 * rows + 0.5, look)
    grid = figure.subplots(rows, columns, squeeze=False)
    cells = list(grid.flat)
    searched = [each for each in results if each.trial.kind in (Kind.SEARCH, Kind.BASE)]
    _history(cells[0], spec, searched, look)
    for cell, name in zip(cells[1:], names, strict=False):
        _over(cell, spec, searched, name, shares.get(name), look)
    for cell in cells[len(names) + 1 :]:
        cell.set_axis_off()
    figure.tight_layout(pad=1.6)
    save_png(figure, path)


def _history(axes: Axes, spec: SweepSpec, results: Sequence[SweepResult], look: Look) -> None:
    from matplotlib.ticker import MaxNLocator

    _style(axes, spec, look, "Training")
    best, line = None, []
    for each in results:
        if each.status is Status.DONE and (best is None or (each.score or 0.0) > best):
            best = each.score or 0.0
        line.append(best)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    numbers = [each.trial.number for each in results]
    known = [(x, y) for x, y in zip(numbers, line, strict=True) if y is not None]
    if known:
        x, y = zip(*known, strict=True)
        axes.step(x, y, where="post", color=look.accent, linewidth=1.6)
    _dots(axes, results, numbers, look)
    axes.set_title("Trainings, and the best so far", color=look.ink, size=10, loc="left")


def _over(
    axes: Axes,
    spec: SweepSpec,
    results: Sequence[SweepResult],
    name: str,
    share: float | None,
    look: Look,
) -> None:
    chosen = [each for each in results if name in each.trial.values]
    values: list[Any] = [each.trial.values[name] for each in chosen]
    space = spec.space[name]
    _style(axes, spec, look, "")
    if isinstance(space, Span):
        if space.log:
            axes.set_xscale("log")
            ticks = [space.low, math.sqrt(space.low * space.high), space.high]
            axes.set_xticks(ticks, [f"{tick:.2g}" for tick in ticks])
            axes.set_xticks([], minor=True)
        margin = (space.high / space.low) ** 0.04 if space.log else 0.04 * (space.high - space.low)
        ends = (
            (space.low / margin, space.high * margin)
            if space.log
            else (space.low - margin, space.high + margin)
        )
        axes.set_xlim(*ends)
    else:
        words = [str(value) for value in space]
        values = [words.index(str(value)) for value in values]
        axes.set_xticks(range(len(words)), [word[:12] for word in words])
        axes.set_xlim(-0.5, len(words) - 0.5)
    _dots(axes, chosen, values, look)
    title = name if share is None else f"{name}  ({100 * share:.0f} %)"
    axes.set_title(title, color=look.ink, size=10, loc="left")


def _dots(axes: Axes, results: Sequence[SweepResult], places: Sequence[float], look: Look) -> None:
    """A dot for each whole training, a faint one for each that was ended early."""
    for status, colour, alpha in (
        (Status.PRUNED, look.dim, 0.6),
        (Status.DONE, look.good, 0.9),
    ):
        found = [
            (place, each.score)
            for place, each in zip(places, results, strict=True)
            if each.status is status and each.score is not None
        ]
        if found:
            x, y = zip(*found, strict=True)
            axes.scatter(x, y, s=26, color=colour, alpha=alpha, linewidths=0, zorder=3)


def _style(axes: Axes, spec: SweepSpec, look: Look, label: str) -> None:
    axes.set_facecolor(look.panel)
    axes.tick_params(colors=look.dim, length=0, labelsize=9, which="both")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.grid(True, axis="y", color=look.line, linewidth=1)
    axes.set_axisbelow(True)
    unit = "m/s" if spec.goal is Goal.PACE else "%"
    axes.set_ylabel(f"Score ({unit})", color=look.dim, size=9)
    axes.set_xlabel(label, color=look.dim, size=9)
