"""Sheets to begin with: from scratch, filled in from a preset, or as the clone of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.errors import NotFound
from racecraft.domain.hyperparameters import HYPERPARAMETERS
from racecraft.domain.spec import ModelSpec, Network, StopCondition, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.clones import checkpoint_iteration
from racecraft.service.collection import view_model
from racecraft.service.drafts.sheet import Ending, Sheet
from racecraft.service.files import read_text
from racecraft.service.model_folders import folder_of, settings_of
from racecraft.service.models import REWARD_FILE, fresh_name, load_model, load_training
from racecraft.service.presets import preset
from racecraft.service.summaries import checkpoint_iterations

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.model_records import Model
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

FIRST_REWARD = "centre-line"
"""Example that stands in the editor at first; as the guide's."""
SHOWN = ("default", "first-laps", "fast", "champion", "boxes", "bots", "everywhere", "real-car")
"""Presets that a form offers, in order."""


@dataclass(frozen=True)
class Parent:
    """The model that a clone begins with, and what stays as it is because its weights stay."""

    model: Model
    spec: ModelSpec
    algorithm: str
    iterations: tuple[int, ...]
    """Of its checkpoints."""
    best: int


def blank() -> Sheet:
    """Nothing chosen yet: the defaults of the guide."""
    return Sheet(reward_source=builtin_reward(FIRST_REWARD))


def of_preset(name: str, before: Sheet) -> Sheet:
    """Everything filled in but name, description and tags, which stay as they are.

    Raises:
        NotFound: there is no such preset.
    """
    chosen = preset(name)
    filled = _filled(blank(), chosen.model, chosen.training)
    own = before.model_dump(include={"name", "description", "tags"})
    is_light = chosen.model.network is Network.LIGHT
    fields = {
        **own,
        "preset": name,
        "part": before.part,
        "reached": before.reached,
        "reward_source": builtin_reward(chosen.reward),
        "network": Network.LIGHT.value if is_light else "",
        "more": chosen.training.model_dump(
            mode="json",
            include={"evaluation_trials", "evaluation_share", "strict_laps", "randomisation"},
        ),
    }
    return filled.model_copy(update=fields)


def of_clone(store: Store, settings: Settings, actor: Actor, model_id: str) -> tuple[Sheet, Parent]:
    """The sheet of a clone: as its model was trained last.

    Raises:
        NotFound: there is no such model of the actor's.
        InvalidInput: it has learnt nothing yet.
    """
    model = view_model(store, actor, model_id).model
    if model.owner_id != actor.person_id or model.deleted_at_s is not None:
        raise NotFound(f"There is no model {model_id!r} of yours to clone.")
    folder = folder_of(settings, model)
    best = checkpoint_iteration(folder, "best")
    spec, training = load_model(folder), load_training(folder)
    own = settings_of(settings, actor.person_id)
    sheet = _filled(blank(), spec, training).model_copy(
        update={
            "name": fresh_name(own, f"{model.name[:55]}-clone"),
            "description": model.description,
            "tags": model.tags,
            "reward_source": read_text(folder / REWARD_FILE),
        }
    )
    iterations = tuple(checkpoint_iterations(folder))
    return sheet, Parent(model, spec, training.hyperparameters.algorithm, iterations, best)


def _filled(sheet: Sheet, model: ModelSpec, training: TrainingSpec) -> Sheet:
    algorithm = training.hyperparameters.algorithm
    values = training.hyperparameters.model_dump(mode="json", exclude={"algorithm"})
    race: dict[str, Any] = {"race_type": training.race.type}
    if training.race.obstacles is not None:
        race["boxes"] = training.race.obstacles.model_dump(mode="json")
    if training.race.bots is not None:
        race["bots"] = training.race.bots.model_dump(mode="json")
    assert algorithm in HYPERPARAMETERS
    return sheet.model_copy(
        update={
            "tracks": training.tracks,
            **race,
            "algorithm": algorithm,
            "hyperparameters": {**sheet.hyperparameters, algorithm: values},
            **_actions(model.action_space),
            **_ending(training.stop),
        }
    )


def _actions(space: DiscreteActionSpace | ContinuousActionSpace) -> dict[str, Any]:
    if isinstance(space, ContinuousActionSpace):
        angle, speed = space.steering_angle, space.speed
        ends = {"angle_low": angle.low, "angle_high": angle.high}
        ends |= {"speed_low": speed.low, "speed_high": speed.high}
        return {"action_kind": "continuous", "ranges": ends}
    actions = tuple(action.model_dump() for action in space.actions)
    is_usual = Sheet().action_space() == space
    return {"action_kind": "discrete", "is_advanced": not is_usual, "actions": actions}


def _ending(stop: StopCondition) -> dict[str, Any]:
    ending = Ending.TIME
    if stop.clean_laps is not None:
        ending = Ending.LAPS
    elif stop.env_steps is not None:
        ending = Ending.STEPS
    usual = Sheet()
    return {
        "ending": ending,
        "minutes": stop.minutes or usual.minutes,
        "clean_laps": stop.clean_laps or usual.clean_laps,
        "robust_laps": stop.robust_laps,
        "min_mean_speed_mps": stop.min_mean_speed_mps,
        "env_steps": stop.env_steps or usual.env_steps,
    }
