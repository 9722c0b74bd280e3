"""Downloads of logs, read back by deepracer-utils, the community's own reader."""

from __future__ import annotations

import io
import logging
import os
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pandas as pd
import pytest

matplotlib.use("Agg")  # deepracer.logs imports pyplot

from deepracer.logs import AnalysisUtils, DeepRacerLog, TarFileHandler
from deepracer.logs import TrainingMetrics as MetricsReader
from deepracer.logs.misc import LogFolderType, LogType

from racecraft.domain.errors import NotFound, StorageFailed
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.simtrace import log_line, step_from_log_line, steps_from_csv
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.service import models
from racecraft.service.action_spaces import read_action_space
from racecraft.service.logs.entries import Shape, entries
from racecraft.service.logs.exchange import training_text
from racecraft.service.logs.packing import packed
from racecraft.service.logs.text import learning_log
from racecraft.service.pictures import Pictures
from racecraft.service.settings import Settings
from racecraft.service.worker import evaluate_model, train_model

TRACK = TrackChoice(name="pebble-oval")
REWARD = "def reward_function(params):\n    return 0.5 + params['progress'] / 100\n"


def a_trained_model(home: Path, **model: object) -> Path:
    settings = Settings(home=home)
    training = TrainingSpec(
        tracks=(TRACK,),
        hyperparameters=PPOHyperparameters(num_epochs=3, max_steps_per_iteration=400, num_cars=8),
        stop=StopCondition(env_steps=1200),
        evaluation_trials=1,
        threads=1,
    )
    spec = ModelSpec.model_validate({"name": "car", "network": Network.LIGHT, **model})
    models.create_model(settings, spec, training, reward_source=REWARD)
    train_model(settings, "car", on_report=lambda report: None)
    for seed in (1, 2):
        evaluate_model(
            settings,
            "car",
            EvaluationSpec(track=TRACK, trials=2, seed=seed, max_resets=3),
            pictures=Pictures.NONE,
        )
    return settings.models / "car"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_trained_model(tmp_path_factory.mktemp("trained"))


@pytest.fixture
def without_warnings(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def written(folder: Path, shape: Shape) -> bytes:
    return b"".join(packed(entries(folder, shape), shape))


def drfc_folder(folder: Path, target: Path) -> str:
    with zipfile.ZipFile(io.BytesIO(written(folder, Shape.DRFC))) as archive:
        archive.extractall(target)
    return str(target / folder.name)


def droa_archive(folder: Path, target: Path) -> str:
    path = target / "logs.tar.gz"
    path.write_bytes(written(folder, Shape.DROA))
    return str(path)


def frames_of(log: DeepRacerLog) -> tuple[pd.DataFrame, pd.DataFrame]:
    log.load_training_trace()
    training = log.dataframe().copy()
    log.load_evaluation_trace(force=True)
    return training, log.dataframe().copy()


@pytest.mark.usefixtures("without_warnings")
def test_deepracer_utils_reads_the_same_from_folder_and_archive(
    trained: Path, tmp_path: Path
) -> None:
    folder = DeepRacerLog(drfc_folder(trained, tmp_path))
    assert folder.fh.type is LogFolderType.DRFC_MODEL_SINGLE_WORKERS
    archive = DeepRacerLog(filehandler=TarFileHandler(droa_archive(trained, tmp_path)))
    assert archive.fh.type is LogFolderType.DROA_SOLUTION_LOGS

    of_folder, of_archive = frames_of(folder), frames_of(archive)

    pd.testing.assert_frame_equal(of_folder[0], of_archive[0])
    pd.testing.assert_frame_equal(of_folder[1], of_archive[1])
    rows = sum(
        len(steps_from_csv(path.read_text()))
        for path in (trained / "training-simtrace").glob("*.csv")
    )
    assert len(of_folder[0]) == rows > 0
    assert of_folder[1].stream.nunique() == 2
    assert folder.hyperparameters()["num_epochs"] == 3
    assert len(folder.action_space()) == len(models.load_model(trained).action_space.actions)
    episodes = AnalysisUtils.simulation_agg(of_folder[0], secondgroup="unique_episode")
    assert not episodes.isna().any(axis=None)


@pytest.mark.usefixtures("without_warnings")
def test_deepracer_utils_finds_the_same_episodes_in_the_text_logs(
    trained: Path, tmp_path: Path
) -> None:
    archive = DeepRacerLog(filehandler=TarFileHandler(droa_archive(trained, tmp_path)))
    traced, evaluated = frames_of(archive)

    archive.load_robomaker_logs(force=True)
    logged = archive.dataframe()

    columns = ["iteration", "episode", "steps", "action", "done", "on_track", "episode_status"]
    pd.testing.assert_frame_equal(
        logged[columns], traced[columns], check_dtype=False, check_like=True
    )
    for column, digits in (("x", 4), ("yaw", 4), ("reward", 4), ("speed", 2), ("progress", 4)):
        assert (logged[column] - traced[column]).abs().max() <= 0.51 * 10.0**-digits
    assert archive.agent_and_network() == {
        "world": "pebble-oval",
        "sensor_list": ["FRONT_FACING_CAMERA"],
        "network": "LIGHT",
        "simapp_version": "6.0",
    }
    archive.load_robomaker_logs(type=LogType.EVALUATION, force=True)
    assert len(archive.dataframe()) == len(evaluated)
    assert set(archive.dataframe().stream) == set(evaluated.stream)


@pytest.mark.usefixtures("without_warnings")
def test_deepracer_utils_unpacks_the_archive_into_a_folder_that_it_reads(
    trained: Path, tmp_path: Path
) -> None:
    with tarfile.open(droa_archive(trained, tmp_path)) as archive:
        archive.extractall(tmp_path, filter="data")
    log = DeepRacerLog(str(tmp_path / "car"))
    assert log.fh.type is LogFolderType.DROA_SOLUTION_LOGS
    training, _ = frames_of(log)
    assert len(log.action_space()) > 0
    log.load_robomaker_logs(force=True)
    assert len(log.dataframe()) == len(training)


@pytest.mark.usefixtures("without_warnings")
@pytest.mark.parametrize("place", ["drfc", "droa"])
def test_deepracer_utils_reads_the_metrics_of_either_shape(
    trained: Path, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    data, file = tmp_path, "metrics/TrainingMetrics.json"
    if place == "drfc":
        drfc_folder(trained, tmp_path)
    else:
        file = "metrics/training/car.json"
        with tarfile.open(droa_archive(trained, tmp_path)) as archive:
            archive.extractall(tmp_path, filter="data")
    reader = MetricsReader("none", fname=str(data / "car" / file))
    assert len(reader.getTraining()) > 0
    assert len(reader.getEvaluation()) > 0


@pytest.mark.usefixtures("without_warnings")
def test_a_continuous_model_is_read_too(tmp_path: Path) -> None:
    metadata = tmp_path / "m.json"
    metadata.write_text(
        '{"action_space": {"steering_angle": {"low": -20, "high": 20}, '
        '"speed": {"low": 0.5, "high": 2}}}'
    )
    folder = a_trained_model(tmp_path / "home", action_space=read_action_space(metadata))
    log = DeepRacerLog(filehandler=TarFileHandler(droa_archive(folder, tmp_path)))
    training, evaluated = frames_of(log)
    assert set(training.action) == set(evaluated.action) == {-1}
    log.load_robomaker_logs(force=True)
    assert log.action_space()["speed"] == {"low": 0.5, "high": 2.0}
    assert len(log.dataframe()) == len(training)


def test_the_lines_of_the_log_are_those_of_the_trace(trained: Path) -> None:
    text = "".join(training_text(trained))
    lines = [line for line in text.splitlines() if "SIM_TRACE_LOG" in line]
    steps = [
        step
        for iteration in range(3)
        for step in steps_from_csv(
            (trained / f"training-simtrace/{iteration}-iteration.csv").read_text()
        )
    ]
    assert lines == [log_line(step) for step in steps]
    assert all(step_from_log_line(line) for line in lines)


def test_a_log_goes_on_where_its_reader_stopped(trained: Path) -> None:
    whole = "".join(training_text(trained))
    first = (trained / "training-simtrace/0-iteration.csv").read_text().count("\n") - 1
    rest = "".join(training_text(trained, first_iteration=1))
    assert rest.count("SIM_TRACE_LOG") == whole.count("SIM_TRACE_LOG") - first
    assert whole.endswith(rest)


def test_what_learning_said_is_in_a_log_of_its_own(trained: Path) -> None:
    lines = "".join(learning_log(trained)).splitlines()
    updates = [line for line in lines if line.startswith("Policy training> Surrogate loss=")]
    assert 1 <= len(updates) <= 3
    episodes = [line for line in lines if line.startswith("Training> Name=main_level/agent")]
    done = sum(
        row.is_done
        for path in (trained / "training-simtrace").glob("*.csv")
        for row in steps_from_csv(path.read_text())
    )
    assert len(episodes) == done > 0


def test_the_same_model_makes_the_same_bytes(trained: Path) -> None:
    for shape in Shape:
        before = written(trained, shape)
        os.utime(trained / "reward_function.py")
        assert written(trained, shape) == before


def test_a_download_is_whole_while_its_files_are_replaced(trained: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "car"
    shutil.copytree(trained, folder)
    found = entries(folder, Shape.DROA)
    (folder / "training-simtrace" / "1-iteration.csv").unlink()
    with (folder / "training.log").open("a") as log:
        log.write("more\n")
    data = b"".join(packed(found, Shape.DROA))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
        assert archive.extractfile("car/training.log").read().endswith(b"more\n")  # type: ignore[union-attr]
    assert len(names) == len(found) - 1


def test_a_model_that_drove_nothing_has_no_logs(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    folder = models.create_model(
        settings, ModelSpec(name="new"), TrainingSpec(), reward_source=REWARD
    )
    with pytest.raises(NotFound, match="driven nothing"):
        entries(folder, Shape.DRFC)


def test_a_damaged_trace_is_a_sentence(trained: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "car"
    shutil.copytree(trained, folder)
    (folder / "training-simtrace" / "0-iteration.csv").write_text("episode,steps\n9,x\n")
    with pytest.raises(StorageFailed, match="is damaged"):
        "".join(training_text(folder))
