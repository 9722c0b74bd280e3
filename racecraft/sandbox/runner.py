"""Batches of reward inputs to batches of rewards; what was printed, what was raised.

The user's code runs in a locked process of its own (`child`), which computes while the cars drive
on: `submit` hands rows over, `finish` waits for the rewards. Every car has its own copy of the
user's module and its rows come in the order of time, so a function may keep what it likes from
one step to the next.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidReward, RewardFailed
from racecraft.domain.reward import COLUMN, MAX_ABS_REWARD, racing_line_of
from racecraft.domain.track import Track
from racecraft.sandbox.channel import (
    PROCESS_FAULTS,
    Channel,
    Gone,
    Silent,
    open_channel,
    sentence,
    told,
)
from racecraft.sandbox.episodes import EpisodeCounts
from racecraft.sandbox.frames import MAX_ROWS, BrokenFrame, packed
from racecraft.sandbox.inline import InlineChannel
from racecraft.sandbox.limits import Limits
from racecraft.sandbox.lockdown import Lock
from racecraft.sandbox.printouts import Printouts

_STEPS = COLUMN["steps"]


@dataclass
class _Batch:
    """Rows that were handed over and not answered yet."""

    frame: bytes
    cars: NDArray[np.int64]
    steps: NDArray[np.float64]
    episodes: NDArray[np.int64]
    into: NDArray[np.float64]


class RewardRunner:
    """One user's reward function in a locked process; use as a context manager.

    The process also ends with the thread that made the runner, so make it in one that lasts.
    """

    def __init__(
        self,
        source: str,
        tracks: Sequence[Track],
        num_cars: int = 1,
        *,
        limits: Limits | None = None,
    ) -> None:
        """Start the process and load the source text, once for each car.

        Args:
            source: the user's text.
            tracks: car i drives on track i modulo their number.
            num_cars: N.
            limits: what the user's code may spend.

        Raises:
            InvalidReward: it is not Python, fails while it loads, or holds no function
                `reward_function(params)`; the sentence names the line.
        """
        self.limits = limits or Limits()
        self._source, self._num_cars = source, num_cars
        self._load = load_message(source, tracks, [car % len(tracks) for car in range(num_cars)])
        self._turn = threading.Lock()  # threads may share a runner
        self._pending: deque[_Batch] = deque()
        self._episodes = EpisodeCounts(num_cars)
        self._printouts = Printouts()
        self._has_crashed = False
        self._failure: RewardFailed | None = None
        self._channel = self._start()
        if self.lock.missing:
            self._printouts.say(
                "this system does not lock the reward function in completely: it lacks "
                + ", ".join(self.lock.missing)
            )

    def __enter__(self) -> RewardRunner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; what was not answered is forgotten."""
        self._pending.clear()
        self._channel.close()

    def rewards(
        self,
        table: NDArray[np.float64],
        cars: NDArray[np.int64],
        objects: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Call the user's function once for each row, and wait.

        Args:
            table: (M, len(COLUMNS)) reward inputs; the rows of a car in the order of time.
            cars: (M,) whose step each row is.
            objects: (M, O, len(OBJECT_COLUMNS)) other things on the track.

        Returns:
            (M,) rewards, finite and at most `MAX_ABS_REWARD` in size.

        Raises:
            RewardFailed: the function raised, took too long, or returned what is not such a
                number; the sentence names the user's own line and the inputs.
        """
        into = np.zeros(len(table))
        self.submit(table, cars, into, objects)
        self.finish()
        return into

    def submit(
        self,
        table: NDArray[np.float64],
        cars: NDArray[np.int64],
        into: NDArray[np.float64],
        objects: NDArray[np.float64] | None = None,
    ) -> None:
        """Hand rows over without waiting; `into` (M,) holds their rewards after `finish`.

        Several threads may call this, each for cars of its own.

        Raises:
            RewardFailed: as in `rewards`, for any of the rows so far.
        """
        for first in range(0, len(table), MAX_ROWS):
            rows = slice(first, first + MAX_ROWS)
            part = None if objects is None else objects[rows]
            self._submit(table[rows], np.asarray(cars, np.int64)[rows], into[rows], part)

    def _submit(
        self,
        table: NDArray[np.float64],
        cars: NDArray[np.int64],
        into: NDArray[np.float64],
        objects: NDArray[np.float64] | None,
    ) -> None:
        message = {"do": "rewards", "rows": table.tobytes(), "cars": cars.tolist()}
        if objects is not None and objects.shape[1]:
            message["objects"] = objects.tobytes()
        frame = packed(message)
        with self._turn:
            self._refuse_after_failure()
            steps = table[:, _STEPS].copy()
            batch = _Batch(frame, cars, steps, self._episodes.of(cars, steps), into)
            self._pending.append(batch)
            try:
                self._channel.send(frame, self.limits.reply_s)
            except Gone as end:
                self._revive(end)
            except (Silent, BrokenFrame) as fault:
                raise self._failed(fault) from None

    def finish(self) -> None:
        """Wait until all rows that were handed over have their reward.

        Raises:
            RewardFailed: as in `rewards`.
        """
        with self._turn:
            self._refuse_after_failure()
            while self._pending:
                try:
                    reply = self._channel.receive(self.limits.reply_s)
                    self._take(self._pending[0], reply)
                except Gone as end:
                    self._revive(end)
                except (Silent, BrokenFrame) as fault:
                    raise self._failed(fault) from None
                else:
                    self._pending.popleft()

    @property
    def lock(self) -> Lock:
        """How well the process is locked in."""
        return self._channel.lock

    def printed(self) -> str:
        """What the user's code printed since the last call: a line each, with car and step."""
        return self._printouts.taken()

    def _start(self) -> Channel | InlineChannel:
        """A process that has loaded the text."""
        patience_s = self.limits.load_s
        channel = None
        try:
            channel = open_channel(self._source, self.limits)
            reply = channel.ask(self._load, patience_s)
            if "error" in reply:
                raise InvalidReward(sentence(reply))
            self._keep_printed(reply, None)
        except BaseException as fault:
            if channel is not None:
                channel.close()
            if not isinstance(fault, PROCESS_FAULTS):
                raise
            end = told(fault, "while it was loaded")
            raise InvalidReward(f"The reward function {end}") from None
        return channel

    def _revive(self, end: Gone) -> None:
        """Start a fresh process in place of one that crashed, and repeat what it left undone."""
        if self._has_crashed:
            raise self._failed(end)
        self._has_crashed = True
        self._channel.close()
        self._printouts.say(
            f"the process of the reward function ended ({end}); it was started anew, and what "
            "the function kept between steps is lost"
        )
        try:
            self._channel = self._start()
            for batch in self._pending:
                self._channel.send(batch.frame, self.limits.reply_s)
        except InvalidReward as error:
            raise self._end(str(error)) from None
        except (Gone, Silent, BrokenFrame) as fault:
            raise self._failed(fault) from None

    def _failed(self, fault: Exception) -> RewardFailed:
        """The sentence for a process that is of no use any more."""
        batch = self._pending[0] if self._pending else None
        place = f"at step {batch.steps[0]:.0f} or soon after" if batch else "at its end"
        return self._end(f"The reward function {told(fault, place)}")

    def _end(self, message: str) -> RewardFailed:
        """Nothing comes after a failure."""
        self._failure = RewardFailed(message, printed=self._printouts.taken())
        self.close()
        return self._failure

    def _refuse_after_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _take(self, batch: _Batch, reply: dict[str, Any]) -> None:
        """Check a reply and put its rewards where they are wanted."""
        self._keep_printed(reply, batch)
        if "error" in reply:
            raise self._end(sentence(reply))
        data = reply.get("rewards")
        if not isinstance(data, bytes) or len(data) != 8 * len(batch.cars):
            raise BrokenFrame("rewards of another size")
        values = np.frombuffer(data)
        if not (np.abs(values) <= MAX_ABS_REWARD).all():  # NaN is not
            raise BrokenFrame("rewards that are no numbers")
        batch.into[...] = values

    def _keep_printed(self, reply: dict[str, Any], batch: _Batch | None) -> None:
        parts, left_out = reply.get("printed"), reply.get("left_out")
        if not parts and not left_out:
            return
        places: Sequence[tuple[int, int, int]] = ()
        if batch is not None:
            steps = batch.steps.astype(np.int64)
            places = list(
                zip(batch.cars.tolist(), batch.episodes.tolist(), steps.tolist(), strict=True)
            )
        self._printouts.keep(parts, left_out, places)


def load_message(
    source: str, tracks: Sequence[Track], track_of_car: Sequence[int]
) -> dict[str, Any]:
    """What does not change while cars drive, sent once."""
    is_told = "racing_" in source  # a line that nobody reads need not be copied at every step
    facts = [
        [
            t.is_reversed,
            t.length_m,
            *(
                np.ascontiguousarray(values if is_sent else values[:0]).tobytes()
                for values, is_sent in zip(
                    (t.centre, *racing_line_of(t)), (True, is_told, is_told), strict=True
                )
            ),
        ]
        for t in tracks
    ]
    return {"do": "load", "source": source, "tracks": facts, "track_of_car": list(track_of_car)}
