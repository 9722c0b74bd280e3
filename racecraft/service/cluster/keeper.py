"""In the service: sees that the program is there that runs jobs on the cluster."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from racecraft.domain.errors import RacecraftError
from racecraft.service.cluster.driver import new_node
from racecraft.service.executor import lose_and_tell
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.nodes import PREFIX, WorkerToken, node_name, take_leave
from racecraft.service.jobs.queue import RUNNING
from racecraft.service.people.codes import hashed, new_secret

if TYPE_CHECKING:
    from racecraft.service.cluster.plan import ClusterPlan
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

_log = structlog.stdlib.get_logger("racecraft.jobs")
DRIVER_MODULE = "racecraft.service.cluster.driver"
_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 60.0
"""Before it is started again: twice as long each time, until it has run for so long."""
_PATIENCE_S = 25.0
"""How long it may take to end."""


@dataclass
class ClusterKeeper:
    """Starts the program, again whenever it has ended, and gives back what it had."""

    store: Store
    settings: Settings
    plan: ClusterPlan
    url: str
    """Where machines of the cluster reach the API."""
    _ends: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[str] | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; the cluster may be reached later."""
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the program and its workers; their jobs go back to the queue."""
        self._ends.set()
        with self._guard:
            if self._process is not None:
                self._process.terminate()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)
            if self._thread.is_alive() and self._process is not None:
                self._process.kill()
                self._thread.join()

    def _run(self) -> None:
        pause_s = _PAUSE_S
        while not self._ends.is_set():
            began_s = time.monotonic()
            try:
                self._run_once(new_node())
            except Exception as error:
                # As in the queue: whatever it is, nobody else sees after it.
                _log.error("cluster cannot be used", error=str(error))
            if time.monotonic() - began_s > _LONGEST_PAUSE_S:
                pause_s = _PAUSE_S
            self._ends.wait(pause_s)
            pause_s = min(2.0 * pause_s, _LONGEST_PAUSE_S)

    def _run_once(self, node: str) -> None:
        """Start the program and wait for its end; what it had is in the queue afterwards."""
        token = self._lend_token()
        order = {"plan": dataclasses.asdict(self.plan), "url": self.url, "token": token}
        with self._guard:
            if self._ends.is_set():
                return
            self._process = _started()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._process:
            with suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(order | {"node": node}) + "\n")
                self._process.stdin.flush()
            for line in self._process.stdout:
                _log.info("cluster", message=line.strip())
        _log.info("cluster left", code=self._process.returncode, node=node)
        self._give_back(node)
        self._take_token_back()

    def _give_back(self, node: str) -> None:
        with self.store.look() as work:
            held = [job for job in work.find(Job, status=RUNNING) if job.node == node]
        for job in held:
            message = "Its worker ended together with its connection to the cluster."
            lose_and_tell(self.store, self.settings, job.worker, message)
        with suppress(RacecraftError):
            take_leave(self.store, node)

    def _lend_token(self) -> str:
        """A token for the program; that of an earlier life is worth nothing any more."""
        self._take_token_back()
        secret = new_secret(PREFIX)
        with self.store.work() as work:
            now_s = self.store.now_s()
            work.add(
                WorkerToken(
                    id=hashed(secret), created_at_s=now_s, name=self._token_name, made_by=""
                )
            )
        return secret

    def _take_token_back(self) -> None:
        with self.store.work() as work:
            for token in work.find(WorkerToken):
                if token.name == self._token_name and not token.made_by:
                    work.remove(WorkerToken, id=token.id)

    @property
    def _token_name(self) -> str:
        """Services that share their records have one each."""
        return f"{self.plan.url} of {node_name(self.settings.home)}"


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", DRIVER_MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C is for the service, which ends it
    )
