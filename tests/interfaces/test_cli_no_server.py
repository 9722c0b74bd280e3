"""The command line where no server of ours answers, and what cannot be done on one."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from racecraft import __version__
from tests.interfaces.command_lines import said
from tests.service.server import free_port


def test_where_nobody_answers_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    code, error = said(tmp_path, monkeypatch, capsys, "models", "list", "--server", url)
    assert code == 14
    assert f"No racecraft server answers at {url}" in error
    code, error = said(tmp_path, monkeypatch, capsys, "--server=ftp://x", "models", "list")
    assert code == 2
    assert "http://localhost:8321" in error


@pytest.mark.parametrize(
    ("hello", "code", "words"),
    [
        ({"is_hosted": True, "version": "99.1.0"}, 4, f"is 99.1.0, and this one is {__version__}"),
        ({"is_hosted": True}, 4, "of an older version"),
        ({"other": "service"}, 14, "is no racecraft server"),
        (None, 14, "is no racecraft server"),
    ],
)
def test_what_is_not_this_racecraft_is_told_apart(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    hello: dict[str, Any] | None,
    code: int,
    words: str,
) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>" if hello is None else json.dumps(hello).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_port}"
        got = said(tmp_path, monkeypatch, capsys, "models", "list", "--server", url)
        other.shutdown()
    assert got[0] == code
    assert words in got[1]


@pytest.mark.parametrize(
    "words",
    [("quickstart",), ("race", "a", "b"), ("up",), ("doctor",), ("reward", "check", "progress")],
)
def test_what_makes_no_sense_on_a_server_says_so(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = (*words, "--server", "http://racecraft.example")
    code, error = said(tmp_path, monkeypatch, capsys, *line)
    assert code == 4
    assert "works on this machine only" in error


@pytest.mark.parametrize("words", [("race", "a", "b"), ("backup", "file"), ("tune", "a")])
def test_where_the_environment_names_a_server_what_works_here_says_so(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = "http://racecraft.example"
    monkeypatch.setenv("RACECRAFT_SERVER", url)
    code, error = said(tmp_path, monkeypatch, capsys, *words)
    assert code == 3
    assert f"`racecraft {words[0]}` works on this machine, not on {url}." in error
