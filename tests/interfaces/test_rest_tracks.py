"""Tracks over REST: looked at by all, imported and removed by organisers."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service.access import Role
from racecraft.tracks.exchange import MAX_FILE_BYTES, parse_npy
from racecraft.tracks.library import load_track, shipped_names
from tests.interfaces.conftest import Browser

FILE = {"Content-Type": "application/octet-stream"}


def npy(name: str = "pebble-oval") -> bytes:
    track, file = load_track(name), io.BytesIO()
    np.save(file, np.hstack([track.centre, track.inner, track.outer]))
    return file.getvalue()


def send(client: TestClient, name: str, data: bytes, query: str = "") -> Any:
    return client.put(f"/tracks/{name}/file{query}", content=data, headers=FILE)


@pytest.fixture
def olga(browser: Browser) -> TestClient:
    return browser("Olga", Role.ORGANISER)


def test_everybody_sees_every_track_with_facts_and_pictures(browser: Browser) -> None:
    ann = browser("Ann")
    cards = ann.get("/tracks").json()["items"]
    assert [card["name"] for card in cards] == list(shipped_names())
    card = ann.get("/tracks/harbour-loop").json()
    assert card in cards
    assert card["length_m"] > 10
    assert {"difficulty", "description", "directions", "width_m"} <= set(card)
    pictures = [
        ann.get(f"/tracks/harbour-loop/picture?reversed={word}") for word in ("false", "true")
    ]
    assert all(each.headers["content-type"].startswith("image/svg+xml") for each in pictures)
    assert pictures[0].text.startswith("<svg")
    assert pictures[0].text != pictures[1].text
    data = ann.get("/tracks/harbour-loop/file").content
    assert np.array_equal(parse_npy(data, "x").centre, load_track("harbour-loop").centre)


def test_everybody_sees_how_fast_a_track_can_be_driven_and_the_lap_itself(
    browser: Browser,
) -> None:
    ann = browser("Ann")
    limit = ann.get("/tracks/harbour-loop/limit").json()
    card = ann.get("/tracks/harbour-loop").json()
    assert card["limit_s"] == round(limit["limit_s"], 2)
    lengths = {len(limit[name]) for name in ("x_m", "y_m", "speed_mps", "time_s")}
    assert len(lengths) == 1
    assert limit["time_s"][-1] == pytest.approx(limit["limit_s"], abs=0.001)
    assert limit["league"][0] == {"who": "the winner", "times_limit": 1.08}
    back = ann.get("/tracks/harbour-loop/limit?reversed=true").json()
    assert back["is_reversed"] is True
    assert back["limit_s"] == pytest.approx(limit["limit_s"], rel=0.03)

    (drive,) = ann.get("/tracks/harbour-loop/limit/drives").json()["items"]
    assert drive["time_s"][-1] == pytest.approx(limit["limit_s"], abs=0.001)
    with_line = ann.get("/tracks/harbour-loop/picture?line=true").text
    assert with_line.count("<path") > ann.get("/tracks/harbour-loop/picture").text.count("<path")


def test_the_limit_at_other_speeds_is_worked_out_when_it_is_asked_for(browser: Browser) -> None:
    ann = browser("Ann")
    slow = ann.get("/tracks/thimble/limit?top_speed=0.97").json()
    assert slow["top_speed_mps"] == 1.0  # so many are kept and no more
    assert slow["limit_s"] == pytest.approx(slow["line_m"] / 1.03, rel=0.01)
    for odd in ("0.1", "9", "nan"):
        assert ann.get(f"/tracks/thimble/limit?top_speed={odd}").status_code == 422
    assert ann.get("/tracks/no-such-track/limit").status_code == 404


@pytest.mark.parametrize("name", ["no-such-track", "..", "%2e%2e%2fracecraft", "a%00b"])
def test_what_is_no_track_is_refused(browser: Browser, name: str) -> None:
    ann = browser("Ann")
    for path in (f"/tracks/{name}", f"/tracks/{name}/picture", f"/tracks/{name}/file"):
        assert ann.get(path).status_code in (404, 422), path


def test_an_organiser_imports_and_removes_a_track_for_all(
    olga: TestClient, browser: Browser
) -> None:
    ann = browser("Ann")
    assert send(ann, "mine", npy()).status_code == 403
    made = send(olga, "mine", npy())
    assert made.status_code == 201, made.text
    assert made.json()["source"] == "imported"
    assert ann.get("/tracks/mine").json() == made.json()
    assert ann.get("/tracks/mine/picture").text.startswith("<svg")
    assert send(olga, "mine", npy()).status_code == 409
    longer = send(olga, "mine", npy("harbour-loop"), "?replace=true").json()
    assert longer["length_m"] != made.json()["length_m"]
    assert ann.delete("/tracks/mine").status_code == 403
    assert olga.delete("/tracks/mine").status_code == 200
    assert ann.get("/tracks/mine").status_code == 404
    assert olga.delete("/tracks/harbour-loop").status_code == 409


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("harbour-loop", npy(), 409),
        ("all", npy(), 422),
        (".hidden", npy(), 422),
        ("text", b"hello", 422),
        ("empty", b"", 422),
        ("cut", npy()[:-100], 422),
        ("pickle", b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'shape': (1,)}", 422),
        ("large", b"\x00" * (MAX_FILE_BYTES + 1), 413),
        ("flat", io.BytesIO().getvalue() + npy()[:128] + b"\x00" * (len(npy()) - 128), 422),
    ],
)
def test_a_hostile_or_broken_file_is_refused_and_leaves_nothing(
    olga: TestClient, together: Installation, name: str, data: bytes, status: int
) -> None:
    answer = send(olga, name, data)
    assert answer.status_code == status, answer.text
    assert not list(together.settings.home.glob("tracks/*"))


def test_a_track_stays_while_a_job_needs_it(olga: TestClient) -> None:
    send(olga, "mine", npy())
    wish = {"training": {"tracks": [{"name": "mine", "is_reversed": True}]}}
    made = olga.post("/models", json=wish).json()
    assert "under way needs" in olga.delete("/tracks/mine").text
    assert send(olga, "mine", npy(), "?replace=true").status_code == 409
    olga.post(f"/jobs/{made['job']['id']}/stop")
    assert olga.delete("/tracks/mine").status_code == 200


def test_the_one_person_of_a_machine_may_import(alone: Installation) -> None:
    assert send(TestClient(create_api(alone)), "mine", npy()).status_code == 201
