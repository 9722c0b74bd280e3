"""Which files of a model's folder go into its archive, and how large each may be.

Nothing else is taken over, whatever it is called: no links, no pickles, no scripts, no locks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from racecraft.service.files import files_in

_MB = 1_000_000


class Kind(StrEnum):
    """What a file is, and so how it is checked."""

    MODEL = "model document"
    TRAINING = "training document"
    REWARD = "reward function"
    PROGRESS = "reports"
    JSON = "document"
    WEIGHTS = "weights"
    TEXT = "text"
    PICTURE = "picture"
    FILM = "film"


@dataclass(frozen=True)
class Rule:
    """A kind of file and where it may lie."""

    pattern: re.Pattern[str]
    kind: Kind
    most_bytes: int


def _rule(pattern: str, kind: Kind, most_mb: float) -> Rule:
    return Rule(re.compile(pattern), kind, round(most_mb * _MB))


_NUMBER = "(?:0|[1-9][0-9]{0,7})"
_STAMP = "evaluation-[0-9]{14}"
RULES = (
    _rule(r"model\.json", Kind.MODEL, 1),
    _rule(r"training\.json", Kind.TRAINING, 1),
    _rule(r"reward_function\.py", Kind.REWARD, 1),
    _rule(r"racing-lines\.json", Kind.JSON, 20),
    _rule(r"progress\.jsonl", Kind.PROGRESS, 30),
    _rule(r"training\.log", Kind.TEXT, 200),
    _rule(r"(?:reward-graph|driven-lines)\.png", Kind.PICTURE, 20),
    _rule(r"replay\.(?:mp4|gif)", Kind.FILM, 200),
    _rule(rf"(?:checkpoints/{_NUMBER}|initial)/policy\.safetensors", Kind.WEIGHTS, 200),
    _rule(rf"(?:checkpoints/(?:{_NUMBER}|state)|initial)/checkpoint\.json", Kind.JSON, 20),
    _rule(r"checkpoints/state/state\.safetensors", Kind.WEIGHTS, 1000),
    _rule(r"checkpoints/replay/[0-9]{1,12}-[0-9]{1,12}\.safetensors", Kind.WEIGHTS, 500),
    _rule(r"model/(?:model_metadata|deepracer_checkpoints)\.json", Kind.JSON, 1),
    _rule(r"ip/hyperparameters\.json", Kind.JSON, 1),
    _rule(r"metrics/TrainingMetrics\.json", Kind.JSON, 200),
    _rule(rf"metrics/evaluation/{_STAMP}\.json", Kind.JSON, 5),
    _rule(rf"training-simtrace/{_NUMBER}-iteration\.csv", Kind.TEXT, 200),
    _rule(rf"{_STAMP}/evaluation-simtrace/0-iteration\.csv", Kind.TEXT, 100),
    _rule(rf"{_STAMP}/evaluation\.json", Kind.JSON, 1),
    _rule(r"rankings/[0-9]{14}\.json", Kind.JSON, 20),
    _rule(rf"{_STAMP}/objects\.safetensors", Kind.WEIGHTS, 100),
)
MOST_FILES = 20_000
NEEDED = ("model.json", "training.json", "reward_function.py")


def rule_of(path: str) -> Rule | None:
    """The rule for a path inside a model's folder; None if it is not for archives."""
    return next((rule for rule in RULES if rule.pattern.fullmatch(path)), None)


def files_of(folder: Path) -> list[str]:
    """Paths of all files of a model's folder that go into archives, in order.

    Links are passed over: what they lead to is not the model's.
    """
    found = (path.relative_to(folder).as_posix() for path in files_in(folder))
    return [inside for inside in found if rule_of(inside)]
