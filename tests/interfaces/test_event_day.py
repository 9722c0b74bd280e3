"""A whole event on a real service: thirty racers, a final, a bracket, a server that is killed.

Every fifth trains a clone of a sample model for a moment and enters that too; the others enter two
samples. All of it is trained and driven by real workers.
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
TRAINS = 5
"""Every so many racers one trains; a worker needs the same time for each."""
LAPS = 1
FINALISTS = 8
TRAINING = {
    "hyperparameters": {"num_cars": 8, "max_steps_per_iteration": 64, "num_epochs": 3},
    "stop": {"env_steps": 64},
    "evaluation_trials": 1,
    "threads": 1,
}
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


def trained(guest: Guest, sample_id: str, number: int) -> tuple[str, str]:
    """Ask for a short training of a clone; gives the ids of model and job."""
    wish = {"model": {"name": f"mine-{number}"}, "training": {**TRAINING, "seed": number}}
    made = guest.ask("POST", "models", clone_of=sample_id, **wish)
    return made["model"]["id"], made["job"]["id"]


def wait_for(guest: Guest, job_id: str) -> None:
    """Until a job has done what it was to do."""
    deadline = time.monotonic() + PATIENCE_S
    while (job := guest.ask("GET", f"jobs/{job_id}")["job"])["ended_at_s"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert job["status"] == "COMPLETED", job["message"]


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
    chosen = []
    for k, guest in enumerate(guests):
        guest.open("/models")  # whoever opens the list is given the sample models
        rows = guest.ask("GET", "models")["items"]
        models = sorted((row["model"]["name"], row["model"]["id"]) for row in rows)
        first, second = models[k % len(models)][1], models[(k + 1) % len(models)][1]
        chosen.append((first, *(trained(guest, second, k) if k % TRAINS == 3 else (second, ""))))
    entered: dict[str, list[str]] = {}
    for guest, (first, second, job_id) in zip(guests, chosen, strict=True):
        if job_id:
            wait_for(guest, job_id)
        entered[guest.person_id] = enter(guest, race["id"], [first, second])
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
    check_board(olga, race, entered)
    show_final(olga, server, race["id"])
    show_bracket(olga, race["id"])
    check_results(olga, race, event, entered)
    check_take_home(guests[3], entered)


def check_board(olga: Guest, race: dict[str, Any], entered: dict[str, list[str]]) -> None:
    """Every submission has a result, and the board follows from them."""
    rows = olga.ask("GET", f"races/{race['id']}/entered")["items"]
    found = {row["submission"]["id"]: row["submission"] for row in rows}
    assert {each for ids in entered.values() for each in ids} == set(found)
    assert {each["status"] for each in found.values()} == {"RANKED"}
    # The same weights drove the same milliseconds, whoever entered them.
    by_weights: dict[str, set[int]] = {}
    for each in found.values():
        by_weights.setdefault(each["weights_sha256"], set()).add(each["result"]["time_ms"])
    assert {len(times) for times in by_weights.values()} == {1}
    assert len(by_weights) > 3  # the samples, and what was trained from them
    board = olga.ask("GET", f"races/{race['id']}/board")["items"]
    best = {
        person: min(found[each]["result"]["time_ms"] for each in ids)
        for person, ids in entered.items()
    }
    assert {row["racer_id"]: row["time_ms"] for row in board} == best
    assert [row["rank"] for row in board] == list(range(1, RACERS + 1))
    assert [row["time_ms"] for row in board] == sorted(best.values())


def launched(olga: Guest, race_id: str) -> dict[str, Any]:
    """Launch the next heat; gives how it is told once it is on the screens."""
    heat = olga.ask("POST", f"races/{race_id}/show/launch")
    deadline = time.monotonic() + PATIENCE_S
    while True:
        live = olga.ask("GET", f"races/{race_id}/show")
        told = [each for each in (live["now"], *live["past"]) if each and each["id"] == heat["id"]]
        if told and told[0]["status"] in ("SHOWN", "FAILED"):
            assert told[0]["status"] == "SHOWN", told[0]["message"]
            found: dict[str, Any] = told[0]
            return found
        assert time.monotonic() < deadline
        time.sleep(0.2)


def show_final(olga: Guest, server: Server, race_id: str) -> None:
    """The first eight of the board at once; the server is killed while everybody watches."""
    board = olga.ask("GET", f"races/{race_id}/board")["items"]
    olga.ask("PATCH", f"races/{race_id}/show", lights_s=5.0, max_retries=1)
    code = olga.ask("POST", f"races/{race_id}/screen")["code"]
    olga.ask("POST", f"races/{race_id}/show/final", count=FINALISTS)
    heat = launched(olga, race_id)
    assert [car["name"] for car in heat["cars"]] == [row["racer"] for row in board[:FINALISTS]]
    assert heat["places"] == []  # nothing is told before it was seen
    stranger = Guest(server, "", "")
    assert stranger.raw("GET", f"screens/{code}/heats/{heat['id']}/recording")
    server.kill()
    server.start()
    again = olga.ask("GET", f"races/{race_id}/show")
    assert heat["id"] in [each["id"] for each in (again["now"], *again["past"]) if each]
    if again["now"]:
        olga.ask("POST", f"races/{race_id}/show/skip")
    (done,) = olga.ask("GET", f"races/{race_id}/show")["past"]
    assert [place["rank"] for place in done["places"]] == list(range(1, FINALISTS + 1))
    assert olga.ask("GET", f"races/{race_id}/board")["items"] == board


def show_bracket(olga: Guest, race_id: str) -> None:
    """Eight knock each other out until three stand on the podium, on the big screen too."""
    olga.ask("PATCH", f"races/{race_id}/show", lights_s=0.0)
    olga.ask("POST", f"races/{race_id}/show/bracket", count=FINALISTS)
    titles = []
    while olga.ask("GET", f"races/{race_id}/show")["queue"]:
        titles.append(launched(olga, race_id)["title"])
        if olga.ask("GET", f"races/{race_id}/show")["now"]:
            olga.ask("POST", f"races/{race_id}/show/skip")
    assert titles == [
        *(f"Quarter-final {k}" for k in range(1, 5)),
        *("Semi-final 1", "Semi-final 2", "Match for the third place", "Final"),
    ]
    winners = {
        match["title"]: side["name"]
        for match in olga.ask("GET", f"races/{race_id}/show")["bracket"]["matches"]
        for side in match["sides"]
        if side["is_winner"]
    }
    olga.ask("POST", f"races/{race_id}/show/winner")
    code = olga.ask("GET", f"races/{race_id}/screen")["code"]
    podium = Guest(olga.server, "", "").ask("GET", f"screens/{code}")["live"]["podium"]
    assert [podium[0], podium[2]] == [winners["Final"], winners["Match for the third place"]]


def check_results(
    olga: Guest, race: dict[str, Any], event: dict[str, Any], entered: dict[str, list[str]]
) -> None:
    """The files prove the board, every heat, the bracket and the podium."""
    board = olga.ask("GET", f"races/{race['id']}/board")["items"]
    podium = olga.ask("GET", f"races/{race['id']}/show")["podium"]
    olga.ask("POST", f"races/{race['id']}/close")
    told = verify(
        olga.raw("GET", f"events/{event['id']}/results?form=json"),
        key=olga.ask("GET", "signing-key")["fingerprint"],
    )
    results = told.results.races[0]  # type: ignore[union-attr]
    assert results.race.is_over
    assert results.race.track_note == ""
    assert [line.time_ms for line in results.board] == [row["time_ms"] for row in board]
    assert len(results.submissions) == 2 * RACERS
    assert [heat.kind for heat in results.heats] == ["FINAL", *["MATCH"] * FINALISTS]
    assert {len(car.laps) for heat in results.heats for car in heat.cars} == {LAPS}
    assert [place.racer for place in results.podium] == podium
    assert results.bracket is not None
    seeds = {each.seed: each.racer for each in results.bracket.racers}
    assert [seeds[seed] for seed in results.bracket.places[:3]] == podium

    def rows(form: str) -> list[dict[str, str]]:
        text = olga.raw("GET", f"events/{event['id']}/results?form={form}").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    assert len(rows("laps.csv")) == 2 * RACERS * LAPS
    assert len(rows("heats.csv")) == FINALISTS + 2 * FINALISTS


def check_take_home(guest: Guest, entered: dict[str, list[str]]) -> None:
    """Somebody takes all of theirs home."""
    archive = zipfile.ZipFile(io.BytesIO(guest.raw("GET", f"people/{guest.person_id}/archive")))
    names = {name for name in archive.namelist() if name.startswith("models/")}
    assert len(names) == 4  # three samples and what was trained
    results = json.loads(archive.read("results.json"))
    assert {each["id"] for each in results} == set(entered[guest.person_id])
