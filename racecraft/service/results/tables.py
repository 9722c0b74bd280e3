"""Results as CSV, for spreadsheets.

A text that begins like a formula gets an apostrophe before it, so that no spreadsheet runs what
somebody chose as a name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from racecraft.domain.episode import format_lap_time

if TYPE_CHECKING:
    from racecraft.domain.results import (
        HeatCarResult,
        HeatResult,
        LapResult,
        RaceResults,
        SubmissionResult,
    )

_BOARD = (
    *("race", "rank", "racer", "country", "model", "time_ms", "time", "gap_ms", "best_lap_ms"),
    *("average_lap_ms", "total_ms", "laps_completed", "off_tracks", "crashes", "resets"),
    *("submissions", "submitted_at", "submission_id", "weights_sha256"),
    *("best_lap_times_limit", "best_lap_times_own_limit", "limit_s", "own_limit_s"),
)
_LAPS = (
    *("race", "racer", "model", "submission_id", "submitted_at", "lap", "status", "time_ms"),
    *("time", "completion_percent", "off_tracks", "crashes", "reversals", "stuck", "overtakes"),
)
_HEATS = (
    *("race", "heat", "kind", "shown_from", "match", "rank", "racer", "model", "status", "laps"),
    *("time_ms", "time", "best_lap_ms", "off_tracks", "crashes", "overtakes", "goes_on"),
    "submission_id",
)


class TableKind(StrEnum):
    """Which rows a table has."""

    BOARD = "board"
    """One for each racer on the board."""
    LAPS = "laps"
    """One for each lap of each submission that counts."""
    HEATS = "heats"
    """One for each car of each heat of live races."""


def results_csv(races: Iterable[RaceResults], kind: TableKind) -> bytes:
    """The results of races as a table, with a head."""
    if kind is TableKind.BOARD:
        return _table(_BOARD, [row for race in races for row in _board_rows(race)])
    if kind is TableKind.HEATS:
        rows = [
            _heat_row(race, heat, car) for race in races for heat in race.heats for car in heat.cars
        ]
        return _table(_HEATS, rows)
    return _table(
        _LAPS,
        [
            _lap_row(race, submission, lap)
            for race in races
            for submission in race.submissions
            for lap in submission.laps
        ],
    )


def _board_rows(results: RaceResults) -> list[Sequence[Any]]:
    by_id = {each.id: each for each in results.submissions}
    rows: list[Sequence[Any]] = []
    for line in results.board:
        best = by_id[line.submission_id]
        own = sum(each.racer_id == best.racer_id for each in results.submissions)
        result = best.result
        rows.append(
            (
                *(results.race.name, line.rank, line.racer, best.country, best.model),
                *(line.time_ms, format_lap_time(line.time_ms), line.gap_ms, result.best_lap_ms),
                *(result.average_lap_ms, result.total_ms, result.laps_completed),
                *(result.off_tracks, result.crashes, result.resets, own),
                *(_moment(best.submitted_at_s), best.id, best.weights_sha256),
                *_against(best),
            )
        )
    return rows


def _against(of: SubmissionResult) -> Sequence[Any]:
    """Its best lap over the physical limits, and those."""
    if of.limit is None or of.result.best_lap_ms is None:
        return (None, None, None, None)
    lap_ms = of.result.best_lap_ms
    return (
        *(of.limit.times(lap_ms), of.limit.times_own(lap_ms)),
        *(of.limit.limit_s, of.limit.own_limit_s),
    )


def _lap_row(results: RaceResults, of: SubmissionResult, lap: LapResult) -> Sequence[Any]:
    return (
        *(results.race.name, of.racer, of.model, of.id, _moment(of.submitted_at_s), lap.trial),
        *(lap.status, lap.time_ms, format_lap_time(lap.time_ms), lap.completion_percent),
        *(lap.off_track_count, lap.crash_count, lap.reversed_count, lap.immobilized_count),
        lap.overtakes,
    )


def _heat_row(results: RaceResults, heat: HeatResult, car: HeatCarResult) -> Sequence[Any]:
    time = None if car.time_ms is None else format_lap_time(car.time_ms)
    shown = None if heat.shown_from_s is None else _moment(heat.shown_from_s)
    goes_on = ("yes" if heat.winner == car.submission_id else "no") if heat.match else None
    return (
        *(results.race.name, heat.title, heat.kind.lower(), shown, heat.match, car.rank),
        *(car.racer, car.model, car.status, len(car.times_ms), car.time_ms, time),
        *(car.best_lap_ms, car.off_tracks, car.crashes, car.overtakes, goes_on),
        car.submission_id,
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return file.getvalue().encode("utf-8-sig")  # so that spreadsheets read it as UTF-8


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def _moment(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="seconds")
