"""Evaluations of a model: asking for one, watching it, and what came of those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.frame import heading
from racecraft.interfaces.web.pages.model.asking import ask_evaluation
from racecraft.interfaces.web.pages.model.limits import limit_words, past_times
from racecraft.interfaces.web.pages.model.watching import Watching
from racecraft.interfaces.web.pages.model.words import (
    evaluation_sum,
    job_words,
    trial_kind,
)
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import lap_time, moment
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import figure, scrolled
from racecraft.interfaces.web.widgets.notices import badge, empty_state
from racecraft.service.access import Operation
from racecraft.service.evaluations import laps_so_far
from racecraft.service.stamps import stamp_s
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.model.opened import OpenedModel
    from racecraft.interfaces.web.pages.model.reading import Sheet
    from racecraft.service.evaluations import EvaluationRow, TrialRow
    from racecraft.service.jobs.job import Job

_MOST_ROWS = 12
"""Past evaluations that are listed before somebody asks for all."""


class EvaluationPart:
    """The section of the evaluations."""

    def __init__(self, page: OpenedModel) -> None:
        self._page = page
        self._chosen = ""
        self._asked = ""
        """Evaluation that was under way while this page was open."""
        self._newest = page.sheet.evaluations[0].stamp if page.sheet.evaluations else ""
        with tag("section", "model-section", aria_label="Evaluation"):
            with tag("div", "section-head"):
                heading("Evaluation", info="evaluation")
                self._state = tag("div", "section-state")
                tag("span", "grow")
                self._actions = tag("div", "actions")
            with tag("div", "evaluation-grid") as self._grid:
                self._live = tag("div", "evaluation-live")
                self._watching = Watching(page, self._live)
                self._results = tag("div", "evaluation-results")
            self._past = tag("div")

    def show(self, sheet: Sheet) -> None:
        """Follow the newest look."""
        job = sheet.job if sheet.is_evaluating else None
        newest = sheet.evaluations[0].stamp if sheet.evaluations else ""
        if newest != self._newest:
            self._newest, self._chosen = newest, ""
        self._state.clear()
        with self._state:
            if job is not None or sheet.evaluated is not None:
                badge(*job_words(job or sheet.evaluated, has_learnt=False))
        self._actions.clear()
        with self._actions:
            can_start = sheet.is_ready and sheet.job is None and Operation.RUN_JOB in sheet.may
            if sheet.evaluations or not sheet.is_ready:
                start = lambda: ask_evaluation(self._page)  # noqa: E731
                button("Start evaluation", start, icon="flag", is_enabled=can_start)
        self._show_live(sheet, job)
        self._show_results(sheet, job)
        self._show_past(sheet)

    def _show_live(self, sheet: Sheet, job: Job | None) -> None:
        """The laps as they are driven; they can be watched until the page is left."""
        if job is not None:
            self._asked = job.id
        newest = job or sheet.evaluated
        has_begun = newest is not None and newest.started_at_s is not None
        if newest is not None and has_begun and newest.id == self._asked:
            self._watching.show(newest)
        has_view = bool(self._watching.job_id) and not sheet.is_training
        self._live.set_visibility(has_view)
        self._grid.classes(add="is-live" if has_view else "", remove="" if has_view else "is-live")

    def _show_results(self, sheet: Sheet, job: Job | None) -> None:
        self._results.clear()
        with self._results:
            if job is not None:
                _pending(job)
                return
            rows = [row for row in sheet.evaluations if row.stamp == self._chosen]
            row = next(iter(rows or sheet.evaluations), None)
            if row is not None:
                _results(self._page, sheet, row)
            elif sheet.is_ready:
                with empty_state(
                    "Not evaluated yet",
                    "Let the model drive some laps by itself, on any track. Here will stand the "
                    "time of each.",
                ):
                    if Operation.RUN_JOB in sheet.may:
                        start = lambda: ask_evaluation(self._page)  # noqa: E731
                        button("Start evaluation", start, icon="flag")
            else:
                tag("p", "dim", "It can be evaluated as soon as its training is over.")

    def _show_past(self, sheet: Sheet) -> None:
        self._past.clear()
        if len(sheet.evaluations) < 2:
            return
        with self._past, tag("section", "panel table-panel", aria_label="All evaluations"):
            with tag("div", "table-top"):
                heading(f"All evaluations ({len(sheet.evaluations)})", level=3)
            with scrolled("Table of all evaluations"), tag("table", "table past"):
                with tag("thead"), tag("tr"):
                    for title in (
                        "When",
                        "Track",
                        "Laps",
                        "Best lap",
                        "Mean lap",
                        "× limit",
                        "Checkpoint",
                        "",
                    ):
                        tag("th" if title else "td", text=title, scope="col" if title else None)
                with tag("tbody"):
                    for row in sheet.evaluations[:_MOST_ROWS]:
                        self._past_row(sheet, row)
            hidden = len(sheet.evaluations) - _MOST_ROWS
            if hidden > 0:
                tag(
                    "p", "table-nothing dim", f"{hidden} older ones are kept in the model's folder."
                )

    def _past_row(self, sheet: Sheet, row: EvaluationRow) -> None:
        best_s, mean_s = evaluation_sum(row)
        shown = row.stamp == (self._chosen or sheet.evaluations[0].stamp)
        with tag("tr", "here" if shown else ""):
            with tag("th", scope="row"):
                moment(stamp_s(row.stamp))
            cells = (
                ("Track", track_words(row.evaluation.track) if row.evaluation else "–"),
                ("Laps", f"{sum(t.is_lap for t in row.trials)} of {len(row.trials)}"),
                ("Best lap", lap_time(best_s) if best_s is not None else "–"),
                ("Mean lap", lap_time(mean_s) if mean_s is not None else "–"),
                ("× limit", past_times(row)),
                ("Checkpoint", "–" if row.iteration is None else f"iteration {row.iteration}"),
            )
            for name, text in cells:
                tag("td", "number-left", text, data_label=name)
            with tag("td"):
                made = button("Show", lambda: self._choose(row.stamp), kind="quiet")
                made.props["aria-pressed"] = "true" if shown else "false"

    def _choose(self, stamp: str) -> None:
        self._chosen = stamp
        self._show_results(self._page.sheet, self._page.sheet.job)
        self._show_past(self._page.sheet)


def _pending(job: Job) -> None:
    """An evaluation that is not over: the table waits for its laps."""
    trials = int(job.request.get("trials", 0))
    driven = {row.trial: row for row in laps_so_far(job.report)}
    has_overtakes = any(row.overtakes for row in driven.values())
    with tag("section", "panel table-panel", aria_label="Results"):
        with tag("div", "table-top"):
            heading("Results", level=3)
        with scrolled("Table of laps"), tag("table", "table trials"):
            _trial_head(has_overtakes=has_overtakes)
            with tag("tbody"):
                for number in range(1, trials + 1):
                    if number in driven:
                        _trial_row(driven[number], has_overtakes=has_overtakes)
                        continue
                    with tag("tr"):
                        tag("th", text=str(number), scope="row")
                        columns = 7 if has_overtakes else 6
                        tag("td", "dim", "to be driven", data_label="Status", colspan=columns)


def _results(page: OpenedModel, sheet: Sheet, row: EvaluationRow) -> None:
    """One evaluation that is over."""
    best_s, mean_s = evaluation_sum(row)
    with tag("section", "panel table-panel", aria_label="Results"):
        with tag("div", "table-top"):
            heading("Results", level=3)
            with tag("span", "dim"):
                tag("span", text=_what(sheet, row) + " · ")
                moment(stamp_s(row.stamp))
        with tag("div", "figures in-table"):
            laps = sum(trial.is_lap for trial in row.trials)
            kind = "good" if laps == len(row.trials) else ""
            figure(f"{laps} of {len(row.trials)}", "complete laps", kind)
            figure(lap_time(best_s) if best_s is not None else "–", "best lap")
            if row.limit is not None and best_s is not None:
                times = row.limit.times(round(best_s * 1000))
                figure(f"{times:.2f} ×", f"the limit of {row.limit.limit_s:.2f} s")
            figure(lap_time(mean_s) if mean_s is not None else "–", "mean lap")
            figure(f"{row.mean_completion_percent:.0f} %", "of the lap on average")
        with scrolled("Table of laps"), tag("table", "table trials"):
            _trial_head(has_overtakes=_overtakes(row))
            with tag("tbody"):
                for trial in row.trials:
                    _trial_row(trial, has_overtakes=_overtakes(row))
        limit_words(row)
        with tag("div", "actions in-table"):
            base = f"/api/models/{page.model_id}/evaluations/{row.stamp}"
            if row.evaluation is not None:
                best = min(row.trials, key=_worth)
                path = f"/replay/{page.model_id}?lap={row.stamp}-{best.trial}"
                link_button("Watch replay", path, icon="play")
            if Operation.DOWNLOAD_MODEL in sheet.may:
                made = link_button("Download trace", f"{base}/trace", icon="download")
                made.props["download"] = ""


def _worth(trial: TrialRow) -> tuple[bool, float]:
    """The less the better: the fastest lap, else the one that came furthest."""
    return (not trial.is_lap, trial.time_ms if trial.is_lap else -trial.completion_percent)


def _what(sheet: Sheet, row: EvaluationRow) -> str:
    if row.evaluation is None:
        return "An older evaluation"
    parts = [track_words(row.evaluation.track), row.evaluation.race.summary]
    if row.iteration is not None:
        parts.append(f"iteration {row.iteration}")
    return ", ".join(parts)


def _overtakes(row: EvaluationRow) -> bool:
    return any(trial.overtakes for trial in row.trials)


def _trial_head(*, has_overtakes: bool) -> None:
    titles = ["Trial", "Time", "× limit", "Track", "Status", "Resets", "Crashes"]
    with tag("thead"), tag("tr"):
        for title in titles + (["Overtakes"] if has_overtakes else []):
            is_number = title in ("Resets", "Crashes", "Overtakes")
            tag("th", "number" if is_number else "", title, scope="col")


def _trial_row(trial: TrialRow, *, has_overtakes: bool) -> None:
    with tag("tr"):
        tag("th", text=str(trial.trial), scope="row")
        tag("td", "number-left", lap_time(trial.time_ms / 1000), data_label="Time")
        times = "–" if trial.times_limit is None else f"{trial.times_limit:.2f}"
        tag("td", "number-left", times, data_label="× limit")
        tag("td", "number-left", f"{trial.completion_percent:.0f} %", data_label="Track")
        with tag("td", data_label="Status"):
            badge("Defect" if trial.is_impossible else trial.status, trial_kind(trial))
        tag("td", "number", str(trial.reset_count), data_label="Resets")
        tag("td", "number", str(trial.crash_count), data_label="Crashes")
        if has_overtakes:
            tag("td", "number", str(trial.overtakes), data_label="Overtakes")
