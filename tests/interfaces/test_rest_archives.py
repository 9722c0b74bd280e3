"""Models as files over REST and on the command line; a model that went out drives as before."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.interfaces.cli.app import run
from racecraft.interfaces.rest.who import Installation
from racecraft.service import models
from racecraft.service.access import Role
from racecraft.service.archives.layout import files_of
from racecraft.service.people.administration import set_limits
from racecraft.service.people.person import local_actor
from racecraft.service.pictures import Pictures
from racecraft.service.settings import Settings
from racecraft.service.worker import evaluate_model, train_model
from tests.interfaces.conftest import Browser, own_models

FILE = {"Content-Type": "application/octet-stream"}
TRACK = TrackChoice(name="pebble-oval")
LAPS = EvaluationSpec(track=TRACK, trials=2, seed=5)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a model that learnt a little."""
    settings = Settings(home=tmp_path_factory.mktemp("trained"))
    training = TrainingSpec(
        tracks=(TRACK,),
        hyperparameters=PPOHyperparameters(num_epochs=3, max_steps_per_iteration=128, num_cars=8),
        stop=StopCondition(env_steps=256),
        evaluation_trials=1,
        threads=1,
    )
    reward = "def reward_function(params):\n    return 1.0\n"
    model = ModelSpec(name="car", network=Network.LIGHT)
    models.create_model(settings, model, training, reward_source=reward)
    train_model(settings, "car", on_report=lambda report: None)
    return settings


@pytest.fixture(scope="module")
def archive(trained: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its archive, as the command line writes it."""
    path = tmp_path_factory.mktemp("archive") / "car.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RACECRAFT_HOME", str(trained.home))
        assert run(["models", "export", "car", str(path)]) == 0
        assert run(["models", "export", "car", str(path)]) == 4
    return path


def send(client: TestClient, data: bytes, query: str = "") -> tuple[int, dict[str, object]]:
    answer = client.post(f"/models/import{query}", content=data, headers=FILE)
    return answer.status_code, answer.json()


def test_a_model_that_went_out_and_in_again_drives_as_before(
    trained: Settings,
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path))
    assert run(["models", "import", str(archive), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["can_go_on"]
    here = Settings(home=tmp_path)
    for name in files_of(trained.models / "car"):
        data = (trained.models / "car" / name).read_bytes()
        assert (here.models / "car" / name).read_bytes() == data, name
    before = evaluate_model(trained, "car", LAPS, pictures=Pictures.NONE)
    after = evaluate_model(here, "car", LAPS, pictures=Pictures.NONE)
    assert after.trials == before.trials
    reports: list[object] = []
    training = models.load_training(here.models / "car")
    longer = training.model_copy(update={"stop": StopCondition(env_steps=384)})
    models.save_training(here.models / "car", longer)
    train_model(here, "car", on_report=reports.append, resume=True)
    assert len(reports) == 1


def test_a_model_goes_from_one_person_to_another(browser: Browser, archive: Path) -> None:
    ann, bob, olga = browser("Ann"), browser("Bob"), browser("Olga", Role.ORGANISER)
    status, made = send(ann, archive.read_bytes())
    assert status == 201, made
    assert made["status"] == "READY"
    assert made["model"]["was_imported"]  # type: ignore[index]
    path = f"/models/{made['model']['id']}"  # type: ignore[index]
    answer = ann.get(f"{path}/archive")
    assert answer.headers["content-disposition"] == 'attachment; filename="car.zip"'
    assert answer.content == archive.read_bytes()
    small = ann.get(f"{path}/archive?checkpoints=best&state=false").content
    assert len(small) < len(answer.content)
    assert bob.get(f"{path}/archive").status_code == 404
    assert olga.get(f"{path}/archive").status_code == 403
    status, other = send(bob, small, "?name=mine")
    assert (status, other["model"]["name"]) == (201, "mine")  # type: ignore[index]
    assert not other["report"]["can_go_on"]  # type: ignore[index]
    assert send(bob, small, "?name=mine")[0] == 409
    assert send(bob, small, "?name=../up")[0] == 422
    assert len(own_models(ann)) == len(own_models(bob)) == 1


def test_a_model_with_a_job_is_not_exported(browser: Browser, archive: Path) -> None:
    ann = browser("Ann")
    path = f"/models/{send(ann, archive.read_bytes())[1]['model']['id']}"  # type: ignore[index]
    job = ann.post(f"{path}/evaluate", json={}).json()
    assert ann.get(f"{path}/archive").status_code == 409
    ann.post(f"/jobs/{job['id']}/stop")
    assert ann.get(f"{path}/archive?checkpoints=99").status_code == 404
    assert ann.get(f"{path}/archive?checkpoints=x").status_code == 422
    assert ann.get(f"{path}/archive").status_code == 200


def test_an_import_keeps_within_the_quota(
    browser: Browser, together: Installation, archive: Path
) -> None:
    ann = browser("Ann")
    root, person = local_actor(together.store), ann.get("/me").json()["id"]
    for limits, words in (({"disk_mb": 0.1}, "0.1 MB are allowed"), ({"models": 0}, "0 models")):
        set_limits(together.store, root, person, limits)
        status, answer = send(ann, archive.read_bytes())
        assert status == 403
        assert words in answer["error"]["message"]  # type: ignore[index]
    left = list(together.settings.home.glob("**/.incoming-*"))
    assert left == []
    assert own_models(ann) == []


def test_a_hostile_archive_leaves_nothing(together: Installation, browser: Browser) -> None:
    ann, file = browser("Ann"), io.BytesIO()
    with zipfile.ZipFile(file, "w") as hostile:
        hostile.writestr("../../../evil", b"x")
    for data in (file.getvalue(), b"", b"PK", b"\0" * 3_000_000):
        status, answer = send(ann, data)
        assert status == 422, answer
        assert "cannot be taken over" in answer["error"]["message"]  # type: ignore[index]
    assert list(together.settings.home.glob("**/.incoming-*")) == []
    assert list(together.settings.home.glob("people/*/models/*")) == []


def test_a_command_that_cannot_be_done_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path))
    (tmp_path / "x.zip").write_bytes(b"nonsense")
    assert run(["models", "import", str(tmp_path / "x.zip")]) == 2
    assert "cannot be taken over" in capsys.readouterr().err
    assert run(["models", "import", str(tmp_path / "nothing.zip")]) == 2
    assert run(["models", "export", "nothing"]) == 3
