"""New trainings: put together from what a person asked for, checked, then written down.

Everything that can be said before a training starts is said here: unknown tracks, rewards
that do not run, hyperparameters out of range, weights that do not fit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.action_space import DiscreteActionSpace, refuse_duplicates
from racecraft.domain.errors import InvalidInput, NotFound
from racecraft.domain.memory import refuse_beyond_memory
from racecraft.domain.race import merged_race
from racecraft.domain.spec import (
    ModelSpec,
    StopCondition,
    TrackChoice,
    TrainingSpec,
    check_training_fits,
)
from racecraft.service.clones import check_weights_fit, checkpoint_folder
from racecraft.service.documents import checked, read_reward
from racecraft.service.files import read_text
from racecraft.service.machine import memory_mb
from racecraft.service.models import (
    REWARD_FILE,
    checked_name,
    create_model,
    fresh_name,
    load_model,
    load_training,
    model_folder,
    save_training,
)
from racecraft.service.presets import SPEED_REWARDS, preset, without_speed_goal
from racecraft.service.rewards import check_reward, refuse_unusable
from racecraft.service.summaries import checkpoint_iterations
from racecraft.service.track_choices import chosen_tracks
from racecraft.service.training_files import TrainingFile, merged_hyperparameters, merged_lidar

if TYPE_CHECKING:
    from racecraft.sandbox.findings import Finding
    from racecraft.service.settings import Settings

DEFAULT_REWARD = "progress"
CARS_ON_EACH_TRACK = 2
"""At least: one that drives laps and one that practises."""


@dataclasses.dataclass(frozen=True)
class NewTraining:
    """A model that is to be made and trained."""

    model: ModelSpec
    training: TrainingSpec
    reward_source: str
    initial: Path | None = None
    """Checkpoint folder with the weights to start from."""
    mark: str = ""
    """Of the sweep that makes it."""


def plan_quickstart(
    settings: Settings,
    *,
    preset_name: str,
    reward: str | None,
    track: str | None,
    seed: int,
    name: str | None,
) -> NewTraining:
    """The training of `racecraft quickstart`; without a reward or a track, those of the preset.

    Raises:
        NotFound: there is no such preset or reward.
        InvalidSpec: the seed or the name does not fit.
    """
    chosen = preset(preset_name)
    stop, reward = chosen.training.stop, reward or chosen.reward
    stop = stop if reward in SPEED_REWARDS else without_speed_goal(stop)
    training = {
        **dict(chosen.training),
        "tracks": (TrackChoice(name=track),) if track else chosen.training.tracks,
        "stop": stop,
        "seed": seed,
        "threads": settings.threads,
    }
    wanted = checked_name(name) if name else fresh_name(settings, "quickstart")
    return NewTraining(
        model=chosen.model.model_copy(update={"name": wanted}),
        training=checked(TrainingSpec, training),
        reward_source=read_reward(reward),
    )


def plan_training(
    settings: Settings,
    document: TrainingFile,
    *,
    folder: Path = Path(),
    clone_of: str | None = None,
    checkpoint: str = "best",
) -> NewTraining:
    """The training that a document asks for, alone or on top of the model that it clones.

    Args:
        settings: where models are.
        document: what the person wrote; what it leaves out is taken from the cloned model,
            else from the defaults.
        folder: where the path of a reward file starts.
        clone_of: name of the model whose weights are carried over.
        checkpoint: which of its checkpoints: `best`, `last` or an iteration.

    Raises:
        InvalidSpec: a value does not fit, or the weights do not.
        NotFound: there is no such reward, model or checkpoint.
    """
    model: dict[str, Any] = {}
    training: dict[str, Any] = {"threads": settings.threads}
    reward, initial, source = None, None, None
    if clone_of is not None:
        parent = model_folder(settings, clone_of)
        initial, source = checkpoint_folder(parent, checkpoint), load_model(parent)
        model = {**dict(source), "name": fresh_name(settings, f"{clone_of[:55]}-clone")}
        if "sensors" in document.model:
            del model["lidar_config"]  # it belongs to the sensors
        training = dict(load_training(parent))
        reward = read_text(parent / REWARD_FILE)
    kept, given = model.get("lidar_config"), document.model.get("lidar_config")
    model = {"name": fresh_name(settings, ModelSpec().name), **model, **document.model}
    if source is not None and isinstance(document.model.get("car"), Mapping):
        model["car"] = {**source.car.model_dump(), **document.model["car"]}
    if kept is not None and isinstance(given, Mapping) and "sensors" not in document.model:
        # As all fields of a clone, those of its LIDAR stay unless they are named.
        model["lidar_config"] = merged_lidar(kept.model_dump(), given)
    if document.reward is not None or reward is None:
        reward = read_reward(document.reward or DEFAULT_REWARD, folder=folder)
    wanted = _expanded(document.training)
    plan = NewTraining(
        model=checked(ModelSpec, model),
        training=_with_cars(checked(TrainingSpec, _merged(training, wanted)), wanted),
        reward_source=reward,
        initial=initial,
    )
    if source is not None:
        algorithms = (load_training(parent).hyperparameters, plan.training.hyperparameters)
        old, new = (each.algorithm for each in algorithms)
        check_weights_fit(source, plan.model, algorithms=(old, new))
    space = plan.model.action_space
    if "action_space" in document.model and isinstance(space, DiscreteActionSpace):
        refuse_duplicates(space)
    check_training_fits(plan.model, plan.training)
    return plan


@dataclasses.dataclass(frozen=True)
class Made:
    """A model that is ready to be trained."""

    name: str
    findings: tuple[Finding, ...]
    """What is odd about its reward function, but does not keep it from being trained with."""


def start(settings: Settings, plan: NewTraining) -> Made:
    """Check the tracks and the reward of a planned training, then make its model.

    Raises:
        TrackNotFound: a track is neither shipped nor imported.
        InvalidReward: the reward function cannot be used.
        InvalidSpec: the boxes do not fit on a track, or the remembered steps into memory.
        NotIsolated: this system may not run it.
        Conflict: the name is taken.
        StorageFailed: the home folder cannot be written.
    """
    from racecraft.tracks.library import load_track

    tracks, race = plan.training.tracks, plan.training.race
    roads = [
        load_track(track.name, is_reversed=track.is_reversed, folders=(settings.tracks,))
        for track in tracks
    ]
    race.refuse_crowded(roads)
    memory = memory_mb()
    if memory is not None:
        refuse_beyond_memory(plan.model, plan.training, memory)
    check = check_reward(settings, plan.reward_source, track=tracks[0], race_type=race.type)
    refuse_unusable(check)
    folder = create_model(
        settings,
        plan.model,
        plan.training,
        reward_source=plan.reward_source,
        initial=plan.initial,
        mark=plan.mark,
    )
    return Made(folder.name, check.findings)


def prepare_resume(settings: Settings, name: str, stop: Mapping[str, Any]) -> bool:
    """Get a model ready to be trained further.

    Args:
        settings: where it is.
        name: of the model.
        stop: fields of StopCondition that replace the old condition; empty keeps it.

    Returns:
        Whether there is a saved state to go on from; a fresh clone starts from its weights.

    Raises:
        ModelNotFound: there is no such model.
        InvalidSpec: the stop condition does not fit.
    """
    folder = model_folder(settings, name)
    training = load_training(folder)
    if stop:
        condition = checked(StopCondition, stop)
        save_training(folder, training.model_copy(update={"stop": condition}))
    # A crash between two renames leaves the state under its older name; resuming mends that.
    has_state = any((folder / "checkpoints" / n).is_dir() for n in ("state", "state.before"))
    if not has_state and checkpoint_iterations(folder):
        raise NotFound(
            f"The model {name!r} has checkpoints but no training state to go on from; "
            f"train a clone of it with `racecraft train --clone-of {name}`."
        )
    return has_state


def refuse_changes_on_resume(changes: Sequence[str]) -> None:
    """A training that goes on keeps everything but its end.

    Raises:
        InvalidInput: something else is to change.
    """
    if changes:
        raise InvalidInput(
            f"A training that goes on keeps its {', '.join(sorted(changes))}; only the stop "
            "condition may change. To change more, train a clone with --clone-of."
        )


def _expanded(training: Mapping[str, Any]) -> dict[str, Any]:
    """The same table with short words for tracks written out."""
    tracks = training.get("tracks")
    if not isinstance(tracks, list | tuple):
        return dict(training)
    return {**training, "tracks": chosen_tracks(tracks)}


def _with_cars(training: TrainingSpec, wanted: Mapping[str, Any]) -> TrainingSpec:
    """Enough cars for all tracks, unless the person said how many."""
    hyperparameters = training.hyperparameters
    least = CARS_ON_EACH_TRACK * len(training.tracks)
    if "num_cars" in wanted.get("hyperparameters", {}) or hyperparameters.num_cars >= least:
        return training
    more = hyperparameters.model_copy(update={"num_cars": least})
    return training.model_copy(update={"hyperparameters": more})


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes win over the base; of hyperparameters and race one by one, else as a whole."""
    merged = {**base, **changes}
    if "hyperparameters" in base and isinstance(changes.get("hyperparameters"), Mapping):
        merged["hyperparameters"] = merged_hyperparameters(
            dict(base["hyperparameters"]), changes["hyperparameters"]
        )
    if "race" in base and isinstance(changes.get("race"), Mapping):
        merged["race"] = merged_race(base["race"], changes["race"])
    return merged
