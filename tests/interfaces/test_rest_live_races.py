"""A live race over the API, with a real service, real workers, and kills in the middle."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from racecraft.domain.live.segments import SegmentKind, split_segments
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service.access import Role
from tests.interfaces.conftest import Browser
from tests.interfaces.test_rest_races import RULES, TRAINING
from tests.interfaces.test_rest_screens import race_of, result
from tests.service.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "home")
    made.start()
    yield made
    made.end()


def until(look: Callable[[], Any], patience_s: float = 120.0) -> Any:
    """The first answer that is something."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def fetched(server: Server, path: str) -> bytes:
    with urllib.request.urlopen(f"{server.url}/api/{path}", timeout=20) as answer:
        return bytes(answer.read())


def test_a_live_race_goes_on_where_it_was_when_the_server_is_killed(server: Server) -> None:
    asked = server.ask("POST", "models", **TRAINING)
    now_s = time.time()
    wish = {"name": "Show", "starts_at_s": now_s - 1.0, "ends_at_s": now_s + 3600.0}
    # Untrained cars with many resets are shown for minutes, so that nothing ends by itself.
    rules = {**RULES, "max_resets": 20, "off_track_penalty_s": 5.0}
    race = server.ask("POST", "races", **wish, rules=rules, hosting="LIVE")["id"]
    server.wait(asked["job"]["id"], "COMPLETED")
    for _ in range(3):
        server.ask("POST", f"races/{race}/submissions", model_id=asked["model"]["id"])
    code = server.ask("POST", f"races/{race}/screen")["code"]

    def show() -> dict[str, Any]:
        found: dict[str, Any] = server.ask("GET", f"races/{race}/show")
        return found

    def shown() -> Any:
        now = show()["now"]
        return now if now and now["status"] == "SHOWN" else None

    queue = [heat["id"] for heat in show()["queue"]]
    server.ask("PUT", f"races/{race}/show/queue", heat_ids=queue[::-1])

    # Killed while a worker drives: it is driven to its end all the same.
    first = server.ask("POST", f"races/{race}/show/launch")
    assert first["id"] == queue[2]
    server.kill()
    server.start()
    heat = until(shown)
    assert heat["id"] == first["id"]
    assert [each["id"] for each in show()["queue"]] == [queue[1], queue[0]]

    # Killed while it is shown: it is shown on at the moment that is due.
    before = show()
    server.kill()
    server.start()
    assert show() == before
    assert server.ask("GET", f"races/{race}/board")["total"] == 0
    recording = fetched(server, f"screens/{code}/heats/{heat['id']}/recording")
    cars = [head for head, _ in split_segments(recording) if head.kind is SegmentKind.CARS]
    assert {head.cars for head in cars} == {1}
    assert cars[-1].start_s <= heat["shown_s"]
    moments = json.loads(fetched(server, f"screens/{code}/heats/{heat['id']}/moments"))
    assert [each["at_s"] for each in moments] == sorted(each["at_s"] for each in moments)
    server.ask("POST", f"races/{race}/show/skip")
    until(lambda: show()["now"] is None)
    done = show()["past"][0]["places"][0]
    assert done["rank"] == 1

    # The rest together: two on one track at once.
    together = server.ask("POST", f"races/{race}/show/launch", together=True)
    assert len(together["contestants"]) == 2
    heat = until(shown)
    recording = fetched(server, f"screens/{code}/heats/{heat['id']}/recording")
    assert {head.cars for head, _ in split_segments(recording)} == {2}
    server.ask("POST", f"races/{race}/show/skip")
    until(lambda: show()["now"] is None)
    assert [place["rank"] for place in show()["past"][0]["places"]] == [1, 2]
    again = server.ask("POST", f"races/{race}/show/heats/{heat['id']}/retry")
    assert again["attempt"] == 1
    with pytest.raises(urllib.error.HTTPError, match="404"):  # what was shown is taken back
        fetched(server, f"screens/{code}/heats/{heat['id']}/recording")


PATHS: list[tuple[str, str, dict[str, Any]]] = [
    ("PATCH", "", {"is_paused": True}),
    ("POST", "/begin", {}),
    ("POST", "/launch", {}),
    ("POST", "/skip", {}),
    ("POST", "/winner", {}),
    ("PUT", "/queue", {"heat_ids": []}),
    ("POST", "/final", {"count": 2}),
    ("POST", "/bracket", {"count": 4}),
    ("DELETE", "/bracket", {}),
    ("DELETE", "/heats/x", {}),
    ("POST", "/heats/x/retry", {}),
    ("POST", "/heats/x/winner", {"submission_id": "s"}),
]


@pytest.mark.parametrize("name", ["Olga", "Rob", "Otto", "Ada", ""])
@pytest.mark.parametrize(("method", "path", "body"), PATHS, ids=lambda each: str(each)[:20])
def test_who_may_do_what_with_a_show(
    together: Installation,
    browser: Browser,
    name: str,
    method: str,
    path: str,
    body: dict[str, Any],
) -> None:
    olga = browser("Olga")
    race_id = race_of(olga, visibility="LISTED")
    roles = {"Rob": Role.RACER, "Otto": Role.ORGANISER, "Ada": Role.ADMIN}
    asker = browser(name, roles[name]) if name in roles else TestClient(create_api(together))
    if name == "Olga":
        asker = olga
    answer = asker.request(method, f"/races/{race_id}/show{path}", json=body)
    if name == "":
        assert answer.status_code == 401
    elif name == "Rob":
        assert answer.status_code == 403
    else:  # nothing waits in this race; whoever may is told so
        assert answer.status_code in (200, 201, 404, 409), answer.text
    seen = asker.get(f"/races/{race_id}/show")
    assert seen.status_code == (401 if name == "" else 200)


def test_a_bracket_is_seen_on_the_screen(together: Installation, browser: Browser) -> None:
    olga, stranger = browser("Olga"), TestClient(create_api(together))
    race_id = race_of(olga)
    code = olga.post(f"/races/{race_id}/screen").json()["code"]
    assert stranger.get(f"/screens/{code}").json()["live"] is None
    for k in range(5):
        result(together.store, race_id, f"Racer{k}", 10_000 + k)
    made = olga.post(f"/races/{race_id}/show/bracket", json={"count": 8})
    assert made.status_code == 201
    live = stranger.get(f"/screens/{code}").json()["live"]
    sides = [
        [side and side["name"] for side in match["sides"]] for match in live["bracket"]["matches"]
    ]
    assert sides[:4] == [
        ["Racer0", None],
        ["Racer3", "Racer4"],
        ["Racer1", None],
        ["Racer2", None],
    ]
    heat = live["queue"][0]
    key = heat["cars"][1]["key"]
    decided = olga.post(
        f"/races/{race_id}/show/heats/{heat['id']}/winner", json={"submission_id": key}
    )
    assert decided.status_code == 200
    live = stranger.get(f"/screens/{code}").json()["live"]
    assert [side["name"] for side in live["bracket"]["matches"][4]["sides"]] == ["Racer0", "Racer4"]
    assert stranger.get(f"/screens/{code}/heats/{heat['id']}/recording").status_code == 404
    assert stranger.get(f"/screens/{code}/heats/nothing/moments").status_code == 404
