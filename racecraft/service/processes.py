"""The process of one job, and where such processes run: on this machine, or on a cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

import psutil

from racecraft.service.jobs.nodes import Held

WORKER_MODULE = "racecraft.service.job_worker"
UNFIT = 76
"""Exit code of a worker whose machine cannot do the job as it is now; another one may."""
_REST_S, _LONGEST_REST_S = 60.0, 3_600.0
"""How long such a machine takes no more jobs: twice as long each time, until it has done one."""
_NICENESS = 5
"""Workers let the console go first."""
_WORDS_BYTES = 2000


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int | None
    """Exit code; below zero the signal that killed it; None if its machine is gone, too."""
    words: str
    """The last line of what it wrote to its standard error, or nothing."""

    @property
    def why(self) -> str:
        """In words, as the end of a sentence about the process."""
        if self.code is None:
            return "was lost together with its machine"
        killed = self.code < 0
        return f"was killed by signal {-self.code}" if killed else f"ended with code {self.code}"


class Process(Protocol):
    """A worker process, wherever it is."""

    def look(self) -> Ended | None:
        """How it ended; None if it still runs."""

    def end(self) -> None:
        """Ask it to end."""

    def kill(self) -> Ended:
        """End it by force and clean up; gives how it ended, however often it is asked."""


class Place(Protocol):
    """Room for one more process."""

    def start(self, order: dict[str, Any]) -> Process:
        """Start a worker, with what it reads from its standard input."""


class Places(Protocol):
    """Where the processes of a crew run."""

    def free(self, busy: int) -> Place | None:
        """Room for one more beside those that run; None if there is none now."""

    def release(self) -> None:
        """Nothing more is started for now; let others have the room."""

    def learn(self, process: Process, ended: Ended) -> None:
        """Hear how a process ended that was started here."""

    def is_alive(self, held: Held) -> bool:
        """Whether a worker of an earlier life, or whoever is just starting it, is still there."""


@dataclass
class Rest:
    """The pause of a machine that was unfit for a job."""

    _until_s: float = float("-inf")
    _next_s: float = _REST_S

    @property
    def is_on(self) -> bool:
        """Whether it takes no jobs now."""
        return time.monotonic() < self._until_s

    def learn(self, ended: Ended) -> None:
        """Begin a pause, a longer one than the last, or end all of that after a job well done."""
        if ended.code == UNFIT:
            self._until_s = time.monotonic() + self._next_s
            self._next_s = min(2.0 * self._next_s, _LONGEST_REST_S)
        elif ended.code == 0:
            self._next_s = _REST_S


class LocalProcess:
    """A worker process of this machine, in a session of its own."""

    def __init__(self, order: dict[str, Any], *, ends_with_starter: bool = False) -> None:
        """Start it.

        Args:
            order: what it reads from its standard input.
            ends_with_starter: its standard input stays open, and it ends when that is closed.
        """
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by `kill`
        self._words = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", WORKER_MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
        )
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, _NICENESS)
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            told = order | {"ends_with_starter": ends_with_starter}
            self.process.stdin.write(json.dumps(told).encode() + b"\n")
            self.process.stdin.flush()
        if not ends_with_starter:
            with suppress(BrokenPipeError):
                self.process.stdin.close()

    def look(self) -> Ended | None:
        """How it ended; None if it still runs."""
        code = self.process.poll()
        return None if code is None else Ended(code, self._last_words())

    def end(self) -> None:
        """Ask it, and what it has started, to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> Ended:
        """End them by force and clean up."""
        self._signal(signal.SIGKILL)
        ended = Ended(self.process.wait(), self._last_words())
        self._errors.close()
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        return ended

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def _last_words(self) -> str:
        if not self._errors.closed:
            self._errors.seek(max(self._errors.seek(0, 2) - _WORDS_BYTES, 0))
            lines = self._errors.read().decode(errors="replace").split("\n")
            self._words = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return self._words


@dataclass
class LocalPlaces:
    """Processes of this machine, so many at a time."""

    most: int
    _rest: Rest = field(default_factory=Rest)

    def free(self, busy: int) -> Place | None:
        """Room for one more beside those that run; None if there is none now."""
        return None if busy >= self.most or self._rest.is_on else _Here()

    def release(self) -> None:
        """Nothing is held here."""

    def learn(self, process: Process, ended: Ended) -> None:
        """Make a pause if this machine was unfit."""
        self._rest.learn(ended)

    def is_alive(self, held: Held) -> bool:
        """Whether a worker, or whoever is just starting it, is still there."""
        if held.pid is None:
            starter = held.worker.rpartition(" ")[2].partition("-")[0]
            return starter.isdecimal() and psutil.pid_exists(int(starter))
        try:
            words = psutil.Process(held.pid).cmdline()
        except psutil.Error:
            return False
        return WORKER_MODULE in words


class _Here:
    """Room on this machine."""

    def start(self, order: dict[str, Any]) -> Process:
        return LocalProcess(order)
