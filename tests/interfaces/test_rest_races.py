"""A community race over the API, with a real service, real workers and real laps."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.server import Server

TRAINING = {
    "model": {"network": "LIGHT", "name": "mine"},
    "training": {
        "tracks": [{"name": "thimble"}],
        "threads": 1,
        "hyperparameters": {"num_cars": 8, "max_steps_per_iteration": 64, "num_epochs": 3},
        "stop": {"env_steps": 128},
        "evaluation_trials": 1,
    },
}
RULES = {
    "track": {"name": "thimble"},
    "laps": 2,
    "max_resets": 3,
    "off_track_penalty_s": 1.0,
    "min_laps": 1,
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "home")
    made.start()
    yield made
    made.end()


def submit(server: Server, race_id: str, model_id: str) -> dict[str, Any]:
    """Enter the model and wait until it was driven."""
    made = server.ask("POST", f"races/{race_id}/submissions", model_id=model_id)
    server.wait(made["job_id"], "COMPLETED", "FAILED")
    answer: dict[str, Any] = server.ask("GET", f"races/{race_id}/submissions/{made['id']}")
    return answer


def test_a_race_from_its_arrangement_to_its_end(server: Server) -> None:
    asked = server.ask("POST", "models", **TRAINING)
    now_s = time.time()
    race = server.ask(
        "POST",
        "races",
        name="Lunch break",
        starts_at_s=now_s - 1.0,
        ends_at_s=now_s + 3600.0,
        rules=RULES,
    )
    model_id = asked["model"]["id"]
    assert server.ask("GET", f"races/{race['id']}")["state"] == "OPEN"
    with pytest.raises(urllib.error.HTTPError, match="409"):  # it is still being trained
        server.ask("POST", f"races/{race['id']}/submissions", model_id=model_id)
    server.wait(asked["job"]["id"], "COMPLETED")

    first = submit(server, race["id"], model_id)
    again = submit(server, race["id"], model_id)

    # The same weights drive the same laps, to the millisecond.
    assert first["laps"] == again["laps"]
    assert first["weights_sha256"] == again["weights_sha256"]
    assert len(first["laps"]) == 2
    assert first["status"] in ("RANKED", "UNRANKED")
    board = server.ask("GET", f"races/{race['id']}/board")["items"]
    ranked = [row["submission_id"] for row in board]
    assert ranked == ([first["id"]] if first["status"] == "RANKED" else [])

    # Every lap can be watched, and driven again to the millisecond by whoever doubts it.
    place = f"races/{race['id']}/submissions/{first['id']}"
    drives = server.ask("GET", f"{place}/drives")["items"]
    assert [len(each["time_s"]) > 10 for each in drives] == [True, True]
    asked = server.ask("POST", f"{place}/reruns")["reruns"][0]
    server.wait(asked["job_id"], "COMPLETED", "FAILED")
    rerun = server.ask("GET", f"{place}/reruns")["items"][0]
    assert rerun["is_same"] is True
    assert rerun["times_ms"] == [lap["time_ms"] for lap in first["laps"]]
    assert len(list((server.home / "submissions").rglob("0-iteration.csv"))) == 2

    # Weights that are not what was entered are not driven.
    policy = next((server.home / "submissions").glob(f"*/{first['id']}/**/policy.safetensors"))
    policy.write_bytes(policy.read_bytes()[:-1] + b"?")
    asked = server.ask("POST", f"{place}/reruns")["reruns"][-1]
    assert "not those that were entered" in server.wait(asked["job_id"], "FAILED")["message"]
    rerun = server.ask("GET", f"{place}/reruns")["items"][0]
    assert rerun["is_same"] is None
    assert "not those that were entered" in rerun["message"]

    # Nobody who races runs anybody's reward function: there is none beside the frozen weights.
    place = server.home / "submissions" / race["id"] / first["id"]
    assert not list(place.rglob("*.py"))
    assert list(place.rglob("0-iteration.csv"))

    server.kill()
    server.start()
    assert server.ask("GET", f"races/{race['id']}/own")["latest"]["id"] == again["id"]
    assert server.ask("POST", f"races/{race['id']}/close")["ends_at_s"] < now_s + 3600.0
    server.ask("DELETE", f"races/{race['id']}")
    assert not place.exists()
    assert server.ask("GET", "races")["total"] == 0
