"""`racecraft results` with real laps: exported, verified, driven again; here and on a server."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.test_cli_remote import Line
from tests.service.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A race that a sample model has driven."""
    made = Server(tmp_path_factory.mktemp("home"))
    made.start()
    with urllib.request.urlopen(f"{made.url}/models", timeout=30):
        pass  # whoever opens the list is given the sample models
    rows = made.ask("GET", "models")["items"]
    sample = next(row["model"] for row in rows if row["model"]["name"] == "Sample-Centre-Line")
    now_s = time.time()
    race = made.ask(
        "POST",
        "races",
        name="Lunch break",
        starts_at_s=now_s - 1.0,
        ends_at_s=now_s + 3600.0,
        rules={"track": {"name": sample["tracks"][0].split(":")[0]}, "laps": 2},
    )
    entered = made.ask("POST", f"races/{race['id']}/submissions", model_id=sample["id"])
    made.wait(entered["job_id"], "COMPLETED")
    yield made
    made.end()


def test_one_worker_drives_what_waits_for_races_one_after_the_other(server: Server) -> None:
    models = [row["model"]["id"] for row in server.ask("GET", "models")["items"]]
    now_s = time.time()
    times = {"starts_at_s": now_s - 1.0, "ends_at_s": now_s + 3600.0}
    race = server.ask("POST", "races", name="Three", rules={"laps": 1}, **times)
    place = f"races/{race['id']}/submissions"
    jobs = [server.ask("POST", place, model_id=model)["job_id"] for model in models]
    done = [server.wait(job, "COMPLETED", "FAILED") for job in jobs]
    assert [job["status"] for job in done] == ["COMPLETED"] * 3
    assert len({job["worker"] for job in done}) == 1
    assert [job["attempts"] for job in done] == [1, 1, 1]
    deadline = time.monotonic() + 30.0
    while server.workers():  # it ends when nothing waits any more
        assert time.monotonic() < deadline
        time.sleep(0.1)


class LineHere(Line):
    """The command line on the machine of the server, without asking it."""

    @property
    def environment(self) -> dict[str, str]:
        asked = super().environment
        del asked["RACECRAFT_SERVER"]
        return asked


def at(server: Server, where: str, folder: Path) -> Line:
    return Line(folder, server.url) if where == "there" else LineHere(server.home, "")


@pytest.mark.parametrize("where", ["there", "here"])
def test_results_are_exported_verified_and_repeated(
    server: Server, tmp_path: Path, where: str
) -> None:
    line = at(server, where, tmp_path)
    file = tmp_path / "results.json"
    assert line("results", "export", "Lunch break", str(file))["size_bytes"] > 1000
    key = server.ask("GET", "signing-key")
    told = line("results", "verify", str(file), "--key", key["fingerprint"])
    assert (told["is_genuine"], told["is_expected_key"]) == (True, True)
    board = told["races"][0]["board"]
    assert [row["rank"] for row in board] == [1]

    code, fault = line.tried("results", "verify", str(file), "--key", "0000 1111")
    assert (code, fault["kind"]) == (15, "NotGenuine")
    plain = json.loads(file.read_text())
    plain["results"]["board"][0]["time_ms"] -= 1
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(plain))
    code, fault = line.tried("results", "verify", str(forged))
    assert code == 15
    assert "changed after it was signed" in fault["error"]

    again = line("results", "rerun", "Lunch break", board[0]["racer"])
    assert again["times_ms"] == [
        lap["time_ms"] for lap in plain["results"]["submissions"][0]["laps"]
    ]


def test_tables_are_written_and_nothing_is_overwritten(server: Server, tmp_path: Path) -> None:
    line = Line(tmp_path, server.url)
    for form, rows in (("board.csv", 1), ("laps.csv", 2)):
        file = tmp_path / form
        line("results", "export", "Lunch break", str(file), "--form", form)
        assert len(file.read_text().splitlines()) == 1 + rows
        code, fault = line.tried("results", "export", "Lunch break", str(file), "--form", form)
        assert (code, "--replace" in fault["error"]) == (4, True)
    code, fault = line.tried("results", "export", "Lunch brake", str(tmp_path / "x"))
    assert code == 3
    assert "Lunch break" in fault["error"]


def test_who_is_not_signed_in_may_know_the_key_only(server: Server) -> None:
    key: dict[str, Any] = server.ask("GET", "signing-key")
    assert len(key["fingerprint"].replace(" ", "")) == 32
    mode = (server.home / "signing-key.pem").stat().st_mode & 0o777
    assert mode == 0o600
