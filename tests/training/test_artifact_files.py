"""The community layout as it is written: numbers, whole files, and what cannot be written."""

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import StorageFailed
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import ModelSpec
from racecraft.training.artifacts import (
    CheckpointEntry,
    TrainingMetrics,
    assign_episode_numbers,
    episode_slots,
    write_checkpoint_index,
    write_evaluation,
    write_iteration_trace,
    write_metadata,
)
from racecraft.training.artifacts.files import _sentence, write_text
from racecraft.training.artifacts.traces import STEPS_BETWEEN_LOOKS
from racecraft.training.rollout import CHUNK_STEPS
from tests.training.written_training import SLOTS, STAMP, an_iteration, no_logged_warnings

__all__ = ["no_logged_warnings"]  # fixtures


def test_the_metrics_of_an_evaluation_have_one_item_a_trial(tmp_path: Path) -> None:
    trial = Trial(
        1,
        time_ms=12_345,
        completion_percent=100.0,
        status=EpisodeStatus.LAP_COMPLETE,
        start_time_ms=100,
        off_track_count=2,
        crash_count=1,
    )

    write_evaluation(tmp_path, STAMP, [], [trial])

    path = tmp_path / "metrics" / "evaluation" / f"evaluation-{STAMP}.json"
    assert json.loads(path.read_text()) == {
        "metrics": [
            {
                "completion_percentage": 100,
                "metric_time": 12_445,
                "start_time": 100,
                "elapsed_time_in_milliseconds": 12_345,
                "episode_status": "Lap complete",
                "crash_count": 1,
                "immobilized_count": 0,
                "off_track_count": 2,
                "reversed_count": 0,
                "reset_count": 3,
                "trial": 1,
            }
        ]
    }


@pytest.mark.parametrize("stamp", ["2026", "2026-01-31", "202601311200000"])
def test_a_stamp_that_tools_would_not_find_is_refused(tmp_path: Path, stamp: str) -> None:
    with pytest.raises(ValueError, match="14 digits"):
        write_evaluation(tmp_path, stamp, [], [])


def test_the_checkpoint_index_names_best_and_last(tmp_path: Path) -> None:
    write_checkpoint_index(
        tmp_path,
        CheckpointEntry(11, 38_428, 92.5, 1.76e9),
        CheckpointEntry(12, 40_000, 80.0, 1.8e9),
    )

    index = json.loads((tmp_path / "model" / "deepracer_checkpoints.json").read_text())
    assert index["best_checkpoint"] == {
        "name": "11_Step-38428.ckpt",
        "avg_eval_metric": 92.5,
        "time_stamp": 1.76e9,
    }
    assert index["last_checkpoint"]["name"] == "12_Step-40000.ckpt"


@given(st.lists(st.integers(0, SLOTS), min_size=1, max_size=30))
def test_no_two_episodes_share_a_number_and_each_tells_its_iteration(counts: list[int]) -> None:
    numbers = [assign_episode_numbers(i, count, SLOTS) for i, count in enumerate(counts)]
    flat = np.concatenate(numbers)

    assert len(set(flat.tolist())) == sum(counts)
    assert np.all(np.diff(flat) > 0)
    for iteration, mine in enumerate(numbers):
        assert (mine // SLOTS == iteration).all()
        if len(mine):
            assert mine.max() % SLOTS == SLOTS - 1


def test_more_episodes_than_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="101 episodes ended in iteration 4"):
        assign_episode_numbers(4, 101, 100)


def test_a_negative_iteration_is_refused() -> None:
    with pytest.raises(ValueError, match="count from 0"):
        assign_episode_numbers(-1, 1, 100)


@pytest.mark.parametrize(
    ("episodes", "cars", "slots"), [(20, 32, 1000), (92, 1, 100), (93, 1, 1000), (1, 1, 10)]
)
def test_slots_hold_the_wanted_episodes_and_what_each_car_may_add(
    episodes: int, cars: int, slots: int
) -> None:
    hyperparameters = PPOHyperparameters(num_episodes_between_training=episodes, num_cars=cars)

    assert episode_slots(hyperparameters) == slots


def test_the_trainer_looks_at_least_as_often_as_the_slots_suppose() -> None:
    assert CHUNK_STEPS <= STEPS_BETWEEN_LOOKS


@pytest.mark.parametrize("cut", [slice(1, None), slice(None, -1)])
def test_a_trace_with_an_incomplete_episode_is_refused(tmp_path: Path, cut: slice) -> None:
    with pytest.raises(ValueError, match="complete episodes"):
        write_iteration_trace(tmp_path, 0, an_iteration(0, 2)[cut], slots=SLOTS)


def test_a_written_file_is_readable_by_all_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b.txt", "line\n", is_durable=True)

    assert stat.S_IMODE((tmp_path / "a" / "b.txt").stat().st_mode) == 0o644
    assert os.listdir(tmp_path / "a") == ["b.txt"]


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "inside").touch()

    with pytest.raises(StorageFailed, match="could not be written"):
        write_text(tmp_path / "file", "text")

    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_that_is_a_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "model").touch()

    with pytest.raises(StorageFailed, match=r"model_metadata\.json could not be written"):
        write_metadata(tmp_path, ModelSpec())


@pytest.mark.parametrize(
    ("number", "words"), [(28, "disk is full"), (13, "not open to you"), (30, "not open to you")]
)
def test_a_full_disk_and_a_closed_folder_have_their_own_sentences(number: int, words: str) -> None:
    sentence = _sentence(Path("here"), OSError(number, os.strerror(number)))

    assert words in sentence
    assert sentence.endswith(".")


def test_damaged_metrics_are_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "metrics" / "TrainingMetrics.json"
    path.parent.mkdir()
    path.write_text('{"metrics": [')

    with pytest.raises(StorageFailed, match="damaged"):
        TrainingMetrics(tmp_path, slots=SLOTS)

    assert path.read_text() == '{"metrics": ['
