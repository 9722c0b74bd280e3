"""What a model has done, over REST: a real training and real evaluations."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from racecraft.domain.errors import NotFound
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service import models
from racecraft.service.evaluations import recording
from racecraft.service.pictures import Pictures
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from racecraft.service.worker import evaluate_model, train_model

TRAINING = TrainingSpec(
    tracks=(TrackChoice(name="fox-hollow"),),
    hyperparameters=PPOHyperparameters(num_epochs=3, max_steps_per_iteration=256, num_cars=8),
    stop=StopCondition(env_steps=768),
    evaluation_trials=1,
    threads=1,
)
PLAIN = EvaluationSpec(track=TRAINING.tracks[0], trials=2, checkpoint="0", seed=3)
BOXES = EvaluationSpec(
    track=TRAINING.tracks[0],
    trials=1,
    race=RaceSpec(type=RaceType.OBJECT_AVOIDANCE, obstacles=ObstacleSpec(count=3)),
)


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a model that was trained for three iterations and evaluated twice."""
    settings = Settings(home=tmp_path_factory.mktemp("driven"))
    model = ModelSpec(name="car", network=Network.LIGHT)
    reward = "def reward_function(params):\n    return 1.0\n"
    models.create_model(settings, model, TRAINING, reward_source=reward)
    train_model(settings, "car", on_report=lambda report: None)
    for evaluation in (PLAIN, BOXES):
        evaluate_model(settings, "car", evaluation, pictures=Pictures.LINES)
    old_s = time.time() - 60  # a folder that is just being made is not looked at
    os.utime(settings.models / "car", (old_s, old_s))
    return settings.home


@pytest.fixture
def solo(driven: Path) -> Any:
    settings = Settings(home=driven)
    here = Installation(open_store(settings), settings, is_hosted=False, slots=1)
    with TestClient(create_api(here)) as client:
        yield client
    here.store.close()


@pytest.fixture
def path(solo: TestClient) -> str:
    return f"/models/{solo.get('/models').json()['items'][0]['model']['id']}"


def test_checkpoints_come_with_the_figures_of_their_iterations(solo: TestClient, path: str) -> None:
    found = solo.get(f"{path}/checkpoints").json()["items"]
    assert sum(row["is_best"] for row in found) == 1
    assert [row["is_last"] for row in found] == [False] * (len(found) - 1) + [True]
    assert [row["iteration"] for row in found] == sorted(row["iteration"] for row in found)
    assert all(row["size_bytes"] > 1000 and row["env_steps"] > 0 for row in found)


def test_an_evaluation_tells_what_was_asked_and_what_came_of_it(
    solo: TestClient, path: str
) -> None:
    page = solo.get(f"{path}/evaluations").json()
    assert page["total"] == 2
    newest, oldest = page["items"]
    assert newest["stamp"] > oldest["stamp"]
    assert oldest["evaluation"] == PLAIN.model_dump(mode="json")
    assert oldest["iteration"] == 0
    assert newest["evaluation"]["race"]["type"] == "OBJECT_AVOIDANCE"
    assert [trial["trial"] for trial in oldest["trials"]] == [1, 2]
    assert solo.get(f"{path}/evaluations/{oldest['stamp']}").json() == oldest
    assert solo.get(f"{path}/evaluations?limit=1&offset=1").json()["items"] == [oldest]


def test_every_lap_can_be_drawn_with_what_stood_on_the_road(solo: TestClient, path: str) -> None:
    newest, oldest = solo.get(f"{path}/evaluations").json()["items"]
    plain = solo.get(f"{path}/evaluations/{oldest['stamp']}/drives").json()["items"]
    assert len(plain) == 2
    for lap, trial in zip(plain, oldest["trials"], strict=True):
        columns = [value for value in lap.values() if isinstance(value, list)]
        assert len({len(column) for column in columns}) == 1
        assert lap["time_s"][0] == 0.0
        assert lap["status"] == trial["status"]
        assert lap["objects"] is None
    boxes = solo.get(f"{path}/evaluations/{newest['stamp']}/drives").json()["items"][0]["objects"]
    assert boxes["kind"] == [0, 0, 0]
    assert [len(row) for row in boxes["x_m"]] == [3]


def test_traces_are_downloaded_as_they_are_on_the_disk(
    solo: TestClient, path: str, driven: Path
) -> None:
    stamp = solo.get(f"{path}/evaluations").json()["items"][0]["stamp"]
    answer = solo.get(f"{path}/evaluations/{stamp}/trace")
    assert answer.headers["content-type"].startswith("text/csv")
    assert f'filename="car-evaluation-{stamp}.csv"' in answer.headers["content-disposition"]
    assert answer.content == recording(driven / "models" / "car", stamp).trace.read_bytes()
    traced = solo.get(f"{path}/traces").json()["items"]
    assert traced
    text = solo.get(f"{path}/traces/{traced[0]}").text
    assert text.startswith("episode,steps,X,Y")
    episodes = solo.get(f"{path}/traces/{traced[0]}/drives").json()["items"]
    assert sum(len(each["x_m"]) for each in episodes) == len(text.splitlines()) - 1
    one = solo.get(f"{path}/traces/{traced[0]}/drives?episode={episodes[0]['episode']}").json()
    assert one["items"] == episodes[:1]


def test_pictures_and_the_log_are_there_by_their_names(solo: TestClient, path: str) -> None:
    assert solo.get(f"{path}/files/reward-graph.png").content.startswith(b"\x89PNG")
    assert solo.get(f"{path}/files/driven-lines.png").headers["content-type"] == "image/png"
    assert "training of car starts" in solo.get(f"{path}/files/training.log").text
    for name in ("model.json", "..%2fmodel.json", "record-id", "replay.mp4"):
        assert solo.get(f"{path}/files/{name}").status_code == 404, name


@pytest.mark.parametrize(
    "rest",
    [
        "evaluations/20260101000000",
        "evaluations/x",
        "evaluations/../../x",
        "traces/99",
        "traces/-1",
    ],
)
def test_what_is_not_there_is_not_found(solo: TestClient, path: str, rest: str) -> None:
    for ending in ("", "/drives", "/trace"):
        assert solo.get(f"{path}/{rest}{ending}").status_code in (404, 422), ending


def test_a_damaged_file_is_a_sentence(driven: Path, tmp_path: Path) -> None:
    from shutil import copytree

    from racecraft.domain.errors import StorageFailed
    from racecraft.service.drives import evaluation_drives
    from racecraft.service.evaluations import list_evaluations

    folder = copytree(driven / "models" / "car", tmp_path / "car")
    stamp = list_evaluations(folder)[0].stamp
    kept = recording(folder, stamp)
    (kept.place / "objects.safetensors").write_bytes(b"nonsense")
    with pytest.raises(StorageFailed, match="is damaged"):
        evaluation_drives(kept)
    (kept.place / "evaluation.json").write_text("{}")
    assert list_evaluations(folder)[0].evaluation is None
    kept.trace.write_text("episode,steps\n1,2\n")
    with pytest.raises(StorageFailed, match="is damaged"):
        evaluation_drives(kept)
    kept.metrics.write_text("[]")
    with pytest.raises(StorageFailed, match="is damaged"):
        list_evaluations(folder)
    with pytest.raises(NotFound):
        recording(folder, "../../../etc")


def test_a_checkpoint_that_is_not_there_is_refused_before_the_queue(
    solo: TestClient, path: str
) -> None:
    answer = solo.post(f"{path}/evaluate", json={"checkpoint": "77"})
    assert answer.status_code == 404
    assert "has no checkpoint 77" in answer.json()["error"]["message"]
    made = solo.post(f"{path}/evaluate", json={"checkpoint": "last"})
    assert made.status_code == 201
    solo.post(f"/jobs/{made.json()['id']}/stop")


def test_a_model_is_tried_with_another_reward_on_its_own_laps(solo: TestClient, path: str) -> None:
    source = "def reward_function(params):\n    return params['progress']\n"
    wish = {"source": source, "model_id": path.rpartition("/")[2]}
    tried = solo.post("/rewards/try", json=wish).json()
    assert tried["track"] == "fox-hollow"
    assert any(lap["is_recorded"] for lap in tried["laps"])
