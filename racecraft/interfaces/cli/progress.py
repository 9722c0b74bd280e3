"""Live progress of a training: a steady panel on a terminal, a line an iteration elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from racecraft.domain.spec import StopCondition, TrainingSpec
from racecraft.interfaces.cli.output import clock_text, percent_text

_REDRAWS_PER_S = 4
"""Often enough for a running clock, seldom enough to cost the training nothing."""


class TrackFigures(Protocol):
    """How one of several tracks went, as far as it is shown."""

    @property
    def track(self) -> str: ...
    @property
    def mean_evaluation_progress(self) -> float | None: ...


class Report(Protocol):
    """One iteration, as far as it is shown; of a training here or on a server."""

    @property
    def iteration(self) -> int: ...
    @property
    def env_steps(self) -> int: ...
    @property
    def training_s(self) -> float: ...
    @property
    def steps_per_s(self) -> float: ...
    @property
    def mean_reward(self) -> float | None: ...
    @property
    def mean_progress(self) -> float | None: ...
    @property
    def mean_evaluation_progress(self) -> float | None: ...
    @property
    def clean_laps(self) -> int: ...
    @property
    def mean_lap_speed_mps(self) -> float | None: ...
    @property
    def evaluation(self) -> Sequence[object]: ...
    @property
    def tracks(self) -> Sequence[TrackFigures]: ...


class TrainingDisplay:
    """Shows a training while it runs; call it with every report."""

    def __init__(
        self, name: str, training: TrainingSpec, *, typical_env_steps: int | None, is_json: bool
    ) -> None:
        self._name = name
        self._stop = training.stop
        self._has_tracks = len(training.tracks) > 1
        self._typical_env_steps = typical_env_steps
        stream = sys.stderr if is_json else sys.stdout
        self._console = Console(file=stream, highlight=False)
        self._live: Live | None = None
        self._started_s = time.monotonic()
        self._reported_s = self._started_s
        self._report: Report | None = None
        self._evaluated: Report | None = None
        """The newest report with an evaluation: not every iteration has one."""
        self._waiting_for = ""
        self._waiting = Spinner("line", "getting ready; the very first run compiles the simulator")

    def __enter__(self) -> TrainingDisplay:
        if self._console.is_terminal:
            self._live = Live(
                console=self._console,
                get_renderable=self._panel,
                refresh_per_second=_REDRAWS_PER_S,
                transient=False,
            )
            self._live.start()
        else:
            self._line(f"Training {self._name} (until {stop_text(self._stop)}).")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, report: Report) -> None:
        """Show an iteration."""
        self._report, self._reported_s = report, time.monotonic()
        if report.evaluation or self._evaluated is None:
            self._evaluated = report
        if self._live is None:
            self._line(self._sentence(report))

    def say_waiting(self, sentence: str) -> None:
        """Show why nothing happens yet."""
        if self._live is None and sentence != self._waiting_for:
            self._line(sentence)
        self._waiting_for = sentence
        self._waiting.update(text=sentence)

    def _line(self, text: str) -> None:
        print(text, file=self._console.file, flush=True)

    def _sentence(self, report: Report) -> str:
        left = self._left_s()
        return (
            f"iteration {report.iteration}: reward {_or_dash(report.mean_reward)}, "
            f"progress {_or_dash(report.mean_progress)} %, "
            f"evaluation {_or_dash(report.mean_evaluation_progress)} %, "
            f"clean laps {_laps(report, self._stop)}, lap speed {_speed_text(report)}, "
            + (f"weakest track {_weakest(report)}, " if report.tracks and report.evaluation else "")
            + f"{report.steps_per_s:.0f} steps/s, "
            f"{clock_text(report.training_s)} elapsed"
            + (f", about {clock_text(left)} left" if left is not None else "")
        )

    def _left_s(self) -> float | None:
        if self._report is None:
            return None
        left = time_left_s(self._report, self._stop, self._typical_env_steps)
        return None if left is None else max(0.0, left - (time.monotonic() - self._reported_s))

    def _panel(self) -> Group:
        """The whole picture; the same number of lines every time, so that nothing jumps."""
        report = self._report
        title = Text.assemble(("Training ", "dim"), (self._name, "bold"))
        goal = Text(f"until {stop_text(self._stop)}", "dim", no_wrap=True, overflow="ellipsis")
        elapsed = clock_text(time.monotonic() - self._started_s)
        if report is None:
            empty = [Text("")] * (5 if self._has_tracks else 4)
            return Group(title, goal, self._waiting, Text(f"elapsed {elapsed}"), *empty)
        rows = Table.grid(padding=(0, 2))
        for label, value, label_2, value_2 in self._figures(report):
            rows.add_row(Text(label, "dim"), f"{value:<12}", Text(label_2, "dim"), value_2)
        evaluated = self._evaluated or report
        bars = Table.grid(padding=(0, 2))
        for label, share in (
            ("progress, training", report.mean_progress or 0.0),
            ("progress, evaluation", evaluated.mean_evaluation_progress or 0.0),
        ):
            bars.add_row(Text(label, "dim"), ProgressBar(100, share, width=32), f"{share:5.1f} %")
        weakest = Text.assemble(("weakest track  ", "dim"), _weakest(evaluated))
        return Group(title, goal, bars, rows, *[weakest] * self._has_tracks)

    def _figures(self, report: Report) -> tuple[tuple[str, str, str, str], ...]:
        left = self._left_s()
        evaluated = self._evaluated or report
        laps = _laps(evaluated, self._stop)
        elapsed = clock_text(time.monotonic() - self._started_s)
        return (
            ("iteration", str(report.iteration), "environment steps", f"{report.env_steps:,}"),
            (
                "reward",
                _or_dash(report.mean_reward),
                "steps a second",
                f"{report.steps_per_s:,.0f}",
            ),
            ("clean laps", laps, "lap speed", _speed_text(evaluated)),
            ("elapsed", elapsed, "time left", "-" if left is None else f"about {clock_text(left)}"),
        )


def time_left_s(report: Report, stop: StopCondition, typical_env_steps: int | None) -> float | None:
    """Estimate from the pace so far; None when nothing is known about the end.

    The end in clean laps cannot be foreseen; what the preset usually takes stands for it until
    that is used up.
    """
    pace = report.env_steps / max(report.training_s, 1e-9)
    ends = []
    if stop.minutes is not None:
        ends.append(stop.minutes * 60 - report.training_s)
    if stop.env_steps is not None:
        ends.append((stop.env_steps - report.env_steps) / pace)
    if stop.clean_laps is not None:
        if typical_env_steps is None or report.env_steps >= typical_env_steps:
            return None
        ends.append((typical_env_steps - report.env_steps) / pace)
    return max(0.0, min(ends)) if ends else None


def stop_text(stop: StopCondition) -> str:
    """For instance `5 clean laps at 0.85 m/s or more, or 10 minutes`."""
    parts = []
    if stop.clean_laps is not None:
        laps = f"{stop.clean_laps} clean laps"
        laps += f" and {stop.robust_laps} from displaced starts" if stop.robust_laps else ""
        laps += f" at {stop.min_mean_speed_mps:g} m/s or more" if stop.min_mean_speed_mps else ""
        parts.append(laps)
    if stop.env_steps is not None:
        parts.append(f"{stop.env_steps:,} steps")
    if stop.minutes is not None:
        parts.append(minutes_text(stop.minutes))
    return ", or ".join(parts)


def minutes_text(minutes: float) -> str:
    """`10 minutes`, but `1 minute`."""
    return "1 minute" if minutes == 1 else f"{minutes:g} minutes"


def _laps(report: Report, stop: StopCondition) -> str:
    wanted = len(report.evaluation) if report.tracks else stop.clean_laps or len(report.evaluation)
    return f"{min(report.clean_laps, wanted)}/{wanted}"


def _weakest(report: Report) -> str:
    """The track on which the greedy laps came least far, for instance `needle-eye 43 %`."""
    examined = [row for row in report.tracks if row.mean_evaluation_progress is not None]
    if not examined:
        return "-"
    row = min(examined, key=lambda row: row.mean_evaluation_progress or 0.0)
    return f"{row.track} {percent_text(row.mean_evaluation_progress)}"


def _or_dash(value: float | None) -> str:
    """None means that no training episode has ended in this iteration."""
    return "-" if value is None else f"{value:.1f}"


def _speed_text(report: Report) -> str:
    speed = report.mean_lap_speed_mps
    return f"{speed:.2f} m/s" if speed else "-"
