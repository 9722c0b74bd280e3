"""Batches of reward inputs to batches of rewards; what was printed, what was raised.

The user's code runs in this process for now, with nothing to stop it from looping for ever
or touching files: run only what you would run yourself. Batches go in and come out, and nothing
else is shared, so that the same interface can lead to a locked child process.

All cars of a training call the same module, so a global variable in the user's text is
shared by all of them. Several threads may call one runner at the same time.
"""

from __future__ import annotations

import builtins
import threading
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import RewardFailed
from racecraft.domain.reward import MAX_ABS_REWARD, RewardInputs
from racecraft.sandbox.source import RewardSource, named, shown

PRINTED_LIMIT = 64 * 1024
"""Characters of printed text that are kept, the newest."""

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


class RewardRunner:
    """One user's reward function, ready to be called."""

    def __init__(self, source: str) -> None:
        """Load the source text.

        Raises:
            InvalidReward: it is not Python, fails while it loads, or holds no function
                `reward_function(params)`; the sentence names the line.
        """
        self._lock = threading.Lock()  # threads may share a runner
        self._printed: list[str] = []
        self._printed_size = 0
        self._source = RewardSource(source, self._print)

    def rewards(self, inputs: RewardInputs, cars: NDArray[np.int64]) -> NDArray[np.float64]:
        """Call the user's function once for each car, in the given order.

        Args:
            inputs: the reward inputs of a batch of cars.
            cars: (M,) rows of `inputs` to call it for.

        Returns:
            (M,) rewards, finite and at most `MAX_ABS_REWARD` in size.

        Raises:
            RewardFailed: the function raised, or returned what is not such a number; the
                sentence names the user's own line and the inputs.
        """
        function, params_of = self._source.function, inputs.params
        rewards: list[float] = []
        for car in np.asarray(cars).tolist():
            try:
                reward = function(params_of(car))
            except (Exception, SystemExit) as error:
                raise RewardFailed(
                    f"The reward function raised {named(error)} {self._source.where(error)}; "
                    f"the inputs were {_told(params_of(car))}. Correct the line and try again."
                ) from error
            if type(reward) is not float:
                reward = self._number(reward, inputs, car)
            if not -MAX_ABS_REWARD <= reward <= MAX_ABS_REWARD:  # NaN is neither
                raise self._unusable(reward, inputs, car)
            rewards.append(reward)
        return np.array(rewards, dtype=np.float64)

    def printed(self) -> str:
        """What the user's code printed since the last call, at most `PRINTED_LIMIT` characters."""
        with self._lock:
            text = "".join(self._printed)[-PRINTED_LIMIT:]
            self._printed, self._printed_size = [], 0
        return text

    def _number(self, reward: object, inputs: RewardInputs, car: int) -> float:
        """A reward that is not a plain float as one: int, bool and numpy's scalars pass."""
        # Text, arrays and complex numbers can look like a number, but were not meant as one.
        is_scalar = not isinstance(reward, str | bytes | complex | np.complexfloating)
        if not is_scalar or (isinstance(reward, np.ndarray) and reward.ndim > 0):
            raise self._unusable(reward, inputs, car)
        try:
            return float(cast(Any, reward))
        except (Exception, SystemExit):
            raise self._unusable(reward, inputs, car) from None

    def _unusable(self, reward: object, inputs: RewardInputs, car: int) -> RewardFailed:
        number = self._source.def_line
        place = f"line {number}, {self._source.line(number)}, " if number else ""
        hint = " (a `return` may be missing)" if reward is None else ""
        return RewardFailed(
            f"The reward function, {place}returned {shown(reward)}{hint}; "
            f"the inputs were {_told(inputs.params(car))}. "
            f"Return a number from {-MAX_ABS_REWARD:,.0f} to {MAX_ABS_REWARD:,.0f}."
        )

    def _print(
        self,
        *values: object,
        sep: str | None = " ",
        end: str | None = "\n",
        file: Any = None,
        flush: bool = False,
    ) -> None:
        """What `print` is in the user's code."""
        if file is not None:
            builtins.print(*values, sep=sep, end=end, file=file, flush=flush)
            return
        line = (" " if sep is None else sep).join(map(str, values))
        with self._lock:
            self._printed.append(line + ("\n" if end is None else end))
            self._printed_size += len(self._printed[-1])
            if self._printed_size > 2 * PRINTED_LIMIT:  # cutting each time would copy each time
                self._printed = ["".join(self._printed)[-PRINTED_LIMIT:]]
                self._printed_size = len(self._printed[0])


def _told(params: dict[str, Any]) -> str:
    parts = []
    for name in _TOLD:
        value = params[name]
        parts.append(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}")
    return ", ".join(parts)
