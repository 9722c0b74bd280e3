"""A machine that runs jobs of a service elsewhere.

It asks the service for jobs over HTTP, with a token that an admin made. Every worker process has a
folder of its own here, which is gone when the process is; nothing else is kept.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from racecraft.domain.errors import (
    Conflict,
    InvalidInput,
    NotIsolated,
    RacecraftError,
    ServiceUnreachable,
    SignInNeeded,
)
from racecraft.service.crew import Crew, Source
from racecraft.service.files import storage
from racecraft.service.isolation import isolation
from racecraft.service.jobs.nodes import Held, facts_now, home_mark, node_name
from racecraft.service.processes import LocalPlaces
from racecraft.service.remote import Line

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_log = structlog.stdlib.get_logger("racecraft.jobs")
FOLDER = "node"
"""In the home folder, so that nothing there is mistaken for somebody's own model."""
LOCK = ".node"
"""In the home folder, too: held while jobs are taken."""
_LOOK_S = 1.0
_AGAIN_S = 5.0
"""How often it is tried again while the service does not answer."""


class FarSource(Source, Protocol):
    """Where a machine elsewhere gets jobs from."""

    def sweep(self, alive: set[str]) -> None:
        """Remove what workers left that were killed together with this program."""

    def leave(self) -> None:
        """Tell that no more jobs are taken, and remove what is left here."""


def claim_far(line: Line, node: str, slots: int, worker: str) -> dict[str, Any] | None:
    """The next job for a worker of a machine elsewhere, but for the folder that it works in.

    Raises:
        As `Line.ask`.
    """
    facts = {"node": node, "slots": slots, "worker": worker}
    answer = line.ask("worker/claim", facts)
    if answer["job"] is None:
        return None
    _log.info("job begun", job=answer["job"], worker=worker)
    return {
        "url": line.url,
        "job": answer["job"],
        "token": answer["token"],
        "requires_isolation": answer["requires_isolation"],
        "is_elsewhere": True,
        "has_store": answer["has_store"],
    }


@dataclass
class _Service:
    """Jobs for this machine, from a service elsewhere."""

    line: Line
    place: Path
    """Where the jobs may write."""
    mark: str
    """Of the home folder."""
    slots: int
    requires_isolation: bool
    _is_checked: bool = False
    """This system can lock reward functions in."""

    @property
    def node(self) -> str:
        """The name of this machine."""
        return node_name(self.place, self.mark)

    def greet(self) -> Sequence[Held]:
        facts = facts_now(self.place, self.slots, self.mark).model_dump()
        answer = self.line.ask("worker/node", facts)
        if not self._is_checked and (answer["requires_isolation"] or self.requires_isolation):
            self._refuse_without_isolation()
        return [Held.model_validate(row) for row in answer["held"]]

    def claim(self, worker: str) -> dict[str, Any] | None:
        order = claim_far(self.line, self.node, self.slots, worker)
        if order is None:
            return None
        folder = self._folder(worker)
        shutil.rmtree(folder, ignore_errors=True)
        is_required = order["requires_isolation"] or self.requires_isolation
        return order | {"home": str(folder), "requires_isolation": is_required}

    def lose(self, worker: str, message: str) -> None:
        facts = {"node": self.node, "worker": worker, "message": message}
        self.line.ask("worker/lost", facts)

    def is_gone(self, worker: str) -> None:
        shutil.rmtree(self._folder(worker), ignore_errors=True)

    def sweep(self, alive: set[str]) -> None:
        kept = {self._folder(worker) for worker in alive}
        for folder in set(self.place.glob("*")) - kept:
            shutil.rmtree(folder, ignore_errors=True)

    def leave(self) -> None:
        with suppress(RacecraftError):
            self.line.ask("worker/leave", {"node": self.node})
        for folder in self.place.glob(f"{os.getpid()}-*"):
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # others of an earlier life may still be at work
            self.place.rmdir()

    def _refuse_without_isolation(self) -> None:
        missing = isolation().missing
        if missing:
            raise NotIsolated(
                f"This machine can take no jobs of {self.line.url}: reward functions have to be "
                f"locked in, and this system lacks {', '.join(missing)}. Use Linux 5.13 or newer."
            )
        self._is_checked = True

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
        Conflict: the service is of another version, or another program takes jobs in this home
            folder.
        InvalidInput: the service does not understand what this machine says.
        NotIsolated: reward functions have to be locked in, and cannot be here.
        StorageFailed: the home folder cannot be written.
    """
    with _alone(settings.home):
        place, mark = settings.home / FOLDER, home_mark(settings.home)
        source = _Service(line, place, mark, slots, settings.requires_isolation)
        crew = Crew(source, source.node, LocalPlaces(slots))
        say_begun = f"{source.node} takes jobs of {line.url}, {slots} at a time."
        take_jobs(crew, source, ends, say=say, say_begun=say_begun)


def take_jobs(
    crew: Crew,
    source: FarSource,
    ends: threading.Event,
    *,
    say: Callable[[str], None],
    say_begun: str,
) -> None:
    """`run_node` with any crew; `say_begun` is said once the service has answered."""
    is_mustered, was_there = False, True
    try:
        while not ends.is_set():
            try:
                if not is_mustered:
                    source.sweep(crew.muster())
                    is_mustered = True
                    say(say_begun)
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
            except (Conflict, SignInNeeded, InvalidInput, NotIsolated) as error:
                if crew.count:
                    say(f"{error} The jobs that are under way are done first.")
                _finish(crew, ends)
                raise
    finally:
        crew.stop()
        source.leave()


def _finish(crew: Crew, ends: threading.Event) -> None:
    """Wait until the jobs that are under way are done; they have tokens of their own."""
    while crew.count and not ends.is_set():
        with suppress(RacecraftError):
            crew.look(takes_more=lambda: False)
        ends.wait(_LOOK_S)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let no other program take jobs in a home folder: each would sweep up after the other."""
    with storage(home):
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"Another `racecraft worker` takes jobs in {home} already. Give that one more "
                "--slots, or this one a home folder of its own (RACECRAFT_HOME)."
            ) from None
        yield
    finally:
        os.close(handle)
