"""A machine that runs jobs of a service elsewhere.

It asks the service for jobs over HTTP, with a token that an admin made. Every worker process has a
folder of its own here, which is gone when the process is; nothing else is kept.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from racecraft.domain.errors import Conflict, RacecraftError, ServiceUnreachable, SignInNeeded
from racecraft.service.crew import Crew
from racecraft.service.jobs.nodes import Held, facts_now, node_name
from racecraft.service.remote import Line

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_log = structlog.stdlib.get_logger("racecraft.jobs")
FOLDER = "node"
"""In the home folder, so that nothing there is mistaken for somebody's own model."""
_LOOK_S = 1.0
_AGAIN_S = 5.0
"""How often it is tried again while the service does not answer."""


@dataclass(frozen=True)
class _Service:
    """Jobs for this machine, from a service elsewhere."""

    line: Line
    place: Path
    """Where the jobs may write."""
    slots: int
    requires_isolation: bool

    def greet(self) -> Sequence[Held]:
        facts = facts_now(self.place, self.slots).model_dump()
        return [Held.model_validate(row) for row in self.line.ask("worker/node", facts)["held"]]

    def claim(self, worker: str) -> dict[str, Any] | None:
        facts = {"node": node_name(self.place), "slots": self.slots, "worker": worker}
        answer = self.line.ask("worker/claim", facts)
        if answer["job"] is None:
            return None
        _log.info("job begun", job=answer["job"], worker=worker)
        folder = self._folder(worker)
        shutil.rmtree(folder, ignore_errors=True)
        return {
            "url": self.line.url,
            "job": answer["job"],
            "token": answer["token"],
            "home": str(folder),
            "requires_isolation": answer["requires_isolation"] or self.requires_isolation,
            "is_elsewhere": True,
            "has_store": answer["has_store"],
        }

    def lose(self, worker: str, message: str) -> None:
        facts = {"node": node_name(self.place), "worker": worker, "message": message}
        self.line.ask("worker/lost", facts)

    def is_gone(self, worker: str) -> None:
        shutil.rmtree(self._folder(worker), ignore_errors=True)

    def leave(self) -> None:
        self.line.ask("worker/leave", {"node": node_name(self.place)})

    def sweep(self, alive: set[str]) -> None:
        """Remove what workers left that were killed together with this program."""
        kept = {self._folder(worker) for worker in alive}
        for folder in set(self.place.glob("*")) - kept:
            shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, worker: str) -> Path:
        return self.place / worker.rpartition(" ")[2]


def run_node(
    settings: Settings,
    line: Line,
    slots: int,
    ends: threading.Event,
    *,
    say: Callable[[str], None],
) -> None:
    """Take jobs from a service and run them, until told to end.

    A service that does not answer is waited for. For one of another version the jobs that are
    under way are done, and no new ones begun.

    Args:
        settings: where the jobs may write.
        line: the API of the service, with the token.
        slots: jobs at a time.
        ends: set when it is to end.
        say: tells people what goes on.

    Raises:
        SignInNeeded: the token is not known there.
        Conflict: the service is of another version.
        StorageFailed: the home folder cannot be written.
    """
    source = _Service(line, settings.home / FOLDER, slots, settings.requires_isolation)
    crew = Crew(source, node_name(source.place), slots)
    is_mustered, was_there = False, True
    try:
        while not ends.is_set():
            try:
                if not is_mustered:
                    source.sweep(crew.muster())
                    is_mustered = True
                    say(f"{node_name(source.place)} takes jobs of {line.url}, {slots} at a time.")
                crew.look(takes_more=lambda: not ends.is_set())
                if not was_there:
                    was_there = True
                    say("The service answers again.")
                ends.wait(_LOOK_S)
            except ServiceUnreachable as error:
                if was_there:
                    was_there = False
                    say(f"{error} It is asked again every {_AGAIN_S:.0f} seconds.")
                ends.wait(_AGAIN_S)
            except (Conflict, SignInNeeded) as error:
                if crew.count:
                    say(f"{error} The jobs that are under way are done first.")
                _finish(crew, ends)
                raise
    finally:
        _end(crew, source)


def _finish(crew: Crew, ends: threading.Event) -> None:
    """Wait until the jobs that are under way are done; they have tokens of their own."""
    while crew.count and not ends.is_set():
        with suppress(RacecraftError):
            crew.look(takes_more=lambda: False)
        ends.wait(_LOOK_S)


def _end(crew: Crew, source: _Service) -> None:
    """End the workers and tell the service, if it still hears."""
    crew.stop()
    with suppress(RacecraftError):
        source.leave()
    shutil.rmtree(source.place, ignore_errors=True)
