"""Running a training in front of a person: show it, and say what an interruption left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.cli.output import Interrupted
from racecraft.interfaces.cli.progress import TrainingDisplay
from racecraft.service.models import load_training, model_folder
from racecraft.service.summaries import read_progress
from racecraft.service.worker import TrainingOutcome, train_model

if TYPE_CHECKING:
    from racecraft.service.settings import Settings


def run_training(
    settings: Settings,
    name: str,
    *,
    resume: bool = False,
    typical_env_steps: int | None = None,
    is_json: bool,
) -> TrainingOutcome:
    """Train with a live display.

    Raises:
        Interrupted: Ctrl-C.
        RacecraftError: the training failed.
    """
    training = load_training(model_folder(settings, name))
    display = TrainingDisplay(name, training, typical_env_steps=typical_env_steps, is_json=is_json)
    try:
        with display:
            return train_model(settings, name, on_report=display, resume=resume)
    except KeyboardInterrupt:
        raise interrupted(settings, name) from None


def interrupted(settings: Settings, name: str) -> Interrupted:
    """What is there after Ctrl-C, and how to go on."""
    folder = model_folder(settings, name)
    done = len(read_progress(folder))
    facts = {"model": name, "folder": folder, "iterations": done}
    kept = (
        f"{done} complete {'iteration is' if done == 1 else 'iterations are'} kept"
        if done
        else "no iteration was complete"
    )
    return Interrupted(
        f"Interrupted; {kept} in {folder}. Go on with `racecraft train --resume {name}`.", facts
    )
