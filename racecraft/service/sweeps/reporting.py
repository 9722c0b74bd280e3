"""What a sweep found, in sentences and as a table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

from racecraft.domain.sweep import Goal, Kind, Method, Status, SweepResult, SweepSpec
from racecraft.service.files import write_whole
from racecraft.service.sweeps.confirming import about_checks
from racecraft.service.sweeps.running import ranked
from racecraft.service.sweeps.schedules import best_of, nothing_works, search_s
from racecraft.service.sweeps.study import importances

TABLE_FILE, REPORT_FILE, PICTURE_FILE = "results.csv", "report.md", "sweep.png"
_FIGURES = (
    "status", "model", "score", "clean_share", "completion_percent", "best_lap_s", "mean_lap_s",
    "env_steps", "training_s", "took_s", "problem",
)  # fmt: skip


def findings(spec: SweepSpec, results: Sequence[SweepResult]) -> list[str]:
    """What can be said, the most important first; a sentence each."""
    best = best_of(results)
    if best is None:
        return [_about_nothing(results)]
    found = [_about_best(spec, best, results), *_about_grid(spec, results)]
    found += about_checks(results, lambda score: score_text(spec, score))
    shares = importances(spec, results)
    if shares:
        words = ", ".join(f"{name} {100 * share:.0f} %" for name, share in list(shares.items())[:4])
        found.append(f"What set the best quarter of the trainings apart: {words}.")
    failed = [each for each in results if each.status is Status.FAILED]
    if failed:
        found.append(
            f"{len(failed)} of {len(results)} trainings failed; the last one says: "
            f"{failed[-1].problem}"
        )
    return found


def write_table(folder: Path, spec: SweepSpec, results: Sequence[SweepResult]) -> Path:
    """All trials as CSV: values, then figures.

    Raises:
        StorageFailed: it cannot be written.
    """
    names, text = list(spec.space), io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["number", "kind", "seed", "without", *names, *_FIGURES])
    for each in results:
        trial, figures = each.trial, each.model_dump(mode="json")
        values = [trial.values.get(name, "") for name in names]
        start = [trial.number, trial.kind.value, trial.seed, trial.without or ""]
        shown = ["" if figures[name] is None else figures[name] for name in _FIGURES]
        rows.writerow([*start, *values, *shown])
    path = folder / TABLE_FILE
    write_whole(path, text.getvalue())
    return path


def write_report(folder: Path, name: str, spec: SweepSpec, results: Sequence[SweepResult]) -> Path:
    """The findings as a page.

    Raises:
        StorageFailed: it cannot be written.
    """
    best = best_of(results)
    lines = [f"# {name}", ""]
    lines += [f"- {sentence}" for sentence in findings(spec, results)]
    lines += ["", f"![Every training of the sweep]({PICTURE_FILE})", ""]
    if best is not None and best.trial.values:
        lines += ["| value | best |", "| --- | --- |"]
        lines += [f"| `{key}` | {value} |" for key, value in best.trial.values.items()]
    path = folder / REPORT_FILE
    write_whole(path, "\n".join(lines) + "\n")
    return path


def score_text(spec: SweepSpec, score: float | None) -> str:
    """With its unit."""
    if score is None:
        return "-"
    return f"{score:.3f} m/s" if spec.goal is Goal.PACE else f"{score:.1f} %"


def _about_nothing(results: Sequence[SweepResult]) -> str:
    problems = [each.problem for each in results if each.problem]
    if nothing_works(results):
        words = f"None of the first {len(results)} trainings came to its end, so no more were tried"
    elif results and results[0].trial.kind is Kind.BASE:
        words = "The model's own training did not come to its end, so nothing was compared with it"
    else:
        words = "No training came to its end"
    return f"{words}." + (f" The last one says: {problems[-1]}" if problems else "")


def _about_grid(spec: SweepSpec, results: Sequence[SweepResult]) -> list[str]:
    """A grid that was not tried as a whole."""
    tried = sum(each.trial.kind is Kind.SEARCH for each in results)
    if spec.method is not Method.GRID or spec.grid_size in (None, tried):
        return []
    return [f"Of the {spec.grid_size} combinations of the grid, {tried} were tried."]


def _about_best(spec: SweepSpec, best: SweepResult, results: Sequence[SweepResult]) -> str:
    base = next((each for each in results if each.trial.kind is Kind.BASE), None)
    count = sum(each.trial.kind is Kind.SEARCH for each in results)
    words = (
        f"{_score_words(spec, best)} ({100 * (best.clean_share or 0.0):.0f} % of its laps clean)"
    )
    if base is None:
        return f"The best of {count} trainings is number {best.trial.number}: {words}."
    if best is base and count == 0 and spec.minutes is not None:
        need = math.ceil((spec.minutes * 60.0 - search_s(spec, base.took_s) + base.took_s) / 60.0)
        return (
            f"The model's own training comes to {words}. It took {base.took_s / 60.0:.1f} minutes, "
            f"so {spec.minutes:g} leave no time to look for a better one and to check it; give "
            f"{need} or more with --minutes, or fewer --steps under another --name."
        )
    if best is base:
        return f"None of {count} trainings was better than the model's own: {words}."
    own = f"{_score_words(spec, base)} ({100 * (base.clean_share or 0.0):.0f} % clean)"
    return (
        f"The best of {count} trainings is number {best.trial.number}: {words}. The model's own "
        f"training comes to {own}."
    )


def _score_words(spec: SweepSpec, result: SweepResult) -> str:
    words = score_text(spec, result.score)
    return words if result.mean_lap_s is None else f"{words}, {result.mean_lap_s:.2f} s a clean lap"


def top(results: Sequence[SweepResult], count: int) -> list[SweepResult]:
    """The best so many whole trainings."""
    return ranked(results)[:count]
