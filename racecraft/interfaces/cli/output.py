"""What commands write: results on standard output, everything else on standard error.

With `--json` the last line of standard output is one JSON object, whatever happens.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from racecraft.domain.episode import EpisodeStatus, Trial, format_lap_time
from racecraft.domain.limit import defect, league_scale

if TYPE_CHECKING:
    from racecraft.domain.limit import LapLimit
    from racecraft.domain.randomisation import RandomisationSpec
    from racecraft.sandbox.findings import Finding
    from racecraft.service.settings import Settings

JSON_FLAG = typer.Option(False, "--json", help="Write one JSON object to standard output.")


class Interrupted(Exception):
    """Ctrl-C; the sentence says what was kept and how to go on."""

    def __init__(self, sentence: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.facts = dict(facts or {})


def settings_now() -> Settings:
    """Settings, read when a command runs, because importing their library takes a while.

    Raises:
        InvalidInput: an environment variable does not fit.
    """
    from racecraft.service.settings import read_settings

    return read_settings()


def say_json(facts: Mapping[str, Any]) -> None:
    """One JSON object on one line."""
    typer.echo(json.dumps(facts, default=_plain, allow_nan=False))


def say_failure(
    sentence: str, kind: str, *, is_json: bool, facts: Mapping[str, Any] | None = None
) -> None:
    """An error: a line on standard error, and with `--json` an object on standard output."""
    typer.echo(f"error: {sentence}", err=True)
    if is_json:
        say_json({"error": sentence, "kind": kind, **(facts or {})})


def say_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; in a pipe it is as wide as it needs to be."""
    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    _console().print(table)


def say_line(cells: Sequence[str]) -> None:
    """A line of a table that grows while work goes on; shown at once, in a pipe too."""
    typer.echo(" " + "  ".join(cells))
    sys.stdout.flush()


def say_laps(trials: Sequence[Trial]) -> None:
    """The lap table; how often a car was put back is told where one was."""
    has_resets = any(trial.reset_count for trial in trials)
    more = ("Off track", "Crashes", "Resets") if has_resets else ()
    passing = ("Overtakes",) if any(trial.overtakes for trial in trials) else ()
    say_table(
        (
            "Trial",
            "Time (MM:SS.mmm)",
            "Trial results (% track completed)",
            "Status",
            *more,
            *passing,
        ),
        [
            (
                str(trial.trial),
                format_lap_time(trial.time_ms),
                f"{trial.completion_percent:.0f} %",
                trial.status.label,
                *map(
                    str, (trial.off_track_count, trial.crash_count, trial.reset_count)[: len(more)]
                ),
                *map(str, (trial.overtakes,)[: len(passing)]),
            )
            for trial in trials
        ],
    )


def are_copies(trials: Sequence[Trial]) -> bool:
    """Whether several laps were driven and not one is another than the first."""
    return len(trials) > 1 and len({(t.time_ms, t.completion_percent) for t in trials}) == 1


def say_limit(
    trials: Sequence[Trial], limit: LapLimit | None, drawn: RandomisationSpec | None = None
) -> None:
    """How near the best lap came to the physical limit, and laps that are beyond it."""
    done = [trial.time_ms for trial in trials if trial.status is EpisodeStatus.LAP_COMPLETE]
    if limit is None or not done:
        return
    odd = [time_ms for time_ms in done if limit.is_impossible(time_ms, drawn)]
    for time_ms in odd:
        typer.echo(f"warning: {defect(time_ms, limit.limit_s)}", err=True)
    sound = [time_ms for time_ms in done if time_ms not in odd]
    if sound:
        best = min(sound)
        typer.echo(
            f"Best lap {format_lap_time(best)}. {limit.words(best, drawn)}\n{league_scale()}\n"
        )


def say_tracks(rows: Sequence[Mapping[str, Any]]) -> None:
    """How the best checkpoint of a training drove each of its tracks."""
    say_table(
        ("Track", "Progress", "Clean laps"),
        [
            (
                str(row["track"]),
                percent_text(row["mean_evaluation_progress"]),
                f"{row['clean_laps']}/{row['laps']}",
            )
            for row in rows
        ],
    )


def percent_text(value: float | None) -> str:
    """Percent, or a dash for None."""
    return "-" if value is None else f"{value:.0f} %"


def lap_facts(
    trials: Sequence[Trial],
    limit: LapLimit | None = None,
    drawn: RandomisationSpec | None = None,
) -> list[dict[str, Any]]:
    """The lap table for JSON; with a limit, what complete laps are against it."""
    return [
        {
            "trial": trial.trial,
            "time_ms": trial.time_ms,
            "completion_pct": round(trial.completion_percent, 2),
            "status": trial.status.label,
            "resets": trial.reset_count,
            "crashes": trial.crash_count,
            "overtakes": trial.overtakes,
            **(_against(trial, limit, drawn) if limit else {}),
        }
        for trial in trials
    ]


def _against(trial: Trial, limit: LapLimit, drawn: RandomisationSpec | None) -> dict[str, Any]:
    if trial.status is not EpisodeStatus.LAP_COMPLETE:
        return {"times_limit": None, "times_own_limit": None, "impossible": False}
    return {
        "times_limit": limit.times(trial.time_ms),
        "times_own_limit": limit.times_own(trial.time_ms),
        "impossible": limit.is_impossible(trial.time_ms, drawn),
    }


def say_findings(findings: Sequence[Finding]) -> None:
    """What a check has to say about a reward function, on standard error: a line each."""
    for finding in findings:
        place = f"line {finding.line}: " if finding.line else ""
        typer.echo(f"{finding.severity}: reward function, {place}{finding.message}", err=True)


def say_files(files: Sequence[Path]) -> None:
    """Where the results are, one file a line."""
    for file in files:
        typer.echo(f"  {file}")


def size_text(size_bytes: int) -> str:
    """Megabytes with one decimal."""
    return f"{size_bytes / 1e6:.1f} MB"


def clock_text(seconds: float) -> str:
    """`M:SS`, or `H:MM:SS` from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def time_text(seconds: float) -> str:
    """A time in seconds since 1970 as people here read it."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat(sep=" ", timespec="seconds")


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 200, highlight=False)


def _plain(value: Any) -> Any:
    return str(value)
