"""What runs jobs: processes of the service's machine, or a Ray cluster of two machines."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.service.server import PATIENCE_S, Server

_CLONE_NEWNET = 0x40000000
_MARK = "RACECRAFT_TEST_CLUSTER"


class Local:
    """Jobs run beside the service."""

    machines = 1

    def __init__(self, home: Path) -> None:
        self.server = Server(home)

    def workers(self) -> list[psutil.Process]:
        """Processes of jobs."""
        return self.server.workers()

    def lose_machine(self) -> None:
        """The machine that a job is on loses its power; it comes back."""
        self.server.kill()
        for worker in self.workers():
            worker.kill()
        self.server.start()

    def close(self) -> None:
        """Leave nothing running."""
        self.server.end()


class OnRay:
    """Jobs run on a cluster; the service is beside its head."""

    def __init__(self, home: Path, machines: int = 2) -> None:
        self.mark, self.machines = str(home), machines
        home.mkdir(parents=True, exist_ok=True)
        # Paths of sockets are short, so this is not a folder of the test.
        self._place = Path(tempfile.mkdtemp(prefix="ray-"))
        more = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_TMPDIR": str(self._place), _MARK: self.mark}
        self._log = (home / "ray.log").open("wb")
        self._cluster = subprocess.Popen(
            [sys.executable, "-m", "tests.service.ray_cluster", str(machines)],
            env={**os.environ, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        told = self._hear()
        self.raylets: list[int] = told["raylets"]
        words = ["--executor", f"ray://{told['address']}"]
        self.server = Server(home / "service", slots=0, flags=words)

    def workers(self) -> list[psutil.Process]:
        """Processes of jobs, wherever on the cluster."""
        found = []
        for process in psutil.process_iter():
            try:
                is_worker = "racecraft.service.job_worker" in process.cmdline()
                if is_worker and process.environ().get(_MARK) == self.mark:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def machine_of(self, worker: psutil.Process) -> int:
        """The number of the machine that a worker is on."""
        above = {process.pid for process in worker.parents()}
        return next(k for k, raylet in enumerate(self.raylets) if raylet in above)

    def lose_machine(self) -> None:
        """The machine that a job is on loses its power."""
        (worker,) = self.workers()
        self.tell(f"kill {self.machine_of(worker)}")

    def tell(self, words: str) -> int:
        """Change the cluster; gives how many actors wait for room there."""
        assert self._cluster.stdin is not None
        self._cluster.stdin.write(f"{words}\n")
        self._cluster.stdin.flush()
        told = self._hear()
        self.raylets = told["raylets"]
        return int(told["demand"])

    def close(self) -> None:
        """Leave nothing running."""
        self.server.end()
        with self._cluster:
            assert self._cluster.stdin is not None
            self._cluster.stdin.close()
            self._cluster.wait(PATIENCE_S)
        for worker in self.workers():
            worker.kill()
        self._log.close()
        shutil.rmtree(self._place, ignore_errors=True)

    def _hear(self) -> dict[str, Any]:
        assert self._cluster.stdout is not None
        # Ray says things of its own now and then.
        for line in self._cluster.stdout:
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                return told
        raise AssertionError(Path(self._log.name).read_text(errors="replace"))


@contextmanager
def lonely_network() -> Iterator[None]:
    """Let this thread, and the processes that it starts, see no network but loopback.

    Ray listens at the machine's own address, where everybody could reach it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(_CLONE_NEWNET) != 0:
            _give_up(f"a network of its own was refused: {os.strerror(ctypes.get_errno())}")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield
        finally:
            assert libc.setns(before, _CLONE_NEWNET) == 0
    finally:
        os.close(before)


def _give_up(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def until(is_so: Any, patience_s: float = PATIENCE_S) -> None:
    """Wait for something."""
    deadline = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)
