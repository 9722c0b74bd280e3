"""Sweeps: many trainings that differ in a few values, and how good each turned out to be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from racecraft.domain.episode import Trial

CREDIT_MPS = 0.1
"""Worth of a whole lap that was not clean: less than the slowest clean one, so that none pays."""

Scalar = bool | int | float | str


MOST_TRIALS = 10_000


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Document):
    """All values from the lowest to the highest."""

    low: float = Field(description="lowest value")
    high: float = Field(description="highest value")
    log: bool = Field(False, description="every doubling is as likely as any other")
    integer: bool = Field(False, description="whole numbers only")

    @model_validator(mode="after")
    def _has_values(self) -> Span:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(
                f"A range goes from {self.low:g} to {self.high:g}; its low must be below its high."
            )
        if self.log and self.low <= 0:
            raise ValueError(
                f"A range with log begins at {self.low:g}; its low must be above 0 for that."
            )
        if self.integer and not (self.low.is_integer() and self.high.is_integer()):
            raise ValueError(
                f"A range of whole numbers goes from {self.low:g} to {self.high:g}; give two whole "
                "numbers."
            )
        return self


Choices = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=64)]
Values = Annotated[
    Annotated[Span, Tag("range")] | Annotated[Choices, Tag("choices")],
    Discriminator(lambda value: "choices" if isinstance(value, list | tuple) else "range"),
]
"""What a value may be: a list to choose from, or a range."""


class Method(StrEnum):
    """How the next values are chosen."""

    TPE = "tpe"
    RANDOM = "random"
    GRID = "grid"


class Goal(StrEnum):
    """What makes one training better than another."""

    PACE = "pace"
    COMPLETION = "completion"


class SweepSpec(_Document):
    """What a sweep tries."""

    base: dict[str, Any] = Field(
        default_factory=dict,
        description="training that all have in common: `model`, `training` and `reward`, as in a "
        "spec file of `racecraft train`",
    )
    space: dict[str, Values] = Field(
        min_length=1,
        max_length=32,
        description="values to try under each name, a list or a range: `hyperparameters.gamma`, "
        "`model.network`, `actions.max_speed_mps`, `track`, `reward`, `reward.TOP_SPEED` …",
    )
    method: Method = Field(
        Method.TPE, description="learn from the results so far, draw blindly, or try everything"
    )
    goal: Goal = Field(Goal.PACE, description="clean laps at speed, or getting round at all")
    trials: int = Field(
        20, ge=1, le=MOST_TRIALS, description="trainings at most; of a grid, all if not given"
    )
    minutes: float | None = Field(
        None,
        gt=0,
        le=10_080,
        description="start none after this time on the clock; without, all are done",
    )
    steps: int = Field(
        20_000, ge=64, le=100_000_000, description="environment steps of each training"
    )
    laps: int = Field(
        10, ge=1, le=50, description="greedy laps on each track by which a training is judged"
    )
    prunes: bool = Field(
        True, description="end a training that is worse at a quarter or half than most were there"
    )
    workers: int = Field(
        1, ge=1, le=256, description="trainings side by side; part of the seed, as is `threads`"
    )
    threads: int = Field(1, ge=1, le=64, description="processor cores of each training")
    keep: int = Field(1, ge=0, le=100, description="models to keep, the best ones")
    seed: int = Field(0, ge=0, lt=2**31 - 1000, description="same seed, same sweep")

    @model_validator(mode="before")
    @classmethod
    def _grid_is_whole(cls, values: Any) -> Any:
        """Everything is tried where nobody said how many."""
        is_grid = isinstance(values, Mapping) and values.get("method") == Method.GRID
        if not is_grid or "trials" in values or not isinstance(values.get("space"), Mapping):
            return values
        sizes = [len(each) for each in values["space"].values() if isinstance(each, list | tuple)]
        return {**values, "trials": min(max(math.prod(sizes), 1), MOST_TRIALS)}

    @property
    def grid_size(self) -> int | None:
        """How many combinations there are; None where ranges have no end of them."""
        sizes = [len(each) for each in self.space.values() if not isinstance(each, Span)]
        return math.prod(sizes) if len(sizes) == len(self.space) else None

    @model_validator(mode="after")
    def _grid_has_steps(self) -> SweepSpec:
        if self.method is Method.GRID:
            for name, values in self.space.items():
                if isinstance(values, Span):
                    raise ValueError(
                        f"The method is grid, but {name} is a range, which has no end of values; "
                        "write a list of values, or choose tpe or random."
                    )
        return self


class Kind(StrEnum):
    """What a training of a sweep is for."""

    BASE = "base"
    SEARCH = "search"
    CONFIRM_BASE = "confirm-base"
    CONFIRM_BEST = "confirm-best"
    WITHOUT = "without"


class Status(StrEnum):
    """How it ended."""

    DONE = "done"
    PRUNED = "pruned"
    FAILED = "failed"


class SweepTrial(_Document):
    """One training of a sweep, before or after it."""

    number: int
    """1-based."""
    kind: Kind = Kind.SEARCH
    values: dict[str, Scalar] = {}
    """What differs from the base, by name."""
    seed: int = 0
    without: str | None = None
    """Name of the value that was put back to the base's."""


class SweepResult(_Document):
    """What a training of a sweep came to."""

    trial: SweepTrial
    status: Status
    model: str
    score: float | None = None
    """By the sweep's goal; None when it failed."""
    rungs: tuple[float, ...] = ()
    """Best score by the greedy laps of the training, at a quarter and at half of its steps."""
    clean_share: float | None = None
    """Of the laps by which it was judged, 0 to 1; None when there were none."""
    completion_percent: float | None = None
    best_lap_s: float | None = None
    mean_lap_s: float | None = None
    """Of the clean laps."""
    env_steps: int = 0
    training_s: float = 0.0
    """Of its iterations alone."""
    took_s: float = 0.0
    """On the clock, from the start of its process to its end; also of one that failed."""
    problem: str = ""


def score_of(trials: Sequence[tuple[Trial, float]], goal: Goal) -> float:
    """How good laps are, in m/s for the goal of pace, in percent for the one of completion.

    Args:
        trials: greedy laps, each with the length of its track in metres.
        goal: by which they are judged. Pace is the mean over all laps, where a clean one counts
            its centre-line speed and another one at most 0.1 m/s for how far it came: a car that
            is a tenth faster but spoils one lap in five is the worse one.
    """
    if not trials:
        return 0.0
    if goal is Goal.COMPLETION:
        return sum(trial.completion_percent for trial, _ in trials) / len(trials)
    total = sum(
        1000.0 * length_m / trial.time_ms
        if trial.is_clean
        else CREDIT_MPS * trial.completion_percent / 100.0
        for trial, length_m in trials
    )
    return total / len(trials)
