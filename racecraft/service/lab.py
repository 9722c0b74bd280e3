"""The model of the guide's first lab, at one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.service.making import MadeModel, NewModel, make_model
from racecraft.service.model_folders import settings_of
from racecraft.service.models import fresh_name
from racecraft.service.presets import preset
from racecraft.service.training_files import TrainingFile

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

NAME = "MyFirstModel"
PRESET = "first-laps"
MINUTES = 10.0
"""After this it ends, whatever it has learnt; it usually takes a minute."""


def train_lab_model(store: Store, settings: Settings, actor: Actor) -> MadeModel:
    """Make the lab's model and put its training into the queue.

    Its name is `MyFirstModel`, or the next one that is free.

    Raises:
        QuotaExceeded: the person has no model or no time left.
    """
    chosen = preset(PRESET)
    name = fresh_name(settings_of(settings, actor.person_id), NAME)
    model = chosen.model.model_copy(
        update={"name": name, "description": "The first lab: harbour-loop, front camera."}
    )
    stop = chosen.training.stop.model_copy(update={"minutes": MINUTES})
    training = chosen.training.model_copy(update={"stop": stop})
    document = TrainingFile(
        model=model.model_dump(mode="json"),
        training=training.model_dump(mode="json"),
        reward=chosen.reward,
    )
    return make_model(store, settings, actor, NewModel(document))
