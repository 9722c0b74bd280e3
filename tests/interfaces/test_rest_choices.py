"""Presets, action spaces and rewards over REST, before anything is trained."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from racecraft.domain.errors import TooManyRequests
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service.turns import Turns

REWARD = "def reward_function(params):\n    print('seen')\n    return params['speed']\n"


@pytest.fixture
def solo(alone: Installation) -> TestClient:
    return TestClient(create_api(alone))


def test_a_preset_is_a_wish_that_can_be_sent_as_it_is(solo: TestClient) -> None:
    presets = solo.get("/presets").json()["items"]
    assert {"default", "first-laps"} <= {preset["name"] for preset in presets}
    first = presets[0]
    wish = {name: first[name] for name in ("model", "training", "reward")}
    made = solo.post("/models", json={**wish, "starts": False})
    assert made.status_code == 201, made.text


@pytest.mark.parametrize(
    ("wish", "kind", "count"),
    [
        ({}, "discrete", 21),
        ({"choice": {"steering_granularity": 3, "speed_granularity": 1}}, "discrete", 3),
        ({"choice": {"continuous": True}}, "continuous", 0),
        (
            {"action_space": {"actions": [{"steering_angle": a, "speed": 1} for a in (-5, 5)]}},
            "discrete",
            2,
        ),
    ],
)
def test_an_action_space_is_shown_before_it_is_used(
    solo: TestClient, wish: dict[str, Any], kind: str, count: int
) -> None:
    found = solo.post("/action-spaces", json=wish).json()
    assert (found["kind"], len(found["actions"])) == (kind, count)
    again = solo.post("/action-spaces", json={"action_space": found["action_space"]}).json()
    assert again == found


def test_actions_go_from_right_to_left_and_from_slow_to_fast(solo: TestClient) -> None:
    wish = {"choice": {"max_steering_deg": 30, "max_speed_mps": 4}}
    actions = solo.post("/action-spaces", json=wish).json()["actions"]
    pairs = [(each["steering_angle_deg"], each["speed_mps"]) for each in actions]
    assert pairs == sorted(pairs)
    assert pairs[0] == (-30.0, pytest.approx(4 / 3, abs=1e-3))
    assert [each["number"] for each in actions] == list(range(21))


@pytest.mark.parametrize(
    "wish",
    [
        {"choice": {"max_steering_deg": 31}},
        {"choice": {}, "action_space": {}},
        {"action_space": {"actions": [{"steering_angle": 1, "speed": 1}] * 2}},
        {"action_space": {"actions": []}},
    ],
)
def test_an_action_space_that_does_not_fit_is_refused(
    solo: TestClient, wish: dict[str, Any]
) -> None:
    assert solo.post("/action-spaces", json=wish).status_code == 422


def test_a_reward_is_checked_and_tried_before_a_training(solo: TestClient) -> None:
    found = solo.post("/rewards/check", json={"source": REWARD}).json()
    assert found["is_usable"]
    assert found["lowest"] < found["highest"]
    assert found["calls"] > 100
    tried = solo.post("/rewards/try", json={"source": REWARD}).json()
    assert [lap["name"] for lap in tried["laps"]][:2] == ["slow", "fast"]
    assert all(len(lap["points"]) == len(lap["rewards"]) == lap["steps"] for lap in tried["laps"])
    assert tried["headline"]
    assert "seen" in tried["printed"]
    assert tried["boxes"] == []
    wish = {"source": REWARD, "race": {"obstacles": {"count": 3}}}
    among = solo.post("/rewards/try", json=wish).json()
    assert len(among["boxes"]) == 3
    assert among["laps"][-1]["name"] == "hit"


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"source": "def reward_function(params):\n    return 1 / 0"}, 422),
        ({"source": "hello"}, 422),
        ({"source": REWARD, "track": {"name": "/etc/passwd"}}, 422),
        ({"source": REWARD, "track": {"name": "nowhere"}}, 404),
        ({"source": REWARD, "model_id": "nobody"}, 404),
        ({"source": REWARD, "slow_mps": 3, "fast_mps": 1}, 422),
        ({"source": REWARD, "race": {"obstacles": {"count": 10, "min_distance_m": 9}}}, 422),
    ],
)
def test_a_try_that_cannot_be_made_is_a_sentence(
    solo: TestClient, wish: dict[str, Any], status: int
) -> None:
    answer = solo.post("/rewards/try", json=wish)
    assert answer.status_code == status, answer.text
    assert len(answer.json()["error"]["message"]) > 20


def test_a_few_are_served_at_once_and_a_crowd_is_told_to_come_back() -> None:
    turns, inside, most = Turns(at_once=2, most_waiting=3, most_each=2), [], []
    goes_on = threading.Event()
    refused: list[float] = []

    def ask(person: str) -> None:
        try:
            with turns.turn(person):
                inside.append(person)
                most.append(len(inside))
                goes_on.wait(10)
                inside.pop()
        except TooManyRequests as error:
            refused.append(error.wait_s)

    people = [f"p{number}" for number in range(9)]
    threads = [threading.Thread(target=ask, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    while len(refused) < 4 or len(inside) < 2:
        pass
    goes_on.set()
    for thread in threads:
        thread.join()
    assert (max(most), len(most), len(refused)) == (2, 5, 4)
    assert all(wait_s >= 1 for wait_s in refused)
    with turns.turn("p0"), pytest.raises(TooManyRequests), turns.turn("p0"), turns.turn("p0"):
        pass


def test_who_waits_too_long_is_told_so() -> None:
    turns = Turns(at_once=1, most_waiting=1, most_each=1, patience_s=0.05)
    with (
        turns.turn("a"),
        pytest.raises(TooManyRequests, match="served first"),
        turns.turn("b"),
    ):
        pass
    with turns.turn("b"):
        pass


def test_the_process_of_the_server_never_loads_what_learns(tmp_path: Path) -> None:
    source = f"""
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
settings = Settings(home=Path({str(tmp_path)!r}))
client = TestClient(create_api(Installation(open_store(settings), settings, False, slots=1)))
reward = {REWARD!r}
made = client.post("/models", json={{"starts": False, "reward_source": reward}})
assert made.status_code == 201, made.text
model = "/models/" + made.json()["model"]["id"]
for path in ("/checkpoints", "/evaluations", "/traces", "/documents", "/progress"):
    assert client.get(model + path).status_code == 200, path
for path in ("/tracks", "/tracks/harbour-loop/picture", "/presets", "/rewards", "/usage"):
    assert client.get(path).status_code == 200, path
assert client.post("/rewards/try", json={{"source": reward}}).status_code == 200
assert client.post("/action-spaces", json={{}}).status_code == 200
print("loaded:", *({{"torch", "numba", "pandas", "matplotlib"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # What comes before is the log of the requests.
    assert done.stdout.splitlines()[-1] == "loaded:"
