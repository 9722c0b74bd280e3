"""Real trainings of a few seconds, and what they leave on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from racecraft.domain.errors import Conflict, CorruptCheckpoint, RewardFailed, StorageFailed
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.service import models, summaries, trainings
from racecraft.service.clones import clone_model
from racecraft.service.locks import locked
from racecraft.service.settings import Settings
from racecraft.service.summaries import ModelStatus
from racecraft.service.tracks import export_track, import_track
from racecraft.service.worker import evaluate_model, train_model
from racecraft.training.report import IterationReport

TRACK = TrackChoice(name="pebble-oval")
SHORT = TrainingSpec(
    tracks=(TRACK,),
    hyperparameters=PPOHyperparameters(num_epochs=3, max_steps_per_iteration=128, num_cars=8),
    stop=StopCondition(env_steps=256),
    evaluation_trials=1,
)
REWARD = "def reward_function(params):\n    return 1.0\n"


def ignore(report: IterationReport) -> None:
    """Whoever trains here looks at the files."""


def make(
    settings: Settings, *, training: TrainingSpec = SHORT, reward: str = REWARD, name: str = "car"
) -> Path:
    return models.create_model(
        settings, ModelSpec(name=name, network=Network.LIGHT), training, reward_source=reward
    )


def test_a_training_leaves_a_model_that_is_ready(settings: Settings) -> None:
    folder, reports = make(settings), list[IterationReport]()

    outcome = train_model(settings, "car", on_report=reports.append)

    assert summaries.summarise(folder).status is ModelStatus.READY
    assert outcome.iterations == len(reports) == len(summaries.read_progress(folder)) == 2
    assert outcome.env_steps == reports[-1].env_steps >= 256
    assert "256" in outcome.stop_reason
    assert all(file.stat().st_size > 0 for file in outcome.files)
    log = (folder / "training.log").read_text()
    assert "starts" in log
    assert "iteration 1: 256 steps" in log


def test_every_line_of_progress_is_strict_json(settings: Settings) -> None:
    folder = make(settings)

    train_model(settings, "car", on_report=ignore)

    for line in (folder / "progress.jsonl").read_text().splitlines():
        report = json.loads(line, parse_constant=pytest.fail)
        assert report["evaluation"][0]["status"].islower()


def test_an_interrupted_training_keeps_its_iterations_and_goes_on(settings: Settings) -> None:
    folder = make(settings)

    def interrupt(report: IterationReport) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_model(settings, "car", on_report=interrupt)
    assert len(summaries.read_progress(folder)) == 1
    assert summaries.summarise(folder).status is ModelStatus.READY
    assert "interrupted" in (folder / "training.log").read_text()

    assert trainings.prepare_resume(settings, "car", {})
    outcome = train_model(settings, "car", on_report=ignore, resume=True)

    reports = summaries.read_progress(folder)
    assert [report["iteration"] for report in reports] == [0, 1]
    assert outcome.iterations == 2
    assert "goes on" in (folder / "training.log").read_text()


def test_a_training_that_goes_on_ends_as_one_that_was_never_interrupted(
    settings: Settings,
) -> None:
    straight, broken = make(settings, name="straight"), make(settings, name="broken")

    def interrupt(report: IterationReport) -> None:
        raise KeyboardInterrupt

    train_model(settings, "straight", on_report=ignore)
    with pytest.raises(KeyboardInterrupt):
        train_model(settings, "broken", on_report=interrupt)
    train_model(settings, "broken", on_report=ignore, resume=True)

    weights = Path("checkpoints") / "1" / "policy.safetensors"
    assert (straight / weights).read_bytes() == (broken / weights).read_bytes()


def test_a_stop_condition_that_is_met_already_is_told(settings: Settings) -> None:
    make(settings)
    train_model(settings, "car", on_report=ignore)

    with pytest.raises(Exception, match="stop condition is met already"):
        train_model(settings, "car", on_report=ignore, resume=True)


def test_a_reward_that_raises_ends_the_training_and_is_kept_as_its_error(
    settings: Settings,
) -> None:
    folder = make(settings, reward="def reward_function(params):\n    return 1 / 0\n")

    with pytest.raises(RewardFailed, match="line 2"):
        train_model(settings, "car", on_report=ignore)

    row = summaries.summarise(folder)
    assert row.status is ModelStatus.ERROR
    assert "ZeroDivisionError" in (row.problem or "")
    assert "failed:" in (folder / "training.log").read_text()


def test_a_model_is_trained_by_one_process_at_a_time(settings: Settings) -> None:
    folder = make(settings)

    with locked(folder, "TRAINING"), pytest.raises(Conflict, match="in use: TRAINING"):
        train_model(settings, "car", on_report=ignore)


def test_a_full_or_broken_place_for_checkpoints_is_a_storage_error(settings: Settings) -> None:
    folder = make(settings)
    (folder / "checkpoints").write_text("in the way")

    with pytest.raises(StorageFailed):
        train_model(settings, "car", on_report=ignore)


def test_an_evaluation_leaves_laps_trace_metrics_and_picture(settings: Settings) -> None:
    folder = make(settings)
    train_model(settings, "car", on_report=ignore)

    first = evaluate_model(settings, "car", EvaluationSpec(track=TRACK, trials=2))
    second = evaluate_model(settings, "car", EvaluationSpec(track=TRACK, trials=2))

    assert [trial.trial for trial in first.trials] == [1, 2]
    assert first.trials == second.trials
    assert all(file.stat().st_size > 0 for file in (*first.files, *second.files))
    assert len(list(folder.glob("evaluation-*/evaluation-simtrace/0-iteration.csv"))) == 2
    assert {"driven-lines.png", "replay.mp4"} <= {file.name for file in first.files}


def test_an_evaluation_that_cannot_be_written_leaves_nothing_behind(settings: Settings) -> None:
    folder = make(settings)
    train_model(settings, "car", on_report=ignore)
    (folder / "driven-lines.png").mkdir()

    with pytest.raises(StorageFailed):
        evaluate_model(settings, "car", EvaluationSpec(track=TRACK, trials=1))

    assert not list(folder.glob("evaluation-*"))
    assert not list(folder.glob("metrics/evaluation/*.json"))


def test_a_damaged_checkpoint_is_told_and_leaves_nothing(settings: Settings) -> None:
    folder = make(settings)
    train_model(settings, "car", on_report=ignore)
    weights = folder / "checkpoints" / "1" / "policy.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])

    with pytest.raises(CorruptCheckpoint):
        evaluate_model(settings, "car", EvaluationSpec(track=TRACK, checkpoint="last"))

    assert not list(folder.glob("evaluation-*"))


def test_a_clone_drives_like_its_parent_before_it_learns(settings: Settings) -> None:
    make(settings)
    train_model(settings, "car", on_report=ignore)
    clone_model(settings, "car", "clone", checkpoint="last")

    assert not trainings.prepare_resume(settings, "clone", {})
    outcome = train_model(settings, "clone", on_report=ignore)

    assert outcome.iterations == 2


def test_an_imported_track_is_found_by_its_name(settings: Settings, tmp_path: Path) -> None:
    file = export_track(settings.home, "pebble-oval", tmp_path / "mine.npy")
    import_track(settings.home, file)
    mine = TrackChoice(name="mine")
    make(settings, training=SHORT.model_copy(update={"tracks": (mine,)}))

    train_model(settings, "car", on_report=ignore)
    driven = evaluate_model(settings, "car", EvaluationSpec(track=mine, trials=1))

    assert len(driven.trials) == 1
    assert models.load_training(models.model_folder(settings, "car")).tracks == (mine,)
