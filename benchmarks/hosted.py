"""A service for several people in a process of its own, and the people who use it."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.commands import RACECRAFT
from benchmarks.measuring import child_environment
from benchmarks.table import ROOT

PATIENCE_S = 60.0
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Guest:
    """Somebody who is signed in."""

    name: str
    cookie: str


class HostedService:
    """`racecraft up --hosted` in a home folder of its own, until the block ends."""

    def __init__(self, *, slots: int, threads: int = 1) -> None:
        """Plan it.

        Args:
            slots: jobs at once.
            threads: processor cores of each training.
        """
        self.slots, self.threads = slots, threads
        self.port = _free_port()
        self.first_answer_s = 0.0
        """From the typed command to the first answer."""
        self._folder = tempfile.TemporaryDirectory(prefix="racecraft-hosted-")
        self.home = Path(self._folder.name)

    def __enter__(self) -> HostedService:
        words = ["up", "--hosted", "--host", "127.0.0.1", "--port", str(self.port)]
        begin = time.perf_counter()
        self._said = (self.home / "said.txt").open("wb")
        self.process = subprocess.Popen(
            [*RACECRAFT, *words, "--slots", str(self.slots)],
            cwd=self.home,
            env=child_environment(
                RACECRAFT_HOME=str(self.home),
                RACECRAFT_THREADS=str(self.threads),
                PYTHONPATH=str(ROOT),
            ),
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        while True:
            try:
                self.ask("GET", "hello")
                break
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - begin > PATIENCE_S:
                    raise
                time.sleep(0.02)
        self.first_answer_s = time.perf_counter() - begin
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._said.close()
        self._folder.cleanup()

    @property
    def memory_mb(self) -> float:
        """Memory of the service alone, without its workers."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / MEGABYTE

    @property
    def cpu_s(self) -> float:
        """Processor time of the service alone, so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def ask(self, method: str, path: str, who: Guest | None = None, **fields: Any) -> Any:
        """Send a request and wait for its answer.

        Raises:
            OSError: nobody answers, or the answer is an error.
        """
        return self.ask_for_cookie(method, path, who, **fields)[0]

    def ask_for_cookie(
        self, method: str, path: str, who: Guest | None = None, **fields: Any
    ) -> tuple[Any, str]:
        """The same, and the cookie that came with it."""
        headers = {"Content-Type": "application/json"}
        if who is not None:
            headers["Cookie"] = who.cookie
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            method=method,
            data=None if method == "GET" else json.dumps(fields).encode(),
            headers=headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
                return json.loads(answer.read()), cookie
        except urllib.error.HTTPError as error:
            raise OSError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def admin(self) -> Guest:
        """The first admin, by the code that the start printed."""
        deadline = time.perf_counter() + PATIENCE_S
        while True:
            found = re.search(r"register#(\S+?)\)", (self.home / "said.txt").read_text())
            if found is not None:
                return self.register("Chief", found.group(1))
            if time.perf_counter() > deadline:
                raise OSError("The start of the service printed no code for the first admin.")
            time.sleep(0.05)

    def register(self, name: str, invitation: str) -> Guest:
        """Somebody new, with a name alone."""
        _, cookie = self.ask_for_cookie("POST", "register", name=name, invitation=invitation)
        return Guest(name, cookie)

    def guests(self, admin: Guest, count: int, role: str, prefix: str) -> list[Guest]:
        """Many new people, by one invitation."""
        code = self.ask("POST", "invitations", admin, role=role, heads=count, hours=24)["code"]
        return [self.register(f"{prefix}{k}", code) for k in range(count)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
