"""What does not fit on a sheet, field by field, in sentences for beside the fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from racecraft.domain.action_space import (
    Action,
    DiscreteActionSpace,
    SpeedRange,
    SteeringRange,
    refuse_duplicates,
)
from racecraft.domain.bots import BotSpec
from racecraft.domain.errors import InvalidSpec, NotFound, RacecraftError
from racecraft.domain.hyperparameters import HYPERPARAMETERS
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import ModelSpec, StopCondition, TrainingSpec, check_training_fits
from racecraft.service.action_spaces import ActionChoice
from racecraft.service.documents import checked
from racecraft.service.drafts.fields import broken, empty
from racecraft.service.drafts.sheet import Ending, Part, Sheet
from racecraft.service.garage import view_vehicle
from racecraft.service.model_folders import settings_of
from racecraft.service.models import model_names

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.drafts.beginnings import Parent
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

LONGEST_DESCRIPTION = 255


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit."""

    part: Part
    field: str
    """Name of the field: `name`, `hyperparameters.gamma`, `actions.3.speed`, …"""
    sentence: str


def faults_of(
    store: Store,
    settings: Settings,
    actor: Actor,
    sheet: Sheet,
    *,
    part: Part | None = None,
    parent: Parent | None = None,
) -> list[Fault]:
    """Everything that does not fit, in the order of the form.

    Args:
        store: the records.
        settings: where models and tracks are.
        actor: who fills the form in.
        sheet: what stands in it.
        part: look at this step only.
        parent: the model that is cloned.
    """
    own = settings_of(settings, actor.person_id)
    looks = {
        Part.TRACK: lambda: _of_track(own, sheet),
        Part.RACE: lambda: _of_race(own, sheet, parent),
        Part.ACTIONS: lambda: _of_actions(sheet, parent),
        Part.VEHICLE: lambda: _of_vehicle(store, actor, sheet, parent),
        Part.REWARD: lambda: _of_reward(sheet),
    }
    parts = list(Part) if part is None else [part]
    return [Fault(each, field, said) for each in parts for field, said in looks[each]()]


def _of_track(settings: Settings, sheet: Sheet) -> Iterator[tuple[str, str]]:
    if not sheet.name.strip():
        yield "name", "The model has no name yet; give it one, for instance MyFirstModel."
    else:
        for _, said in broken(ModelSpec, {"name": sheet.name}):
            yield "name", said
        if sheet.name.casefold() in {name.casefold() for name in model_names(settings)}:
            yield "name", f"You have a model called {sheet.name}; choose another name."
    if len(sheet.description) > LONGEST_DESCRIPTION:
        yield (
            "description",
            f"The description has {len(sheet.description)} characters; use at most "
            f"{LONGEST_DESCRIPTION}.",
        )
    if not sheet.tracks:
        yield "tracks", "No track is chosen; tick at least one."
    elif len(sheet.tracks) > 64:
        yield (
            "tracks",
            f"{len(sheet.tracks)} tracks are chosen, each direction counted; a training takes at "
            "most 64.",
        )
    for track in sheet.tracks:
        try:
            _road(settings, track.name)
        except RacecraftError as error:
            yield "tracks", f"{error} Take it off the list."


def _of_race(settings: Settings, sheet: Sheet, parent: Parent | None) -> Iterator[tuple[str, str]]:
    things: dict[RaceType, tuple[str, type[BaseModel], dict[str, Any]]] = {
        RaceType.OBJECT_AVOIDANCE: ("boxes", ObstacleSpec, sheet.boxes),
        RaceType.HEAD_TO_HEAD: ("bots", BotSpec, sheet.bots),
    }
    found = False
    if sheet.race_type in things:
        table, document, values = things[sheet.race_type]
        for name, said in broken(document, values):
            found = True
            yield f"{table}.{name or 'count'}", said
        if not found:
            yield from _crowded(settings, sheet, f"{table}.count")
    if parent is not None and sheet.algorithm != parent.algorithm:
        yield "algorithm", f"The weights are those of {parent.algorithm}; a clone keeps it."
    faults = list(broken(HYPERPARAMETERS[sheet.algorithm], sheet.values))
    for name, said in faults:
        yield f"hyperparameters.{name}", said
    cars = sheet.values.get("num_cars")
    if not faults and isinstance(cars, int | float) and cars < len(sheet.tracks):
        yield (
            "hyperparameters.num_cars",
            f"{cars:g} cars cannot drive {len(sheet.tracks)} tracks; set it to "
            f"{len(sheet.tracks)} or more.",
        )


def _crowded(settings: Settings, sheet: Sheet, field: str) -> Iterator[tuple[str, str]]:
    try:
        roads = [_road(settings, track.name) for track in sheet.tracks]
        checked(RaceSpec, sheet.race()).refuse_crowded(roads)
    except RacecraftError as error:
        yield field, str(error)


def _of_actions(sheet: Sheet, parent: Parent | None) -> Iterator[tuple[str, str]]:
    found = list(_of_ranges(sheet) if sheet.action_kind == "continuous" else _of_list(sheet))
    yield from found
    if found:
        return
    space = sheet.action_space()
    if parent is not None:
        old = parent.spec.action_space
        if (old.kind, old.num_outputs) != (space.kind, space.num_outputs):
            yield (
                "action_kind" if old.kind != space.kind else "actions",
                f"{parent.model.name} has {old.summary}, and its network as many outputs; a clone "
                "keeps their number. Angles and speeds may change.",
            )
        return
    training = TrainingSpec(
        hyperparameters=checked(HYPERPARAMETERS["SAC"], {})
        if sheet.algorithm == "SAC"
        else checked(HYPERPARAMETERS["PPO"], _exploration(sheet))
    )
    try:
        check_training_fits(ModelSpec(action_space=space), training)
    except InvalidSpec as error:
        yield "action_kind", str(error)


def _exploration(sheet: Sheet) -> dict[str, Any]:
    kind = sheet.values.get("exploration_type")
    return {} if kind is None else {"exploration_type": kind}


def _of_list(sheet: Sheet) -> Iterator[tuple[str, str]]:
    if not sheet.is_advanced:
        found = list(broken(ActionChoice, sheet.grid))
        for name, said in found:
            yield f"grid.{name}", said
        try:
            if not found:
                sheet.action_space()
        except InvalidSpec as error:
            yield "grid.max_speed_mps", str(error)
        return
    found = [
        (f"actions.{number}.{name}", said)
        for number, action in enumerate(sheet.actions)
        for name, said in broken(Action, action)
    ]
    yield from found
    if not 2 <= len(sheet.actions) <= 30:
        yield "actions", f"The list has {len(sheet.actions)} actions; use from 2 to 30."
    elif not found:
        try:
            refuse_duplicates(checked(DiscreteActionSpace, {"actions": sheet.actions}))
        except InvalidSpec as error:
            yield "actions", str(error)


def _of_ranges(sheet: Sheet) -> Iterator[tuple[str, str]]:
    for kind, document in (("angle", SteeringRange), ("speed", SpeedRange)):
        ends = {end: sheet.ranges.get(f"{kind}_{end}") for end in ("low", "high")}
        for name, said in broken(document, ends):
            yield f"ranges.{kind}_{name or 'high'}", said


def _of_vehicle(
    store: Store, actor: Actor, sheet: Sheet, parent: Parent | None
) -> Iterator[tuple[str, str]]:
    if parent is not None:
        return
    try:
        view_vehicle(store, actor, sheet.vehicle_id)
    except NotFound:
        yield "vehicle_id", "This vehicle is not in your garage any more; choose another one."


def _of_reward(sheet: Sheet) -> Iterator[tuple[str, str]]:
    from racecraft.sandbox.limits import MAX_CHARACTERS

    if not sheet.reward_source.strip():
        yield "reward", "There is no reward function yet; write one, or take an example."
    if len(sheet.reward_source) > MAX_CHARACTERS:
        yield (
            "reward",
            f"The reward function has {len(sheet.reward_source)} characters; use at most "
            f"{MAX_CHARACTERS}.",
        )
    stop = sheet.stop()
    used = {
        Ending.TIME: (),
        Ending.LAPS: ("clean_laps", "robust_laps", "min_mean_speed_mps"),
        Ending.STEPS: ("env_steps",),
    }[sheet.ending]
    for name in ("minutes", *used):
        if stop[name] is None:
            yield f"stop.{name}", empty(StopCondition, name)
    given = {name: value for name, value in stop.items() if value is not None}
    for name, said in broken(StopCondition, {"minutes": 1, **given}):
        yield f"stop.{name or 'minutes'}", said


def _road(settings: Settings, name: str) -> Any:
    """The track of a name.

    Raises:
        InvalidInput, TrackNotFound, InvalidTrack: it cannot be driven.
    """
    from racecraft.service.track_choices import refuse_odd_track
    from racecraft.tracks.library import load_track

    refuse_odd_track(name)
    return load_track(name, folders=(settings.tracks,))
