"""The reward map: what a reward function pays, step by step, for well and badly driven laps."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from racecraft.analysis.dry_run.laps import PaidLap
from racecraft.analysis.dry_run.result import DryRun
from racecraft.analysis.dry_run.verdict import Mark, number
from racecraft.analysis.figures.look import ASPHALT, Look, empty_figure, save_png
from racecraft.analysis.figures.reward_laps import draw_laps, map_frame, reward_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS, ROWS = 3, 2
"""Five drawn laps; the sixth place is for the recorded ones, else for a comparison."""
WIDTH_IN, EDGE_IN = 14.0, 0.5
HEADER_IN, CAPTION_IN, LINE_IN = 1.3, 0.95, 0.25
CHARACTERS, HEADLINE_CHARACTERS = 155, 88
"""Letters in a line of the verdict, and of what stands above the maps."""
_SIGNS = {Mark.GOOD: "✓", Mark.BAD: "✗", Mark.NOTE: "•"}


@dataclass(frozen=True)
class _Panel:
    """One small map."""

    laps: tuple[PaidLap, ...]
    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class _Sheet:
    """A page that is measured in inches from its upper left corner."""

    figure: Any
    height_in: float
    look: Look

    def axes(self, left_in: float, top_in: float, width_in: float, height_in: float) -> Axes:
        bottom_in = self.height_in - top_in - height_in
        axes: Axes = self.figure.add_axes(
            (
                left_in / WIDTH_IN,
                bottom_in / self.height_in,
                width_in / WIDTH_IN,
                height_in / self.height_in,
            )
        )
        return axes

    def write(self, left_in: float, top_in: float, text: str, **style: Any) -> None:
        style = {"color": self.look.dim, "size": 10.5, "va": "center", **style}
        self.figure.text(left_in / WIDTH_IN, 1.0 - top_in / self.height_in, text, **style)


def draw_reward_map(run: DryRun, path: Path, *, title: str = "", look: Look = ASPHALT) -> None:
    """Draw the laps of a dry run on the track, coloured by the reward of each step, as a PNG.

    Args:
        run: the laps, their rewards and the verdict.
        path: the file to replace.
        title: stands above the picture; by default the track's name.
        look: the colours.

    Raises:
        StorageFailed: the picture could not be written.
    """
    panels, lines = _panels(run), _lines(run)
    wide_in = (WIDTH_IN - (COLUMNS + 1) * EDGE_IN) / COLUMNS
    low, high = map_frame(run.track)
    high_in = float(np.clip(wide_in * (high[1] - low[1]) / (high[0] - low[0]), 1.9, 4.4))
    bottom_in = HEADER_IN + ROWS * (high_in + CAPTION_IN)
    height_in = bottom_in + LINE_IN * len(lines) + 0.45
    sheet = _Sheet(empty_figure(WIDTH_IN, height_in, look), height_in, look)
    _header(sheet, run, title or run.track.name)
    for place in range(ROWS * COLUMNS):
        row, column = divmod(place, COLUMNS)
        left_in = EDGE_IN + column * (wide_in + EDGE_IN)
        top_in = HEADER_IN + row * (high_in + CAPTION_IN)
        axes = sheet.axes(left_in, top_in, wide_in, high_in)
        axes.set_axis_off()
        if place < len(panels):
            ideal = None if run.ideal is None else run.ideal.points
            laps = panels[place].laps
            draw_laps(axes, run.track, laps, scale=run.scale, look=look, ideal=ideal)
            _caption(sheet, panels[place], left_in + wide_in / 2, top_in + high_in)
        else:
            _bars(axes, run, look)
    _write_lines(sheet, lines, bottom_in)
    save_png(sheet.figure, path)


def _panels(run: DryRun) -> list[_Panel]:
    """A map for each drawn lap and one for all recorded ones."""
    panels = [
        _Panel(
            (paid,),
            paid.lap.title,
            (
                f"{paid.lap.time_s:.1f} s  ·  {len(paid.lap)} steps  ·  "
                f"{number(paid.total)} in all",
                f"{number(paid.mean)} a step  ·  return {number(paid.discounted)}",
            ),
        )
        for paid in run.drawn
    ]
    return [*panels, _recorded(run.recorded)] if run.recorded else panels


def _recorded(laps: tuple[PaidLap, ...]) -> _Panel:
    full = [paid for paid in laps if paid.lap.is_complete]
    shown = full or list(laps)
    times = [paid.lap.time_s for paid in shown]
    mean, ahead, total = (
        float(np.mean([getattr(paid, name) for paid in shown]))
        for name in ("mean", "discounted", "total")
    )
    failures = len(laps) - len(full)
    return _Panel(
        laps,
        f"Recorded: {len(full)} full lap{'' if len(full) == 1 else 's'}, "
        f"{failures} failure{'' if failures == 1 else 's'}",
        (
            f"{min(times):.1f}–{max(times):.1f} s  ·  {number(total)} in all on average",
            f"{number(mean)} a step  ·  return {number(ahead)}",
        ),
    )


def _caption(sheet: _Sheet, panel: _Panel, middle_in: float, top_in: float) -> None:
    style = {"color": sheet.look.ink, "size": 11.5, "weight": "bold", "ha": "center"}
    sheet.write(middle_in, top_in + 0.14, panel.title, **style)
    for place, facts in enumerate(panel.facts):
        sheet.write(middle_in, top_in + 0.37 + 0.21 * place, facts, ha="center", size=10)


def _bars(axes: Axes, run: DryRun, look: Look) -> None:
    """The returns of the drawn laps side by side, where no recorded laps take the place."""
    values = [paid.discounted for paid in run.drawn]
    low, high = min(0.0, *values), max(0.0, *values)
    span = high - low or 1.0
    axes.barh(np.arange(len(values)), values, height=0.34, color=look.info)
    axes.set(xlim=(low - 0.02 * span, low + 1.25 * span), ylim=(len(values) - 0.6, -1.3))
    axes.text(low, -1.1, "Return", color=look.ink, size=11.5, weight="bold", va="center")
    for row, paid in enumerate(run.drawn):
        axes.text(low, row - 0.38, paid.lap.title, color=look.dim, size=9.5, va="center")
        axes.text(max(values[row], 0.0) + 0.02 * span, row, number(values[row]), color=look.ink,
                  size=10, va="center", weight="bold")  # fmt: skip


def _header(sheet: _Sheet, run: DryRun, title: str) -> None:
    look = sheet.look
    sheet.write(EDGE_IN, 0.46, title, color=look.ink, size=16, weight="bold")
    colour = look.good if run.driving_well_pays else look.bad
    for row, text in enumerate(textwrap.wrap(run.headline, HEADLINE_CHARACTERS)):
        sheet.write(EDGE_IN, 0.82 + 0.24 * row, text, color=colour, size=12.5, weight="bold")
    low, high = run.scale
    axes = sheet.axes(WIDTH_IN - EDGE_IN - 3.4, 0.56, 3.4, 0.15)
    axes.imshow(
        np.linspace(0, 1, 256)[None], aspect="auto", cmap=reward_colours(run.scale, look),
        extent=(low, high, 0, 1),
    )  # fmt: skip
    ticks = [low, high] if low == 0.0 or high == 0.0 else [low, 0.0, high]
    axes.set_xticks(ticks, [number(tick) for tick in ticks])
    axes.set_yticks([])
    axes.tick_params(colors=look.dim, length=0, labelsize=9.5, pad=4)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.axvline(0.0, color=look.ink, linewidth=2.0)
    sheet.write(WIDTH_IN - EDGE_IN - 1.7, 0.4, "reward of a step", ha="center", size=10)


def _lines(run: DryRun) -> list[tuple[str, str, Mark | None]]:
    """Sign, text and meaning of each line below the maps."""
    lines: list[tuple[str, str, Mark | None]] = []
    for judgement in run.verdict:
        wrapped = textwrap.wrap(judgement.message, CHARACTERS)
        signs = [_SIGNS[judgement.mark], *[""] * (len(wrapped) - 1)]
        lines += [(sign, text, judgement.mark) for sign, text in zip(signs, wrapped, strict=True)]
    return [*lines, *[("", text, None) for text in textwrap.wrap(run.footnote, CHARACTERS)]]


def _write_lines(
    sheet: _Sheet, lines: Sequence[tuple[str, str, Mark | None]], top_in: float
) -> None:
    look = sheet.look
    colours = {Mark.GOOD: look.good, Mark.BAD: look.bad, Mark.NOTE: look.info}
    for place, (sign, text, mark) in enumerate(lines):
        middle_in = top_in + LINE_IN * (place + 0.5)
        if mark is None:
            sheet.write(EDGE_IN + 0.25, middle_in + 0.08, text, size=9.5)
            continue
        sheet.write(EDGE_IN, middle_in, sign, color=colours[mark], size=12, weight="bold")
        sheet.write(EDGE_IN + 0.25, middle_in, text, color=look.ink)
