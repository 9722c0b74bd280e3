"""Watching a job of a server until it is over; the server may be away for a while meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import ServiceUnreachable
from racecraft.service.jobs.job import Job

if TYPE_CHECKING:
    from racecraft.interfaces.client.connection import Connection

PATIENCE_S = 120.0
"""How long a server may be away."""
_AGAIN_S = 1.0


@dataclass(frozen=True)
class ToldTrack:
    """One track of several, as the server tells it."""

    track: str
    mean_evaluation_progress: float | None


@dataclass(frozen=True)
class ToldReport:
    """One iteration, as the server tells it."""

    iteration: int
    env_steps: int
    training_s: float
    steps_per_s: float
    mean_reward: float | None
    mean_progress: float | None
    mean_evaluation_progress: float | None
    clean_laps: int
    mean_lap_speed_mps: float | None
    evaluation: tuple[Any, ...]
    best_iteration: int
    is_clean: bool
    stop_reason: str | None
    plain_tracks: tuple[dict[str, Any], ...]

    @property
    def tracks(self) -> tuple[ToldTrack, ...]:
        """How each of several tracks went."""
        return tuple(
            ToldTrack(row["track"], row["mean_evaluation_progress"]) for row in self.plain_tracks
        )

    @classmethod
    def of(cls, line: dict[str, Any]) -> ToldReport:
        """A line of progress."""
        names = set(cls.__dataclass_fields__) - {"plain_tracks", "evaluation"}
        values: dict[str, Any] = {name: line.get(name) for name in names}
        return cls(
            **values,
            evaluation=tuple(line.get("evaluation", ())),
            plain_tracks=tuple(line.get("tracks", ())),
        )

    @classmethod
    def nothing(cls) -> ToldReport:
        """Of a training that ended before its first iteration."""
        zeros = dict.fromkeys(("env_steps", "training_s", "steps_per_s", "clean_laps"), 0)
        return cls.of({"iteration": -1, "best_iteration": -1, "is_clean": False, **zeros})


class Watch:
    """One job, looked at whenever the server says that it has changed."""

    def __init__(
        self,
        connection: Connection,
        job: Job,
        *,
        after: int = -1,
        on_wait: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._connection, self._job, self._on_wait = connection, job, on_wait
        self._iteration = after
        """The last one that was shown."""

    def to_the_end(self, show: Callable[[ToldReport], None] | None = None) -> Job:
        """Wait for the end of the job; gives it as it is then.

        Args:
            show: called with each iteration of a training that ends meanwhile.

        Raises:
            ServiceUnreachable: the server was away for too long.
        """
        for answer in self._answers():
            self._job = Job.model_validate(answer["job"])
            if answer["place"] is not None:
                self._on_wait(
                    f"waiting: number {answer['place']['position']} of "
                    f"{answer['place']['waiting']} in the queue"
                )
            if show is not None:
                with suppress(ServiceUnreachable):  # told with the next change, or at the end
                    self._tell(show)
        if show is not None:
            self._tell(show)
        return self._job

    def _answers(self) -> Iterator[dict[str, Any]]:
        """What the server says about the job, again after each time that it was away."""
        heard_s = time.monotonic()
        while not self._job.status.is_over:
            try:
                for name, values in self._connection.events(f"jobs/{self._job.id}/events"):
                    heard_s = time.monotonic()
                    if name == "job":
                        yield values
            except ServiceUnreachable:
                if time.monotonic() - heard_s > PATIENCE_S:
                    raise
                time.sleep(_AGAIN_S)

    def _tell(self, show: Callable[[ToldReport], None]) -> None:
        place = f"models/{self._job.model_id}/progress"
        for line in self._connection.ask("GET", place, after=self._iteration):
            self._iteration = line["iteration"]
            show(ToldReport.of(line))
