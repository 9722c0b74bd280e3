"""Rankings: every checkpoint of a model drives the same laps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from racecraft.service.files import storage
from racecraft.service.limits import lap_limit
from racecraft.service.locks import locked
from racecraft.service.models import load_model, model_folder
from racecraft.service.rankings import Ranking, is_stamp_taken, keep_ranking, list_rankings
from racecraft.service.stamps import free_stamp
from racecraft.service.worker.evaluation import drive_evaluation

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.domain.spec import EvaluationSpec
    from racecraft.service.settings import Settings


def rank_model(
    settings: Settings,
    name: str,
    evaluation: EvaluationSpec,
    iterations: tuple[int, ...],
    *,
    on_driven: Callable[[Ranking], None],
    resume: bool = False,
) -> Ranking:
    """Let checkpoints drive, one after the other, and keep what each of them found.

    Args:
        settings: where the model is.
        name: of the model.
        evaluation: what each drives.
        iterations: of the checkpoints.
        on_driven: called after each with the ranking so far, which is kept; may raise to end it.
        resume: go on with the newest ranking of the same, if it was cut short.

    Raises:
        InvalidInput, NotFound, CorruptCheckpoint: there is no such checkpoint.
        InvalidSpec: the boxes do not fit on the track.
        Conflict: someone else works on the model.
        StorageFailed: the results cannot be written.
    """
    folder = model_folder(settings, name)
    with locked(folder, "RANKING"), storage(folder):
        ranking = _begun(folder, evaluation, iterations, resume=resume)
        limit = lap_limit(settings, evaluation.track, load_model(folder))
        done = {each.iteration for each in ranking.checkpoints}
        for iteration in iterations:
            if iteration in done:
                continue
            one = evaluation.model_copy(update={"checkpoint": str(iteration)})
            result = drive_evaluation(settings, folder, one)
            ranking = ranking.with_driven(iteration, result.trials, limit)
            keep_ranking(folder, ranking)
            on_driven(ranking)
    return ranking


def _begun(
    folder: Path, evaluation: EvaluationSpec, iterations: tuple[int, ...], *, resume: bool
) -> Ranking:
    found = list_rankings(folder)[:1] if resume else []
    for each in found:
        if not each.is_whole and each.evaluation == evaluation and each.asked == iterations:
            return each
    stamp = free_stamp(lambda stamp: is_stamp_taken(folder, stamp))
    return Ranking(stamp=stamp, evaluation=evaluation, asked=iterations)
