"""Following a job: what is new since the last look at its record, its figures and its log."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from racecraft.service.graphs import iteration_news
from racecraft.service.jobs.asking import view_job
from racecraft.service.making import log_text
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model
from racecraft.service.summaries import PROGRESS_FILE, json_lines
from racecraft.service.tails import Tail

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.jobs.looks import JobLooks
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store


@dataclass(frozen=True)
class News:
    """Something that has happened."""

    event: str
    """`job`, `iteration` or `log`."""
    data: Any
    version: int | None = None
    """Of the job's record."""


class Follower:
    """Somebody's place in what happens to a job. Not for several threads at a time."""

    def __init__(
        self, store: Store, settings: Settings, looks: JobLooks, actor: Actor, job_id: str
    ) -> None:
        """Begin to follow.

        Raises:
            NotFound: there is no such job, or it is somebody else's.
        """
        self._store, self._settings, self._looks = store, settings, looks
        self._job_id = view_job(store, actor, job_id).id
        self._said: str | None = None
        self._progress: Tail | None = None
        self._iteration = -1
        self._model: Model | None = None
        self._log_offset = 0
        self.is_over = False

    def tell_iterations(self, after: int) -> None:
        """Tell of iterations, too.

        Args:
            after: number of the last one that is known; -1 for none.

        Raises:
            ModelNotFound: the folder of the model is gone.
        """
        self._iteration = after
        self._progress = Tail(folder_of(self._settings, self._model_now()) / PROGRESS_FILE)

    def tell_log(self, offset: int) -> None:
        """Tell what is added to the log from a place on, too."""
        self._model, self._log_offset = self._model_now(), offset

    def news(self) -> list[News]:
        """What has happened since the last look.

        Raises:
            ModelNotFound: the folder of the model is gone.
        """
        job, place = self._looks.look(self._job_id)
        self.is_over = job.status.is_over
        values = {
            "job": job.model_dump(mode="json"),
            "place": None if place is None else asdict(place),
        }
        found = [*self._iterations(), *self._log()]
        if (text := json.dumps(values)) != self._said:
            self._said = text
            found.insert(0, News("job", values, job.version))
        return found

    def _iterations(self) -> list[News]:
        if self._progress is None:
            return []
        return [
            News("iteration", iteration_news(line))
            for line in json_lines(self._progress.lines())
            if line["iteration"] > self._iteration
        ]

    def _log(self) -> list[News]:
        found: list[News] = []
        while self._model is not None:
            text, end = log_text(self._settings, self._model, self._log_offset)
            if end <= self._log_offset:
                break
            self._log_offset = end
            found.append(News("log", {"text": text, "next_offset": end}))
        return found

    def _model_now(self) -> Model:
        with self._store.look() as work:
            job, _ = self._looks.look(self._job_id)
            return work.get(Model, job.model_id)
