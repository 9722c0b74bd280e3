"""The models of a sweep: which are its own, and which of them may be deleted.

A sweep writes its mark into every model that it makes. It deletes none without that mark, and none
that somebody trained on or evaluated since: to them it is a model like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict
from racecraft.domain.spec import StopCondition
from racecraft.domain.sweep import SweepResult
from racecraft.service.evaluations import list_evaluations
from racecraft.service.files import read_text
from racecraft.service.models import (
    SWEEP_FILE,
    delete_model,
    load_training,
    model_folder,
    model_names,
)

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.settings import Settings

LONGEST_NAME = 58
"""Letters of a sweep's name; its models have a hyphen and up to five digits more, 64 in all."""


def model_of(sweep: str, number: int) -> str:
    """Name of the model of a trial."""
    return f"{sweep}-{number:04d}"


def mark_of(model: str) -> str:
    """What the file with the mark holds: the sweep and the trial, as the name tells them."""
    return f"{model}\n"


def refuse_taken_names(settings: Settings, sweep: str) -> None:
    """See that a new sweep meets no model under the names that it will give.

    Raises:
        Conflict: there is one.
    """
    ours = re.compile(rf"{re.escape(sweep)}-\d{{4,}}")
    for name in model_names(settings):
        if ours.fullmatch(name):
            raise Conflict(
                f"There is a model {name!r} already, and a new sweep {sweep!r} would give its "
                "models such names. Choose another name with --name, or rename or delete that "
                "model."
            )


def discard(settings: Settings, model: str, steps: int) -> None:
    """Delete a model that its sweep does not need any more.

    Args:
        settings: where it is.
        model: its name.
        steps: of each training of the sweep.

    Raises:
        ModelNotFound: it is not there.
        Conflict: it is in use, or not the sweep's alone.
    """
    folder = model_folder(settings, model)
    stop = StopCondition(env_steps=steps)
    if not _has_mark(folder) or load_training(folder).stop != stop or list_evaluations(folder):
        raise Conflict(
            f"The model {model!r} was made, trained on or evaluated by somebody else than the "
            "sweep; rename it if the sweep is to use its name."
        )
    delete_model(settings, model)


def with_kept_models(settings: Settings, results: Sequence[SweepResult]) -> list[SweepResult]:
    """The same results, without the names of models that are not there."""
    names = set(model_names(settings))
    there = {
        each.model
        for each in results
        if each.model in names and _has_mark(model_folder(settings, each.model))
    }
    return [
        each if each.model in there else each.model_copy(update={"model": ""}) for each in results
    ]


def _has_mark(folder: Path) -> bool:
    mark = folder / SWEEP_FILE
    return mark.is_file() and read_text(mark) == mark_of(folder.name)
