"""Calls the user's function: one copy of the module for every car, one batch after the other.

This is the part of the locked process that touches the user's objects, so nothing is taken for
granted about them: results, exceptions and their texts may all misbehave.
"""

from __future__ import annotations

import math
import random
import sys
import time
import zlib
from array import array
from collections.abc import Sequence
from typing import Any, cast

from racecraft.domain.errors import InvalidReward, RewardFailed
from racecraft.domain.reward import (
    COLUMNS,
    MAX_ABS_REWARD,
    OBJECT_COLUMNS,
    TrackFacts,
    params,
)
from racecraft.sandbox.limits import MAX_FAULTS
from racecraft.sandbox.printed import LOADING, Printed
from racecraft.sandbox.source import (
    RewardFunction,
    RewardSource,
    TooSlow,
    explained,
    named,
    shown,
)

_TOLD = (
    "steps",
    "progress",
    "x",
    "y",
    "heading",
    "speed",
    "steering_angle",
    "distance_from_center",
    "track_width",
    "all_wheels_on_track",
    "closest_waypoints",
)
"""The inputs that an error message repeats: enough to see where the car was."""


class Evaluator:
    """The user's function, once for each car."""

    def __init__(self, printed: Printed) -> None:
        self.calls = 0
        """Grows with every call of the user's code."""
        self.is_busy = False
        """Whether the user's code is being run."""
        self._printed = printed
        self._source: RewardSource
        self._functions: list[RewardFunction] = []
        self._tracks: list[TrackFacts] = []
        self._uses_random = False
        self._row: Sequence[float] = ()

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do what a message asks for; whatever goes wrong becomes an answer, too."""
        answers = {
            "read": _read,
            "load": self._load,
            "rewards": self._rewards,
            "try": self._try,
        }
        self.is_busy = True
        try:
            reply = answers[message["do"]](message)
        except (InvalidReward, RewardFailed) as error:
            reply = {"error": "failed", "message": str(error), "line": self._line(error)}
        except TooSlow as error:
            reply = self.slow(error)
        except BaseException as error:  # our own objects may have been tampered with
            sentence = f"The reward function upset the program that runs it ({named(error)})."
            reply = {"error": "failed", "message": sentence, "line": None}
        finally:
            self.is_busy = False
        parts, left_out = self._printed.taken()
        return {**reply, "printed": parts, "left_out": left_out}

    def slow(self, error: TooSlow) -> dict[str, Any]:
        """The answer when a call was ended."""
        place = self._source.at(error.line) if hasattr(self, "_source") else "while it was read"
        told = f"; the inputs were {self._told()}" if self._row else ""
        message = f"The reward function took too long {place}{told}."
        return {"error": "slow", "message": message, "line": error.line}

    def _load(self, message: dict[str, Any]) -> dict[str, Any]:
        """Load the user's text once for each car."""
        tracks = [
            TrackFacts(is_reversed, length_m, _points(centre), _points(line), _numbers(speed))
            for is_reversed, length_m, centre, line, speed in message["tracks"]
        ]
        self._tracks = [tracks[index] for index in message["track_of_car"]]
        self._uses_random = "random" in message["source"]
        self._functions = []
        self._source = RewardSource(message["source"])
        for car in range(len(self._tracks)):
            self.calls += 1
            self._printed.is_first_car = car == 0
            if self._uses_random:
                self._seed(0)
            self._functions.append(self._source.load())
        return {"loaded": True}

    def _rewards(self, message: dict[str, Any]) -> dict[str, Any]:
        """Call each row's car's function, in the order of the rows."""
        cars, objects = message["cars"], _objects(message)
        rows = _table(message["rows"], len(COLUMNS))
        rewards = array("d")
        for index, car in enumerate(cars):
            self._printed.index = index
            rewards.append(self._call(car, rows[index], objects[index] if objects else ()))
        self._row, self._printed.index = (), LOADING
        return {"rewards": rewards.tobytes()}

    def _try(self, message: dict[str, Any]) -> dict[str, Any]:
        """Call for every row whatever the others did; tells faults and the time of each call.

        It ends early after `seconds`, and when a call had to be ended.
        """
        cars, objects = message["cars"], _objects(message)
        rows = _table(message["rows"], len(COLUMNS))
        rewards, seconds = array("d"), array("d")
        faults: list[tuple[int | None, str]] = []
        began = time.perf_counter()
        for index, car in enumerate(cars):
            reward, begin = math.nan, time.perf_counter()
            if begin - began > message["seconds"]:
                break
            try:
                reward = self._call(car, rows[index], objects[index] if objects else ())
            except RewardFailed as error:
                if len(faults) < MAX_FAULTS:
                    faults.append((self._line(error), str(error)))
            except TooSlow as error:
                faults.append((error.line, self.slow(error)["message"]))
                break
            rewards.append(reward)
            seconds.append(time.perf_counter() - begin)
        self._row = ()
        return {"rewards": rewards.tobytes(), "seconds": seconds.tobytes(), "faults": faults}

    def _call(self, car: int, row: list[float], things: Sequence[Sequence[float]]) -> float:
        """The reward of one step of one car."""
        self.calls += 1
        self._row, self._printed.is_first_car = row, car == 0
        if self._uses_random:
            self._seed(zlib.crc32(array("d", row), car))
        try:
            reward = self._functions[car](params(row, self._tracks[car], things))
        except TooSlow:
            raise
        except BaseException as error:
            raise RewardFailed(
                f"The reward function raised {named(error)} {self._source.where(error)}"
                f"{explained(error)}; the inputs were {self._told()}. "
                "Correct the line and try again."
            ) from error
        if type(reward) is not float:
            reward = self._number(reward)
        if not -MAX_ABS_REWARD <= reward <= MAX_ABS_REWARD:  # NaN is neither
            raise self._unusable(reward)
        return reward

    def _line(self, error: BaseException) -> int | None:
        """The line (1-based) of the user's text that an error of ours is about."""
        cause = error.__cause__
        if isinstance(cause, SyntaxError):
            return cause.lineno
        if not hasattr(self, "_source"):
            return None
        return self._source.line_of(cause) if cause else self._source.def_line

    def _seed(self, number: int) -> None:
        """Random numbers depend on car and state alone: the same training draws the same ones."""
        random.seed(number)
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed(number)

    def _number(self, reward: object) -> float:
        """A reward that is not a plain float as one: int, bool and numpy's scalars pass."""
        # Text, arrays and complex numbers can look like a number, but were not meant as one.
        is_scalar = not isinstance(reward, str | bytes)
        is_scalar = is_scalar and not type(reward).__name__.startswith("complex")
        try:
            if is_scalar and not getattr(reward, "ndim", 0):
                return float(float(cast(Any, reward)))
        except TooSlow:
            raise
        except BaseException:
            pass
        raise self._unusable(reward)

    def _unusable(self, reward: object) -> RewardFailed:
        number = self._source.def_line
        place = f"line {number}, {self._source.line(number)}, " if number else ""
        hint = " (a `return` may be missing)" if reward is None else ""
        return RewardFailed(
            f"The reward function, {place}returned {shown(reward)}{hint}; "
            f"the inputs were {self._told()}. "
            f"Return a number from {-MAX_ABS_REWARD:,.0f} to {MAX_ABS_REWARD:,.0f}."
        )

    def _told(self) -> str:
        values = params(self._row, TrackFacts(False, 0.0, []))
        parts = []
        for name in _TOLD:
            value = values[name]
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            parts.append(f"{name} {text}")
        return ", ".join(parts)


def _read(message: dict[str, Any]) -> dict[str, Any]:
    """What can be said about the text without running it."""
    from racecraft.sandbox.reading import read  # a training has no use for it

    found = read(message["source"])
    return {"findings": [[str(f.severity), f.message, f.line, f.column] for f in found]}


def _table(rows: bytes, width: int) -> list[list[float]]:
    if not rows:
        return []
    shape = [len(rows) // (8 * width), width]
    return cast("list[list[float]]", memoryview(rows).cast("d", shape=shape).tolist())


def _objects(message: dict[str, Any]) -> list[list[list[float]]]:
    """(M, O, len(OBJECT_COLUMNS)) as lists; empty without objects."""
    if not message.get("objects"):
        return []
    things = _table(message["objects"], len(OBJECT_COLUMNS))
    each = len(things) // max(len(message["cars"]), 1)
    return [things[first : first + each] for first in range(0, len(things), each)]


def _points(flat: bytes) -> list[tuple[float, float]]:
    values = _numbers(flat)
    return list(zip(values[::2], values[1::2], strict=True))


def _numbers(flat: bytes) -> list[float]:
    return cast("list[float]", memoryview(flat).cast("d").tolist()) if flat else []
