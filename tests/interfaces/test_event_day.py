"""A whole event on a real service: thirty racers, two models each, and a server that is killed.

What is driven are the sample models, frozen and raced by real workers.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from racecraft.service.results.signed import verify
from tests.service.server import Server

pytestmark = pytest.mark.slow
RACERS = 30
LAPS = 1
PATIENCE_S = 900.0


@dataclass
class Guest:
    """A browser of somebody."""

    server: Server
    cookie: str
    person_id: str

    def ask(self, method: str, path: str, **fields: Any) -> Any:
        return json.loads(self.raw(method, path, **fields))

    def raw(self, method: str, path: str, **fields: Any) -> bytes:
        request = urllib.request.Request(
            f"{self.server.url}/api/{path}",
            method=method,
            data=json.dumps(fields).encode() if method != "GET" else None,
            headers={"Content-Type": "application/json", "Cookie": self.cookie},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            data: bytes = answer.read()
            return data

    def open(self, path: str) -> None:
        """Open a page of the console."""
        request = urllib.request.Request(self.server.url + path, headers={"Cookie": self.cookie})
        with urllib.request.urlopen(request, timeout=60):
            pass


def register(server: Server, name: str, code: str) -> Guest:
    request = urllib.request.Request(
        f"{server.url}/api/register",
        method="POST",
        data=json.dumps({"name": name, "invitation": code}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        cookie = answer.headers["set-cookie"].split(";")[0]
        return Guest(server, cookie, json.loads(answer.read())["person"]["id"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "home", slots=2, flags=("--hosted", "--host", "127.0.0.1"))
    made.start()
    yield made
    made.end()


def organised(server: Server) -> tuple[Guest, dict[str, Any], dict[str, Any]]:
    """The organiser, a race of one lap of the pebble oval, and an event with it."""
    code = re.search(r"(\w{4}-\w{4}-\w{4}) ", (server.home / "server.log").read_text())
    assert code is not None
    olga = register(server, "Olga", code[1])
    now_s = time.time()
    times = {"starts_at_s": now_s - 60.0, "ends_at_s": now_s + 7200.0}
    rules = {"track": {"name": "pebble-oval"}, "laps": LAPS}
    race = olga.ask("POST", "races", name="Final", rules=rules, max_submissions=2, **times)
    event = olga.ask(
        "POST",
        "events",
        name="Open day",
        race_ids=[race["id"]],
        racer_name_pattern="Seat-[0-9]{2}",
        limits={"minutes_per_month": 300},
        **times,
    )
    return olga, race, event


def enter(guest: Guest, race_id: str, models: list[str]) -> list[str]:
    """Enter two models; gives the ids of the submissions."""
    return [
        guest.ask("POST", f"races/{race_id}/submissions", model_id=model)["id"] for model in models
    ]


def waiting(guest: Guest, race_id: str) -> list[tuple[str, str]]:
    """Submissions that are not over: racer and id, oldest first."""
    rows = guest.ask("GET", f"races/{race_id}/entered")["items"]
    left = [row for row in rows if row["submission"]["status"] in ("QUEUED", "RUNNING")]
    return [(row["racer"], row["submission"]["id"]) for row in reversed(left)]


def test_an_event_day_with_thirty_racers_and_a_server_that_is_killed(server: Server) -> None:
    olga, race, event = organised(server)
    with pytest.raises(urllib.error.HTTPError, match="422"):
        register(server, "whoever", event["link"])
    guests = [register(server, f"Seat-{k:02d}", event["link"]) for k in range(RACERS)]
    assert olga.ask("GET", f"events/{event['id']}")["people"] == RACERS
    entered: dict[str, list[str]] = {}
    for k, guest in enumerate(guests):
        guest.open("/models")  # whoever opens the list is given the sample models
        rows = guest.ask("GET", "models")["items"]
        models = sorted((row["model"]["name"], row["model"]["id"]) for row in rows)
        chosen = [models[k % len(models)][1], models[(k + 1) % len(models)][1]]
        entered[guest.person_id] = enter(guest, race["id"], chosen)
    assert sum(map(len, entered.values())) == 2 * RACERS
    with pytest.raises(urllib.error.HTTPError, match="409"):  # two each, and no more
        enter(guests[0], race["id"], [models[0][1]])

    # The server is killed in mid-race: what was driven stands, what waits waits, nothing is lost.
    deadline = time.monotonic() + PATIENCE_S
    while len(waiting(olga, race["id"])) > 2 * RACERS - 8:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    board = olga.ask("GET", f"races/{race['id']}/board")["items"]
    before = waiting(olga, race["id"])
    assert board
    assert before
    server.kill()
    server.start()
    times = {row["racer"]: row["time_ms"] for row in board}
    again = {
        row["racer"]: row["time_ms"]
        for row in olga.ask("GET", f"races/{race['id']}/board")["items"]
    }
    assert all(again[racer] <= time_ms for racer, time_ms in times.items())
    left = waiting(olga, race["id"])
    assert left == [each for each in before if each in left]  # in the same order

    while waiting(olga, race["id"]):
        assert time.monotonic() < deadline
        time.sleep(1.0)
    check_results(olga, race, event, entered)
    check_take_home(guests[3], entered)


def check_results(
    olga: Guest, race: dict[str, Any], event: dict[str, Any], entered: dict[str, list[str]]
) -> None:
    """Every submission has a result, the board follows from them, and the files prove it."""
    rows = olga.ask("GET", f"races/{race['id']}/entered")["items"]
    found = {row["submission"]["id"]: row["submission"] for row in rows}
    assert {each for ids in entered.values() for each in ids} == set(found)
    assert {each["status"] for each in found.values()} == {"RANKED"}
    # The same weights drove the same milliseconds, whoever entered them.
    by_weights: dict[str, set[int]] = {}
    for each in found.values():
        by_weights.setdefault(each["weights_sha256"], set()).add(each["result"]["time_ms"])
    assert [len(times) for times in by_weights.values()] == [1, 1, 1]
    board = olga.ask("GET", f"races/{race['id']}/board")["items"]
    best = {
        person: min(found[each]["result"]["time_ms"] for each in ids)
        for person, ids in entered.items()
    }
    assert {row["racer_id"]: row["time_ms"] for row in board} == best
    assert [row["rank"] for row in board] == list(range(1, RACERS + 1))
    assert [row["time_ms"] for row in board] == sorted(best.values())

    olga.ask("POST", f"races/{race['id']}/close")
    told = verify(
        olga.raw("GET", f"events/{event['id']}/results?form=json"),
        key=olga.ask("GET", "signing-key")["fingerprint"],
    )
    results = told.results.races[0]  # type: ignore[union-attr]
    assert results.race.is_over
    assert [line.time_ms for line in results.board] == sorted(best.values())
    assert len(results.submissions) == 2 * RACERS
    text = olga.raw("GET", f"events/{event['id']}/results?form=laps.csv").decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == 2 * RACERS * LAPS


def check_take_home(guest: Guest, entered: dict[str, list[str]]) -> None:
    """Somebody takes all of theirs home."""
    archive = zipfile.ZipFile(io.BytesIO(guest.raw("GET", f"people/{guest.person_id}/archive")))
    names = {name for name in archive.namelist() if name.startswith("models/")}
    assert len(names) == 3
    results = json.loads(archive.read("results.json"))
    assert {each["id"] for each in results} == set(entered[guest.person_id])
