"""How near the laps of an evaluation came to what is physically possible, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.limit import defect, league_scale
from racecraft.interfaces.web.pages.model.words import evaluation_sum
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import lap_time

if TYPE_CHECKING:
    from racecraft.service.evaluations import EvaluationRow


def limit_words(row: EvaluationRow) -> None:
    """What the best lap is against the limits, what others reached, and laps that are defects."""
    if row.limit is None:
        return
    for trial in row.trials:
        if trial.is_impossible:
            tag("p", "field-error in-table", defect(trial.time_ms, row.limit.limit_s))
    best_s, _ = evaluation_sum(row)
    if best_s is None:
        return
    drawn = row.evaluation.randomisation if row.evaluation else None
    words = row.limit.words(round(best_s * 1000), drawn)
    told = f"The best lap took {lap_time(best_s)}. {words} {league_scale()}"
    tag("p", "dim in-table", told)


def past_times(row: EvaluationRow) -> str:
    """The best lap over the limit of the car, for the list of all evaluations."""
    best_s, _ = evaluation_sum(row)
    if row.limit is None or best_s is None:
        return "–"
    return f"{row.limit.times(round(best_s * 1000)):.2f}"
