"""The sweep that improves a model: what of it may change, and how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.errors import InvalidInput
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.sweep import SweepSpec
from racecraft.service.documents import checked
from racecraft.service.files import read_text
from racecraft.service.models import (
    INITIAL_FOLDER,
    REWARD_FILE,
    load_model,
    load_training,
    model_folder,
)
from racecraft.service.summaries import read_progress
from racecraft.service.sweeps.plans import HIGHEST_MPS, WIDEST_DEG
from racecraft.service.sweeps.reward_numbers import constants_of
from racecraft.service.sweeps.rewards import Rewards
from racecraft.service.sweeps.running import Sweep

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.settings import Settings

AREAS = ("actions", "hyperparameters", "reward")
_MOST_CONSTANTS = 8
_LEAST_STEPS, _MOST_STEPS = 8_000, 200_000
_USUAL_STEPS = 20_000
_PPO = {
    "hyperparameters.learning_rate": {"low": 1e-4, "high": 1e-3, "log": True},
    "hyperparameters.gamma": [0.9, 0.95, 0.97, 0.99, 0.995, 0.999],
    "hyperparameters.ent_coef": [0.0, 0.001, 0.003, 0.01],
    "hyperparameters.num_epochs": {"low": 3, "high": 10, "integer": True},
    "hyperparameters.batch_size": [64, 128, 256],
    "hyperparameters.max_steps_per_iteration": [256, 512, 1024, 2048],
}
_SAC = {
    "hyperparameters.learning_rate": {"low": 1e-4, "high": 1e-3, "log": True},
    "hyperparameters.gamma": [0.9, 0.95, 0.97, 0.99, 0.995],
    "hyperparameters.sac_alpha": {"low": 0.01, "high": 0.5, "log": True},
    "hyperparameters.batch_size": [64, 128, 256],
}


def tuning_of(
    settings: Settings, model: str, name: str, areas: tuple[str, ...], wanted: dict[str, Any]
) -> Sweep:
    """The sweep that looks for a better training of a model than its own.

    Args:
        settings: where the model is.
        model: its name.
        name: of the sweep.
        areas: what may change: some of AREAS.
        wanted: fields of SweepSpec that are not as usual.

    Raises:
        ModelNotFound: there is no such model.
        InvalidInput: nothing in these areas can change.
        InvalidSpec: a wanted field does not fit.
    """
    folder = model_folder(settings, model)
    spec, training = load_model(folder), load_training(folder)
    source = read_text(folder / REWARD_FILE)
    space: dict[str, Any] = {}
    if "actions" in areas:
        space |= _action_space(spec.action_space)
    if "hyperparameters" in areas:
        is_ppo = isinstance(training.hyperparameters, PPOHyperparameters)
        space |= _PPO if is_ppo else _SAC
    if "reward" in areas:
        space |= _constants(source)
    if not space:
        raise InvalidInput(
            f"Nothing of {model!r} can be tuned: its reward function has no constant such as "
            "`TOP_SPEED = 1.0` at the top. Write some, or tune actions or hyperparameters as well."
        )
    initial = folder / INITIAL_FOLDER
    fields = {
        "base": {
            "model": spec.model_dump(mode="json", exclude={"name"}),
            "training": training.model_dump(mode="json", exclude={"stop", "seed", "threads"}),
        },
        "space": space,
        "steps": min(max(_own_steps(folder) or _USUAL_STEPS, _LEAST_STEPS), _MOST_STEPS),
        "trials": 10_000 if wanted.get("minutes") else 30,
        **wanted,
    }
    return Sweep(
        settings,
        name,
        checked(SweepSpec, fields),
        Rewards(base=source),
        initial=initial.absolute() if initial.is_dir() else None,
    )


def about_trainings(settings: Settings, model: str, sweep: Sweep) -> str:
    """How the trainings of a tuning begin and how long they are, against the model's own."""
    own, steps = _own_steps(model_folder(settings, model)), sweep.spec.steps
    words = "from nothing" if sweep.initial is None else "with the weights that it was cloned with"
    told = f"Each training of {model!r} begins {words} and takes {steps:,} steps"
    if own is None:
        return f"{told}; the model itself was not trained yet."
    if own == steps:
        return f"{told}, as its own did."
    return (
        f"{told}, its own took {own:,}: what is better here may not be after as many steps. "
        "Choose with --steps."
    )


def _own_steps(folder: Path) -> int | None:
    """Environment steps that a model was trained for."""
    reports = read_progress(folder)
    return int(reports[-1]["env_steps"]) if reports else None


def _action_space(space: DiscreteActionSpace | ContinuousActionSpace) -> dict[str, Any]:
    """The same actions, slower or faster and narrower or wider."""
    fastest = space.speed_range_mps[1]
    if isinstance(space, DiscreteActionSpace):
        widest = float(abs(space.steering_deg).max())
    else:
        widest = max(abs(space.steering_angle.low), abs(space.steering_angle.high))
    found: dict[str, Any] = {
        "actions.speed_factor": {
            "low": 0.7,
            "high": max(round(min(3.0, HIGHEST_MPS / fastest), 3), 0.8),
            "log": True,
        }
    }
    if widest > 0:
        high = max(round(min(1.3, WIDEST_DEG / widest), 3), 0.8)
        found["actions.steering_factor"] = {"low": 0.6, "high": high}
    return found


def _constants(source: str) -> dict[str, Any]:
    """From a third to three times of each constant that is not zero."""
    found = {name: value for name, value in constants_of(source).items() if value != 0.0}
    return {
        f"reward.{name}": _around(value) for name, value in list(found.items())[:_MOST_CONSTANTS]
    }


def _around(value: int | float) -> dict[str, Any]:
    """A range about a number that is not zero; whole numbers of the same sign about a whole one."""
    if isinstance(value, int):
        near, far = max(1, abs(value) // 3), 3 * abs(value)
        low, high = (near, far) if value > 0 else (-far, -near)
        return {"low": low, "high": high, "integer": True}
    if value > 0:
        return {"low": value / 3.0, "high": value * 3.0, "log": True}
    return {"low": value * 3.0, "high": value / 3.0}
