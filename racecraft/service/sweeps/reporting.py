"""What a sweep found, in sentences and as a table."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Sequence
from pathlib import Path

from racecraft.domain.sweep import Goal, Kind, Status, SweepResult, SweepSpec
from racecraft.service.files import write_whole
from racecraft.service.sweeps.running import ranked
from racecraft.service.sweeps.schedules import best_of
from racecraft.service.sweeps.study import importances

TABLE_FILE, REPORT_FILE, PICTURE_FILE = "results.csv", "report.md", "sweep.png"
_FIGURES = (
    "status", "model", "score", "clean_share", "completion_percent", "best_lap_s", "mean_lap_s",
    "env_steps", "training_s", "problem",
)  # fmt: skip


def findings(spec: SweepSpec, results: Sequence[SweepResult]) -> list[str]:
    """What can be said, the most important first; a sentence each."""
    best = best_of(results)
    if best is None:
        problems = [each.problem for each in results if each.problem]
        return [
            "No training came to its end."
            + (f" The last one says: {problems[-1]}" if problems else "")
        ]
    found = [_about_best(spec, best, results)]
    found += _about_seeds(spec, best, results)
    found += _about_values(spec, results)
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


def _about_best(spec: SweepSpec, best: SweepResult, results: Sequence[SweepResult]) -> str:
    base = next((each for each in results if each.trial.kind is Kind.BASE), None)
    count = sum(each.trial.kind is Kind.SEARCH for each in results)
    words = (
        f"{_score_words(spec, best)} ({100 * (best.clean_share or 0.0):.0f} % of its laps clean)"
    )
    if base is None:
        return f"The best of {count} trainings is number {best.trial.number}: {words}."
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


def _about_seeds(spec: SweepSpec, best: SweepResult, results: Sequence[SweepResult]) -> list[str]:
    """Whether the gain holds where nothing was chosen by its outcome."""
    pairs = _confirmed(results)
    if not pairs:
        return []
    told = [score_text(spec, score) for _, score in pairs]
    against = [score_text(spec, score) for score, _ in pairs]
    gains = [new - old for old, new in pairs]
    holds = "The gain holds" if min(gains) > 0 else "The gain does not hold for certain"
    return [
        f"With {len(pairs)} other seeds the best comes to {' and '.join(told)}, the model's own "
        f"training to {' and '.join(against)}. {holds}."
    ]


def _confirmed(results: Sequence[SweepResult]) -> list[tuple[float, float]]:
    """Scores (base, best) of each seed that both were trained with."""

    def scores(kind: Kind) -> dict[int, float]:
        return {each.trial.seed: each.score or 0.0 for each in results if each.trial.kind is kind}

    base, best = scores(Kind.CONFIRM_BASE), scores(Kind.CONFIRM_BEST)
    return [(base[seed], best[seed]) for seed in base if seed in best]


def _about_values(spec: SweepSpec, results: Sequence[SweepResult]) -> list[str]:
    """What the best loses when one of its values is as before."""
    rivals = {
        each.trial.seed: each.score or 0.0
        for each in results
        if each.trial.kind is Kind.CONFIRM_BEST
    }
    noise = abs(statistics.stdev(rivals.values())) if len(rivals) > 1 else 0.0
    rows = []
    for each in results:
        if each.trial.kind is not Kind.WITHOUT or each.trial.seed not in rivals:
            continue
        loss = rivals[each.trial.seed] - (each.score or 0.0)
        rows.append((loss, each.trial.without or ""))
    sentences = []
    for loss, name in sorted(rows, reverse=True):
        best = next(e for e in results if e.trial.kind is Kind.CONFIRM_BEST)
        value = best.trial.values[name]
        if loss > noise:
            words = f"helped: without it {score_text(spec, loss)} are lost"
        elif loss < -noise:
            words = f"harmed: without it {score_text(spec, -loss)} are won"
        else:
            words = "made no difference beyond that of two seeds"
        sentences.append(f"{name} = {value} {words}.")
    return sentences


def top(results: Sequence[SweepResult], count: int) -> list[SweepResult]:
    """The best so many whole trainings."""
    return ranked(results)[:count]
