"""Command lines that are run as people run them: with a home of their own, some at a terminal."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from racecraft.interfaces.cli.app import run


@dataclass(frozen=True)
class Line:
    """A command line on a machine of its own, signed in at a server."""

    home: Path
    url: str

    def __call__(self, *words: str) -> Any:
        """Run a command; gives its JSON object."""
        code, facts = self.tried(*words)
        assert code == 0, facts
        return facts

    def tried(self, *words: str) -> tuple[int, Any]:
        """Exit code and JSON object of a command that may fail."""
        output, errors = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            with redirect_stdout(output), redirect_stderr(errors):
                code = run([*words, "--json"])
        text = output.getvalue()
        assert text.count("\n") == 1, text + errors.getvalue()
        return code, json.loads(text)

    def started(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "racecraft.interfaces.cli", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "RACECRAFT_HOME": str(self.home),
            "RACECRAFT_SERVER": self.url,
            "COLUMNS": "200",
        }

    def typed(self, *words: str, answers: dict[str, str], then: Any = None) -> str:
        """Run a command at a terminal, answering what it asks; gives all that was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            line = [sys.executable, "-m", "racecraft.interfaces.cli", *words]
            os.execve(sys.executable, line, self.environment)
        shown, left = "", dict(answers)
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part.decode(errors="replace")
            for question in [each for each in left if each in shown]:
                time.sleep(0.5)  # what comes before the echo is off is thrown away
                os.write(terminal, f"{left.pop(question)}\n".encode())
            if then is not None and then(shown):
                os.kill(pid, signal.SIGINT)
                then = None
        os.close(terminal)
        os.waitpid(pid, 0)
        return shown


def said(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str]:
    monkeypatch.setenv("RACECRAFT_HOME", str(home))
    code = run(words)
    return code, capsys.readouterr().err
