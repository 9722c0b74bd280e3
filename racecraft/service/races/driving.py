"""Driving what was frozen: for the board once, and again whenever somebody wants to see it.

A drive for the board leaves its laps, step by step, beside the frozen weights: they are the replay.
A drive again happens in a folder of its own, which is gone afterwards, so it can change nothing.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import CorruptCheckpoint, NotFound
from racecraft.domain.spec import EvaluationSpec
from racecraft.service.clones import CHECKPOINT_FILES
from racecraft.service.drives import Drive, evaluation_drives
from racecraft.service.evaluations import list_evaluations, recording
from racecraft.service.files import storage
from racecraft.service.models import MODEL_FILE
from racecraft.service.races.entering import folder_of_submission
from racecraft.service.races.roads import refuse_other_road

if TYPE_CHECKING:
    from racecraft.service.live.broadcast import Broadcaster
    from racecraft.service.races.race import Race, Submission
    from racecraft.service.settings import Settings
    from racecraft.service.worker import EvaluationOutcome


def drive_submission(
    settings: Settings, request: dict[str, Any], broadcaster: Broadcaster | None = None
) -> EvaluationOutcome:
    """Drive a frozen model under the rules of its race; this loads torch.

    Args:
        settings: where it is.
        request: of the job: `race_id`, `submission_id`, `checkpoint`, `evaluation`, and perhaps
            `weights_sha256`, `track_sha256` and `is_again`.
        broadcaster: shows the cars to those who watch.

    Raises:
        CorruptCheckpoint: the weights are not those that were frozen.
        Conflict: the road of the race has another shape than when it opened.
        RacecraftError: it cannot be driven.
    """
    from racecraft.service.pictures import Pictures
    from racecraft.service.worker import evaluate_folder

    folder = folder_of_submission(settings, request["race_id"], request["submission_id"])
    iteration = str(request["checkpoint"])
    evaluation = EvaluationSpec.model_validate({**request["evaluation"], "checkpoint": iteration})
    refuse_other_road(settings, evaluation.track, request.get("track_sha256", ""))
    _refuse_other_weights(folder / "checkpoints" / iteration, request.get("weights_sha256"))
    drive = partial(evaluate_folder, settings, pictures=Pictures.NONE, broadcaster=broadcaster)
    if not request.get("is_again"):
        return drive(folder, evaluation=evaluation)
    with tempfile.TemporaryDirectory(prefix="racecraft-again-") as name:
        place = Path(name)
        with storage(folder):
            (place / "checkpoints" / iteration).mkdir(parents=True)
            shutil.copyfile(folder / MODEL_FILE, place / MODEL_FILE)
            for file in CHECKPOINT_FILES:
                part = Path("checkpoints") / iteration / file
                shutil.copyfile(folder / part, place / part)
        return drive(place, evaluation=evaluation)


def request_of(submission: Submission, race: Race) -> dict[str, Any]:
    """What a worker is told about a submission to a race."""
    return {
        "race_id": submission.race_id,
        "submission_id": submission.id,
        "checkpoint": submission.checkpoint,
        "weights_sha256": submission.weights_sha256,
        "track_sha256": race.track_sha256,
        "evaluation": race.rules.evaluation.model_dump(mode="json"),
    }


def recorded_laps(settings: Settings, submission: Submission) -> list[Drive]:
    """Every lap of a submission that was driven, step by step.

    Raises:
        NotFound: it was not driven, or its replay is gone.
        StorageFailed: a file is damaged.
    """
    folder = folder_of_submission(settings, submission.race_id, submission.id)
    driven = list_evaluations(folder) if submission.laps else []
    if not driven:
        raise NotFound("There is no replay of this submission; it was not driven (yet).")
    return evaluation_drives(recording(folder, driven[0].stamp))


def _refuse_other_weights(checkpoint: Path, wanted: str | None) -> None:
    policy = checkpoint / CHECKPOINT_FILES[0]
    with storage(policy):
        found = hashlib.sha256(policy.read_bytes()).hexdigest()
    if wanted is not None and found != wanted:
        raise CorruptCheckpoint(
            f"The frozen weights {policy} are not those that were entered: their SHA-256 is "
            f"{found[:12]}…, not {wanted[:12]}…. Put the file back from a backup."
        )
