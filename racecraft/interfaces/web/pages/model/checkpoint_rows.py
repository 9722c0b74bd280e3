"""The table of a model's checkpoints: what each drove, and how its iteration went."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import lap_time
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.notices import badge

if TYPE_CHECKING:
    from collections.abc import Callable

    from racecraft.interfaces.web.pages.model.reading import Sheet
    from racecraft.service.checkpoints import CheckpointRow
    from racecraft.service.rankings import RankedCheckpoint, Ranking

_NOTHING = "–"


@dataclass(frozen=True)
class Row:
    """One checkpoint."""

    kept: CheckpointRow
    place: int | None
    """In the ranking that is shown; None if it did not drive in it."""
    driven: RankedCheckpoint | None

    @property
    def iteration(self) -> int:
        """Of the checkpoint."""
        return self.kept.iteration


def rows_of(sheet: Sheet, ranking: Ranking | None) -> list[Row]:
    """The checkpoints that are there, with what they drove."""
    driven = enumerate(ranking.checkpoints, start=1) if ranking is not None else ()
    found = {each.iteration: (place, each) for place, each in driven}
    return [Row(kept, *found.get(kept.iteration, (None, None))) for kept in sheet.checkpoints]


def _name(row: Row) -> None:
    with tag("span", "named"):
        tag("span", text=f"Iteration {row.iteration}")
        if row.kept.is_best:
            badge("Best of the training", "good")
        if row.kept.is_last:
            badge("Newest")


def _figure(key: str, title: str, text: Callable[[RankedCheckpoint], str], worst: float,
            value: Callable[[RankedCheckpoint], float | None]) -> Column[Row]:  # fmt: skip
    """A column of what was driven; those that did not drive come last."""

    def order(row: Row) -> float:
        found = None if row.driven is None else value(row.driven)
        return worst if found is None else found

    return Column(
        key,
        title,
        lambda row: _NOTHING if row.driven is None else text(row.driven),
        order=order,
        is_number=True,
    )


def _time(time_ms: int | None) -> str:
    return _NOTHING if time_ms is None else lap_time(time_ms / 1000)


def _percent(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.0f} %"


COLUMNS: tuple[Column[Row], ...] = (
    Column(
        "iteration",
        "Checkpoint",
        lambda row: f"Iteration {row.iteration}",
        order=lambda row: row.iteration,
        draw=_name,
        depends=lambda row: (row.kept.is_best, row.kept.is_last),
    ),
    Column(
        "rank",
        "Rank",
        lambda row: _NOTHING if row.place is None else str(row.place),
        order=lambda row: (math.inf if row.place is None else row.place, -row.iteration),
        is_number=True,
    ),
    _figure(
        "clean", "Clean laps", lambda each: f"{each.clean_laps} of {each.laps}", -1.0,
        lambda each: each.clean_laps,
    ),
    _figure(
        "completion", "Completion", lambda each: f"{each.completion_percent:.1f} %", -1.0,
        lambda each: each.completion_percent,
    ),
    _figure(
        "best", "Best lap", lambda each: _time(each.best_lap_ms), math.inf,
        lambda each: each.best_lap_ms,
    ),
    _figure(
        "median", "Median lap", lambda each: _time(each.median_lap_ms), math.inf,
        lambda each: each.median_lap_ms,
    ),
    _figure(
        "off", "Off track", lambda each: str(each.off_track_count), math.inf,
        lambda each: each.off_track_count,
    ),
    _figure(
        "crashes", "Crashes", lambda each: str(each.crash_count), math.inf,
        lambda each: each.crash_count,
    ),
    Column(
        "progress",
        "Progress in training",
        lambda row: _percent(row.kept.mean_evaluation_progress),
        order=lambda row: row.kept.mean_evaluation_progress or -1.0,
        is_number=True,
    ),
    Column(
        "reward",
        "Mean reward",
        lambda row: _NOTHING if row.kept.mean_reward is None else f"{row.kept.mean_reward:.2f}",
        order=lambda row: -math.inf if row.kept.mean_reward is None else row.kept.mean_reward,
        is_number=True,
        is_shown=False,
    ),
)  # fmt: skip
