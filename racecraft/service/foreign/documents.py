"""What a foreign model was and how it was trained: its small files as documents of ours."""

from __future__ import annotations

import ast
import re
import tempfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from racecraft.domain.errors import InvalidInput
from racecraft.domain.hyperparameters import HYPERPARAMETERS, AlgorithmName
from racecraft.domain.spec import StopCondition, TrackChoice, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.limits import MAX_CHARACTERS
from racecraft.service.foreign.work import Taking
from racecraft.service.metadata import VehicleDescription, read_metadata
from racecraft.tracks.library import shipped_names

DEFAULT_REWARD = "centre-line"
MINUTES = 60.0
_MOST_SHOWN = 60
"""Characters of a value."""


def description_of(work: Taking) -> VehicleDescription:
    """The vehicle.

    Raises:
        InvalidInput, InvalidSpec: there is none, or none that can be built here.
    """
    file = work.named("model_metadata.json")
    if file is None:
        raise InvalidInput(
            "There is no model_metadata.json in it, so it is not known what the car was; give the "
            "folder or archive of a model."
        )
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "model_metadata.json"
        path.write_bytes(work.place.read(file))
        description = read_metadata(path)
    sensors = ", ".join(each.value for each in description.model["sensors"])
    work.say(f"the vehicle: {sensors}, {description.algorithm}")
    return description


def training_of(work: Taking, algorithm: AlgorithmName) -> TrainingSpec:
    """How it was trained, as far as that is possible here."""
    return TrainingSpec(
        tracks=(_track(work),),
        hyperparameters=_hyperparameters(work, algorithm),
        stop=StopCondition(minutes=MINUTES),
    )


def _hyperparameters(work: Taking, algorithm: AlgorithmName) -> Any:
    kind = HYPERPARAMETERS[algorithm]
    known = {name for each in kind.model_fields.items() for name in _spellings(*each)}
    told = {key: value for key, value in work.json("hyperparameters.json").items() if key in known}
    for _ in range(len(told) + 1):
        try:
            made = kind.model_validate(told)
        except ValidationError as error:
            wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
            for key in sorted(wrong & told.keys()):
                work.leave(
                    f"The hyperparameter {key} is {_short(told.pop(key))}, which is not possible."
                )
            if not wrong & known:
                break
        else:
            if told:
                work.say(f"hyperparameters: {', '.join(sorted(told))}")
            return made
    return kind()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _spellings(name: str, info: Any) -> set[str]:
    alias = info.validation_alias
    return {name, *(alias.choices if hasattr(alias, "choices") else ())}


def _track(work: Taking) -> TrackChoice:
    world, is_reversed = "", False
    file = work.named("training_params.yaml")
    if file is not None:
        text = work.place.read(file)[:100_000].decode("utf-8", "replace")
        found = re.search(r"^\s*WORLD_NAME:\s*['\"]?([\w-]{1,64})", text, re.MULTILINE)
        world = found[1] if found else ""
        is_reversed = bool(re.search(r"^\s*REVERSE_DIR:\s*['\"]?True", text, re.MULTILINE))
    is_known = world in shipped_names() or (work.settings.tracks / f"{world}.npy").is_file()
    if world and is_known:
        work.say(f"the track: {world}")
        return TrackChoice(name=world, is_reversed=is_reversed)
    told = f"The track {world} is not here" if world else "No file tells the track"
    work.leave(
        f"{told}; it is set to {TrackChoice().name}. Import the track and clone the model to train "
        "on it."
    )
    return TrackChoice()


def reward_of(work: Taking) -> str:
    """Text of its reward function, or of an example."""
    file = work.named("reward_function.py")
    why = "There is no reward_function.py"
    if file is not None:
        text = work.place.read(file).decode("utf-8", "replace")
        why = _fault_of(text)
        if not why:
            work.say("the reward function")
            return text
    work.leave(f"{why}; the example {DEFAULT_REWARD!r} stands in its place.")
    return builtin_reward(DEFAULT_REWARD)


def _fault_of(text: str) -> str:
    """Why a reward function cannot be taken; it is checked again before anything runs it."""
    if len(text) > MAX_CHARACTERS:
        return f"The reward function has {len(text)} characters, more than {MAX_CHARACTERS}"
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"The reward function is not Python ({str(error)[:100]})"
    has_it = any(isinstance(n, ast.FunctionDef) and n.name == "reward_function" for n in body)
    return "" if has_it else "The reward file has no function reward_function"
