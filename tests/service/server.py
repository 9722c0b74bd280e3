"""A real service in a process of its own, to be asked, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

PATIENCE_S = 60.0


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`racecraft up` in a home folder; for one person unless the flags say otherwise."""

    def __init__(
        self,
        home: Path,
        slots: int = 1,
        flags: Sequence[str] = (),
        program: Sequence[str] = ("-m", "racecraft.interfaces.cli"),
    ) -> None:
        self.home, self.slots, self.port = home, slots, free_port()
        self.flags, self.program = flags, program
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for its first answer."""
        self.home.mkdir(parents=True, exist_ok=True)
        words = ["up", "--port", str(self.port), "--slots", str(self.slots), *self.flags]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, *words],
                env={**os.environ, "RACECRAFT_HOME": str(self.home), "RACECRAFT_THREADS": "1"},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.ask("GET", "hello")
                return
            except OSError:
                assert self.process.poll() is None, (self.home / "server.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def ask(self, method: str, path: str, **fields: Any) -> Any:
        """Send a request; gives the answer's values.

        Raises:
            OSError: nobody answers, or the answer is an error.
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            method=method,
            data=json.dumps(fields).encode() if method != "GET" else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it without a word."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """End it as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE_S)
        for worker in self.workers():
            worker.kill()

    def workers(self) -> list[psutil.Process]:
        """Worker processes of this home, whoever started them."""
        found = []
        for process in psutil.process_iter():
            try:
                is_worker = "racecraft.service.job_worker" in process.cmdline()
                if is_worker and process.environ().get("RACECRAFT_HOME") == str(self.home):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def wait(self, job_id: str, *statuses: str, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until a job has one of some statuses."""
        deadline = time.monotonic() + patience_s
        while True:
            job: dict[str, Any] = self.ask("GET", f"jobs/{job_id}")["job"]
            if job["status"] in statuses:
                return job
            assert time.monotonic() < deadline, job
            time.sleep(0.1)
