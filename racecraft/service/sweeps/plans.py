"""The training behind the values of a trial: where each named value goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.spec import StopCondition
from racecraft.domain.sweep import Scalar, SweepSpec, SweepTrial
from racecraft.service.action_spaces import ActionChoice
from racecraft.service.documents import checked
from racecraft.service.sweeps.reward_numbers import with_constants
from racecraft.service.track_choices import chosen_tracks
from racecraft.service.training_files import TrainingFile
from racecraft.service.trainings import NewTraining, plan_training

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.sweeps.rewards import Rewards

HIGHEST_MPS, LOWEST_MPS, WIDEST_DEG = 4.0, 0.1, 30.0
_FACTORS = ("speed_factor", "steering_factor")
_PLACES = (
    "hyperparameters.…, training.…, model.…, actions.…, track, reward, or reward.NAME for a "
    "constant of the reward function"
)
_ELSEWHERE = {
    "training.seed": "`seed` at the top of the sweep's file, or with --seed",
    "training.threads": "`threads` at the top of the sweep's file, or with --threads",
    "training.stop": "`steps` at the top of the sweep's file, or with --steps",
    "model.name": "--name: models have the name of the sweep, with a number",
}
"""What all trainings of a sweep have in common, and where it is said."""


def plan_of(
    settings: Settings,
    spec: SweepSpec,
    trial: SweepTrial,
    *,
    name: str,
    rewards: Rewards,
) -> NewTraining:
    """The training of a trial.

    Args:
        settings: where models and tracks are.
        spec: what all trials have in common.
        trial: what is special about this one.
        name: of the model that it makes.
        rewards: the reward functions of the sweep.

    Raises:
        InvalidSpec: a name leads nowhere, or a value does not fit there.
        NotFound: there is no such reward.
    """
    base = checked(TrainingFile, spec.base)
    _refuse_common(base, trial)
    document: dict[str, Any] = {"model": dict(base.model), "training": dict(base.training)}
    reward = rewards.base
    actions: dict[str, Scalar] = {}
    hyperparameters: dict[str, Scalar] = {}
    constants: dict[str, int | float] = {}
    for path, value in trial.values.items():
        area, _, rest = path.partition(".")
        if path == "reward":
            reward = rewards.chosen(str(value))
        elif path == "track":
            tracks = chosen_tracks([str(value)], is_reversed=False, both_directions=False)
            document["training"]["tracks"] = tracks
        elif area == "reward" and rest:
            constants[rest] = _number(path, value)
        elif (named := path.removeprefix("training.")).startswith("hyperparameters."):
            hyperparameters[named.removeprefix("hyperparameters.")] = value
        elif area == "actions" and rest:
            actions[rest] = value
        elif area in document and rest:
            _put(document, path.split("."), value)
        else:
            raise InvalidSpec(f"A sweep has no place for {path!r}; name one of {_PLACES}.")
    document["training"] |= {
        "seed": trial.seed,
        "threads": spec.threads,
        "stop": StopCondition(env_steps=spec.steps),
    }
    document["model"]["name"] = name
    file = checked(TrainingFile, document).with_changes({}, {}, {}, hyperparameters)
    plan = plan_training(settings, file)
    if actions:
        space = _actions(plan.model.action_space, actions)
        plan = replace(plan, model=plan.model.model_copy(update={"action_space": space}))
    return replace(plan, reward_source=with_constants(reward, constants))


def _refuse_common(base: TrainingFile, trial: SweepTrial) -> None:
    """What would be replaced is not taken silently."""
    given = [f"{area}.{field}" for area in ("model", "training") for field in getattr(base, area)]
    for path in (*trial.values, *given):
        for own, place in _ELSEWHERE.items():
            if path == own or path.startswith(f"{own}."):
                raise InvalidSpec(
                    f"A sweep does not take {path!r}, which is the same for all of its trainings; "
                    f"say it by {place}."
                )


def _put(document: dict[str, Any], path: list[str], value: Scalar) -> None:
    """Set a value in a table of tables, copying what lies on the way."""
    here = document
    for part in path[:-1]:
        inner = here.get(part, {})
        if not isinstance(inner, Mapping):
            raise InvalidSpec(
                f"A sweep cannot set {'.'.join(path)!r}: {part!r} is {inner!r}, not a table."
            )
        here[part] = dict(inner)
        here = here[part]
    here[path[-1]] = value


def _number(path: str, value: Scalar) -> int | float:
    if isinstance(value, bool | str):
        raise InvalidSpec(f"The value of {path} is {value!r}; a constant is a number.")
    return value


def _actions(
    space: DiscreteActionSpace | ContinuousActionSpace, wanted: Mapping[str, Scalar]
) -> DiscreteActionSpace | ContinuousActionSpace:
    """Another action space: from the numbers of ActionChoice, or the base's, stretched."""
    fields = {name: value for name, value in wanted.items() if name not in _FACTORS}
    if fields:
        space = checked(ActionChoice, fields).actions()
    speed, steering = (_number(f"actions.{name}", wanted.get(name, 1.0)) for name in _FACTORS)
    if speed == steering == 1.0:
        return space
    table = space.model_dump(mode="json")
    for action in table["actions"] if space.kind == "discrete" else (table,):
        for name, factor in (("speed", speed), ("steering_angle", steering)):
            action[name] = _stretched(action[name], factor, is_speed=name == "speed")
    return checked(type(space), table)


def _stretched(value: Any, factor: float, *, is_speed: bool) -> Any:
    if isinstance(value, Mapping):
        ends = {end: _stretched(value[end], factor, is_speed=is_speed) for end in ("low", "high")}
        return {**value, **ends}
    low, high = (LOWEST_MPS, HIGHEST_MPS) if is_speed else (-WIDEST_DEG, WIDEST_DEG)
    return min(max(round(value * factor, 3), low), high)
