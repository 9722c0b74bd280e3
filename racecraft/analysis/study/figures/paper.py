"""What all figures share: the sheet, its axes, its colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.analysis.figures.look import ASPHALT, empty_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOK = ASPHALT
MODELS = ("#ff7a1a", "#5aa9ff", "#3ddc97", "#ffd166", "#ff5a5f", "#c792ea", "#8bd5ca", "#eef1f4")
"""Colours of models that are compared."""


def sheet(title: str, rows: int = 1, *, height_in: float = 3.2) -> tuple[Figure, list[Axes]]:
    """A figure with charts below each other that share their horizontal axis."""
    figure = empty_figure(9.0, height_in * rows + 0.5, LOOK)
    first = figure.add_subplot(rows, 1, 1)
    axes = [first, *(figure.add_subplot(rows, 1, k, sharex=first) for k in range(2, rows + 1))]
    for each in axes:
        dress(each)
        each.tick_params(labelbottom=each is axes[-1])
    figure.suptitle(title, color=LOOK.ink, size=13, weight="bold", x=0.02, ha="left")
    figure.subplots_adjust(left=0.09, right=0.97, top=1 - 0.6 / (height_in * rows + 0.5))
    return figure, axes


def dress(axes: Axes) -> None:
    """The colours of one chart."""
    axes.set_facecolor(LOOK.panel)
    axes.tick_params(colors=LOOK.dim, labelsize=9)
    axes.grid(color=LOOK.line, linewidth=0.7)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(LOOK.line)
    axes.xaxis.label.set_color(LOOK.dim)
    axes.yaxis.label.set_color(LOOK.dim)


def legend(axes: Axes) -> None:
    """What the lines mean."""
    made = axes.legend(loc="best", fontsize=8, facecolor=LOOK.panel, edgecolor=LOOK.line)
    for text in made.get_texts():
        text.set_color(LOOK.ink)
