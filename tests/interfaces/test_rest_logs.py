"""Logs over REST and on the command line."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

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
from racecraft.service import models
from racecraft.service.access import Role
from racecraft.service.archives.export import export_model
from racecraft.service.pictures import Pictures
from racecraft.service.settings import Settings
from racecraft.service.worker import evaluate_model, train_model
from tests.interfaces.conftest import Browser

FILE = {"Content-Type": "application/octet-stream"}
TRACK = TrackChoice(name="pebble-oval")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a model that learnt a little and was evaluated once."""
    settings = Settings(home=tmp_path_factory.mktemp("trained"))
    training = TrainingSpec(
        tracks=(TRACK,),
        hyperparameters=PPOHyperparameters(num_epochs=3, max_steps_per_iteration=400, num_cars=8),
        stop=StopCondition(env_steps=800),
        evaluation_trials=1,
        threads=1,
    )
    reward = "def reward_function(params):\n    return 1.0\n"
    model = ModelSpec(name="car", network=Network.LIGHT)
    models.create_model(settings, model, training, reward_source=reward)
    train_model(settings, "car", on_report=lambda report: None)
    evaluate_model(settings, "car", EvaluationSpec(track=TRACK, trials=1), pictures=Pictures.NONE)
    return settings


def test_a_person_downloads_the_logs_of_their_own_models_only(
    browser: Browser, trained: Settings
) -> None:
    ann, bob, olga = browser("Ann"), browser("Bob"), browser("Olga", Role.ORGANISER)
    archive = b"".join(export_model(trained.models / "car"))
    made = ann.post("/models/import", content=archive, headers=FILE).json()
    path = f"/models/{made['model']['id']}/logs"

    folder, packed = ann.get(path), ann.get(f"{path}?shape=droa")

    assert folder.headers["content-disposition"] == 'attachment; filename="car-logs.zip"'
    assert packed.headers["content-disposition"] == 'attachment; filename="car-logs.tar.gz"'
    with zipfile.ZipFile(io.BytesIO(folder.content)) as found:
        names = found.namelist()
        assert found.testzip() is None
    assert "car/training-simtrace/0-iteration.csv" in names
    assert "car/reward_function.py" in names
    with tarfile.open(fileobj=io.BytesIO(packed.content)) as other:
        assert "car/sim-trace/training/car/training-simtrace/0-iteration.csv" in other.getnames()
    text = ann.get(f"{path}/training")
    assert text.headers["content-type"].startswith("text/plain")
    assert text.text.startswith(" * /WORLD_NAME: pebble-oval\n")
    rest = ann.get(f"{path}/training?first_iteration=1").text
    assert rest
    assert text.text.endswith(rest)
    stamp = ann.get(f"/models/{made['model']['id']}/evaluations").json()["items"][0]["stamp"]
    assert "SIM_TRACE_LOG:0,1," in ann.get(f"{path}/evaluations/{stamp}").text
    assert ann.get(f"{path}/evaluations/20000101000000").status_code == 404
    assert ann.get(f"{path}?shape=s3").status_code == 422
    for place in (path, f"{path}/training", f"{path}/evaluations/{stamp}"):
        assert bob.get(place).status_code == 404
        assert olga.get(place).status_code == 403


def test_a_model_without_logs_says_so(browser: Browser) -> None:
    ann = browser("Ann")
    made = ann.post("/models", json={"model": {"name": "new"}, "starts": False}).json()
    answer = ann.get(f"/models/{made['model']['id']}/logs")
    assert answer.status_code == 404
    assert "driven nothing yet" in answer.json()["error"]["message"]


def test_the_command_line_writes_and_prints_logs(
    trained: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(trained.home))
    assert run(["logs", "car", str(tmp_path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert Path(facts["file"]) == tmp_path / "car-logs.zip"
    assert zipfile.is_zipfile(facts["file"])
    assert run(["logs", "car", str(tmp_path)]) == 4
    assert run(["logs", "car", str(tmp_path), "--replace"]) == 0
    assert run(["logs", "car", str(tmp_path / "a.tar.gz"), "--shape", "droa"]) == 0
    assert tarfile.is_tarfile(tmp_path / "a.tar.gz")
    assert run(["logs", "car", "--follow"]) == 2
    assert run(["logs", "nobody"]) == 3
    capsys.readouterr()

    assert run(["logs", "car", "--text", "--follow"]) == 0
    text = capsys.readouterr().out
    assert run(["logs", "car", "--text"]) == 0
    assert capsys.readouterr().out == text
    assert text.count("SIM_TRACE_LOG") == sum(
        path.read_text().count("\n") - 1
        for path in (trained.models / "car" / "training-simtrace").glob("*.csv")
    )
    stamp = next((trained.models / "car").glob("evaluation-*")).name.removeprefix("evaluation-")
    assert run(["logs", "car", "--text", "--evaluation", stamp]) == 0
    assert "SIM_TRACE_LOG:0,1," in capsys.readouterr().out
    assert run(["logs", "car", "--text", "--evaluation", "nothing"]) == 3


def test_a_policy_for_the_physical_car_is_downloaded_by_its_owner_only(
    browser: Browser, trained: Settings
) -> None:
    ann, bob, olga = browser("Ann"), browser("Bob"), browser("Olga", Role.ORGANISER)
    archive = b"".join(export_model(trained.models / "car"))
    made = ann.post("/models/import", content=archive, headers=FILE).json()
    path = f"/models/{made['model']['id']}/car"

    answer = ann.get(path)

    assert answer.headers["content-disposition"] == 'attachment; filename="car.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as found:
        assert found.getnames() == ["model_metadata.json", "agent/model.pb"]
        metadata = json.load(found.extractfile("model_metadata.json"))  # type: ignore[arg-type]
    assert metadata["sensor"] == ["FRONT_FACING_CAMERA"]
    assert metadata["training_algorithm"] == "clipped_ppo"
    assert ann.get(path).content == answer.content
    assert ann.get(f"{path}?checkpoint=0").content != answer.content
    assert b"ppo_head_0/policy" in ann.get(f"{path}?kind=onnx").content
    assert ann.get(f"{path}?checkpoint=99").status_code == 404
    assert bob.get(path).status_code == 404
    assert olga.get(path).status_code == 403


def test_the_command_line_writes_the_files_for_the_physical_car(
    trained: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(trained.home))
    assert run(["models", "car", "car", str(tmp_path), "--json"]) == 0
    files = [Path(file) for file in json.loads(capsys.readouterr().out)["files"]]
    assert files == [tmp_path / "car.tar.gz", tmp_path / "car.onnx"]
    assert all(file.stat().st_size > 50_000 for file in files)
    assert run(["models", "car", "car", str(tmp_path)]) == 4
    assert run(["models", "car", "car", str(tmp_path), "--replace", "--no-onnx"]) == 0
    assert run(["models", "car", "nobody", str(tmp_path)]) == 3


def test_every_checkpoint_drives_and_is_ranked(
    trained: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path))
    shutil.copytree(trained.models / "car", tmp_path / "models" / "car")
    assert run(["models", "rank", "car", "--trials", "2", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["ranking"]
    assert sorted(row["iteration"] for row in rows) == [0, 1]
    assert [row["rank"] for row in rows] == [1, 2]
    order = [(-row["clean_laps"], -row["completion_percent"]) for row in rows]
    assert order == sorted(order)
    assert run(["models", "rank", "car", "--trials", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ranking"] == rows
    assert run(["models", "rank", "car", "--trials", "1", "--last", "1"]) == 0
    assert "Median lap" in capsys.readouterr().out
