"""`racecraft train`: a training with everything that can be turned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.car import CarSpec
from racecraft.domain.errors import InvalidInput
from racecraft.domain.hyperparameters import HYPERPARAMETERS, PPOHyperparameters, SACHyperparameters
from racecraft.domain.spec import ModelSpec, StopCondition, TrainingSpec
from racecraft.interfaces.cli.completion import model_names, track_names
from racecraft.interfaces.cli.desk.desk import Desk, Order, Trained
from racecraft.interfaces.cli.flags import FlagGroup, flags_of, with_flags
from racecraft.interfaces.cli.output import (
    JSON_FLAG,
    clock_text,
    say_files,
    say_json,
    say_tracks,
)
from racecraft.interfaces.cli.place import desk_now
from racecraft.interfaces.cli.races import BOTS, OBSTACLES, RACE, race_changes
from racecraft.interfaces.cli.randomisation import Randomise
from racecraft.interfaces.cli.sensors import (
    LIDAR,
    MetadataFile,
    SensorNames,
    add_described,
    sensor_changes,
)
from racecraft.service import documents, trainings
from racecraft.service.action_spaces import ActionChoice, read_action_space
from racecraft.service.track_choices import chosen_tracks
from racecraft.service.training_files import TrainingFile

_ACTIONS = FlagGroup(
    "actions",
    ActionChoice,
    "Action space",
    {
        "steering_granularity": "--steering-granularity",
        "max_steering_deg": "--max-steering",
        "speed_granularity": "--speed-granularity",
        "max_speed_mps": "--max-speed",
        "continuous": "--continuous",
        "min_speed_mps": "--min-speed",
    },
)
_MODEL = FlagGroup(
    "model",
    ModelSpec,
    "Model",
    {"name": "--name", "description": "--description", "network": "--network"},
)
_CAR = FlagGroup("car", CarSpec, "Car", flags_of(("grip", "response")))
_TRAINING = FlagGroup(
    "training",
    TrainingSpec,
    "Training",
    {
        "seed": "--seed",
        "evaluation_trials": "--evaluation-trials",
        "threads": "--threads",
        "uses_bf16": "--bf16",
    },
)
_STOP = FlagGroup(
    "stop",
    StopCondition,
    "Stop: the first one met (10 minutes when none is given)",
    {
        "minutes": "--minutes",
        "env_steps": "--steps",
        "clean_laps": "--clean-laps",
        "robust_laps": "--robust-laps",
        "min_mean_speed_mps": "--min-mean-speed",
    },
)
_PPO, _SAC = PPOHyperparameters.model_fields, SACHyperparameters.model_fields
_HYPERPARAMETERS = (
    FlagGroup(
        "hyperparameters",
        PPOHyperparameters,
        "Hyperparameters",
        flags_of(name for name in _PPO if name in _SAC and name != "algorithm"),
        others=(("SAC", SACHyperparameters),),
    ),
    FlagGroup(
        "hyperparameters",
        PPOHyperparameters,
        "Hyperparameters of PPO",
        flags_of(name for name in _PPO if name not in _SAC),
    ),
    FlagGroup(
        "hyperparameters",
        SACHyperparameters,
        "Hyperparameters of SAC",
        flags_of(name for name in _SAC if name not in _PPO),
    ),
)
_Algorithm = Annotated[
    str | None,
    typer.Option(
        help=f"{' or '.join(HYPERPARAMETERS)}; SAC is for continuous action spaces (default PPO).",
        rich_help_panel=_HYPERPARAMETERS[0].panel,
        show_default=False,
        metavar="TEXT",
    ),
]
_Tracks = Annotated[
    list[str] | None,
    typer.Option(
        help="Track to drive (default pebble-oval), NAME or NAME:reversed; `all` for every shipped "
        "track. Give it several times for several tracks.",
        autocompletion=track_names,
    ),
]
_SpecFile = Annotated[
    Path | None,
    typer.Option(help="JSON or TOML file with tables `model` and `training`; flags win over it."),
]
_ActionFile = Annotated[
    Path | None,
    typer.Option(
        help="JSON file with a list of actions or two ranges instead.",
        rich_help_panel=_ACTIONS.panel,
    ),
]


@with_flags(
    _MODEL, _CAR, LIDAR, _TRAINING, RACE, OBSTACLES, BOTS, _STOP, _ACTIONS, *_HYPERPARAMETERS
)
def train(
    model: dict[str, Any],
    car: dict[str, Any],
    lidar: dict[str, Any],
    training: dict[str, Any],
    race: dict[str, Any],
    obstacles: dict[str, Any],
    bots: dict[str, Any],
    stop: dict[str, Any],
    actions: dict[str, Any],
    hyperparameters: dict[str, Any],
    algorithm: _Algorithm = None,
    sensor: SensorNames = None,
    metadata: MetadataFile = None,
    track: _Tracks = None,
    reverse: bool = typer.Option(False, "--reverse", help="Drive the tracks the other way round."),
    both_directions: bool = typer.Option(
        False, "--both-directions", help="Drive every track in both directions."
    ),
    reward: str | None = typer.Option(
        None, help="Name of a shipped reward, or a Python file (default progress)."
    ),
    randomise: Randomise = None,
    spec: _SpecFile = None,
    action_space: _ActionFile = None,
    resume: str | None = typer.Option(
        None,
        help="Go on with this model; only the stop condition may change.",
        autocompletion=model_names,
    ),
    clone_of: str | None = typer.Option(
        None,
        help="Start from the weights, specs and reward of this model.",
        autocompletion=model_names,
    ),
    checkpoint: str = typer.Option(
        "best", help="Which weights of it: best, last or the number of an iteration."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Train a new model, go on with one, or train a clone of one.

    Without any flag: the default model on an easy track for ten minutes. Ctrl-C stops at any
    time; the last complete iteration is kept and `--resume` goes on from there. On a server
    (`--server`) it is a job; Ctrl-C asks whether it should stop or go on without you.
    """
    if (reverse or both_directions) and not track:
        flag = "--reverse" if reverse else "--both-directions"
        raise InvalidInput(f"The flag {flag} needs a track; name one with --track.")
    if track:
        training["tracks"] = chosen_tracks(
            track, is_reversed=reverse, both_directions=both_directions
        )
    if algorithm is not None:
        hyperparameters["algorithm"] = algorithm
    if randomise:
        training["randomisation"] = randomise
    if actions or action_space:
        model["action_space"] = _actions(actions, action_space)
    model |= sensor_changes(sensor, lidar)
    if car:
        model["car"] = car
    if metadata is not None:
        add_described(metadata, model, hyperparameters)
    if resume is not None:
        others = {"reward": reward, "spec": spec, "weights": clone_of}
        given = [name for name, value in others.items() if value]
        given += ["race"] * bool(race or obstacles or bots)
        changes = [*model, *training, *hyperparameters, *given]
        trainings.refuse_changes_on_resume(changes)
        desk = desk_now()
        _say(desk.work.train_on(resume, stop, is_json=is_json), desk, is_json=is_json)
        return
    document, folder = _read(spec)
    if reward is not None:
        document, folder = document.model_copy(update={"reward": reward}), Path()
    wanted = document.with_changes(
        model, training, stop, hyperparameters, race_changes(race, obstacles, bots)
    )
    order = Order(wanted, folder, clone_of=clone_of, checkpoint=checkpoint)
    desk = desk_now()
    _say(desk.work.train(order, is_json=is_json), desk, is_json=is_json)


def _actions(
    chosen: dict[str, Any], file: Path | None
) -> DiscreteActionSpace | ContinuousActionSpace:
    if chosen and file:
        raise InvalidInput(
            "An action space file and flags of the action space are given; give one of them."
        )
    if file:
        return read_action_space(file)
    return documents.checked(ActionChoice, chosen).actions()


def _read(spec: Path | None) -> tuple[TrainingFile, Path]:
    """The spec file, and the folder where its relative paths start."""
    if spec is None:
        return TrainingFile(), Path()
    return documents.checked(TrainingFile, documents.read_values(spec)), spec.parent


def _say(trained: Trained, desk: Desk, *, is_json: bool) -> None:
    if is_json:
        say_json(
            {
                "model": trained.name,
                "training_s": round(trained.training_s, 3),
                "env_steps": trained.env_steps,
                "iterations": trained.iterations,
                "best_iteration": trained.best_iteration,
                "clean": trained.is_clean,
                "stop_reason": trained.stop_reason,
                **({"server": desk.server} if desk.server else {"folder": trained.folder}),
                "files": [str(file) for file in trained.files],
                **({"tracks": list(trained.tracks)} if trained.tracks else {}),
            }
        )
        return
    typer.echo(
        f"\nTrained {trained.name} in {clock_text(trained.training_s)} "
        f"({trained.env_steps:,} steps, {trained.iterations} iterations): {trained.stop_reason}.\n"
        f"The model is {f'on {desk.server}.' if desk.server else f'in {trained.folder}:'}"
    )
    if trained.tracks:
        say_tracks(trained.tracks)
    say_files(trained.files)
    typer.echo(
        "\nNext:\n"
        f"  drive five laps   racecraft evaluate {trained.name}\n"
        f"  train further     racecraft train --resume {trained.name} --minutes 10"
    )
