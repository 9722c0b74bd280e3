"""The community layout, read back with the community's own reader."""

import json
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

matplotlib.use("Agg")  # deepracer.logs imports pyplot

from deepracer.logs import AnalysisUtils, DeepRacerLog
from deepracer.logs import TrainingMetrics as MetricsReader

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.episode import NO_ACTION_NUMBER, EpisodeStatus, Step, Trial
from racecraft.domain.errors import StorageFailed
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import ModelSpec
from racecraft.domain.trace_table import TraceTable
from racecraft.service.action_spaces import read_action_space
from racecraft.training.artifacts import (
    CheckpointEntry,
    TrainingMetrics,
    assign_episode_numbers,
    episode_slots,
    forget_traces_from,
    write_checkpoint_index,
    write_evaluation,
    write_hyperparameters,
    write_iteration_trace,
    write_metadata,
)
from racecraft.training.artifacts.files import _sentence, write_text
from racecraft.training.artifacts.traces import STEPS_BETWEEN_LOOKS
from racecraft.training.rollout import CHUNK_STEPS

SLOTS = 100
LENGTH_M = 18.0
STAMP = "20260131120000"


def an_episode(*, rows: int, is_lap: bool, start_s: float = 0.0, episode: int = 0) -> list[Step]:
    """A prepare row, then rows along a circle at 15 Hz; the last one is off track or a lap."""
    steps = []
    for row in range(rows):
        angle = 2 * np.pi * row / rows
        is_last = row == rows - 1
        progress = 0.8 + row * (0.5 if not is_lap else 99.2 / (rows - 1))
        status = EpisodeStatus.IN_PROGRESS if row else EpisodeStatus.PREPARE
        if is_last:
            status = EpisodeStatus.LAP_COMPLETE if is_lap else EpisodeStatus.OFF_TRACK
        steps.append(
            Step(
                episode=episode,
                steps=row + 1,
                x_m=3 * np.cos(angle),
                y_m=3 * np.sin(angle),
                yaw_rad=0.1,
                steering_rad=np.radians(15),
                speed_mps=0.5 if row else 0.0,
                action=row % 15,
                reward=0.5 if row else 0.0,
                is_done=is_last,
                all_wheels_on_track=True,
                progress_percent=100.0 if is_lap and is_last else progress,
                closest_waypoint=row % 120,
                track_length_m=LENGTH_M,
                time_s=start_s + row / 15,
                status=status,
                wall_clock_s=1.76e9 + start_s + row / 15,
            )
        )
    return steps


def an_iteration(iteration: int, count: int) -> list[Step]:
    """Episode k has 10 + k rows; every third one is a lap; all overlap in simulated time."""
    return [
        step
        for k in range(count)
        for step in an_episode(rows=10 + k, is_lap=k % 3 == 2, start_s=iteration * 5.0 + k * 0.1)
    ]


def trials(count: int) -> list[Trial]:
    return [
        Trial(k + 1, time_ms=9000 + k, completion_percent=100.0, status=EpisodeStatus.LAP_COMPLETE)
        for k in range(count)
    ]


def write_training(folder: Path, counts: list[int]) -> None:
    write_metadata(folder, ModelSpec())
    write_hyperparameters(folder, PPOHyperparameters())
    metrics = TrainingMetrics(folder, slots=SLOTS)
    for iteration, count in enumerate(counts):
        trace = TraceTable.from_steps(an_iteration(iteration, count))
        write_iteration_trace(folder, iteration, trace, slots=SLOTS)
        metrics.add_iteration(iteration, trace, trials(5), trial_rewards=[3.0] * 5)


@pytest.fixture(autouse=True)
def no_logged_warnings(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """deepracer-utils logs what is missing from a folder."""
    yield
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "counts",
    [[3, 7, 1], [1, 20, 0, 5], [20, 3], [2], [100, 1, 100], [5, 0, 0, 4], [1, 1, 1, 1, 1]],
    ids=str,
)
def test_deepracer_utils_reads_each_episode_once_whatever_the_counts(
    tmp_path: Path, counts: list[int]
) -> None:
    write_training(tmp_path, counts)

    log = DeepRacerLog(str(tmp_path))
    log.load()
    data = log.dataframe()
    episodes = AnalysisUtils.simulation_agg(data, secondgroup="unique_episode")

    assert not data.drop(columns="new_reward").isna().any(axis=None)
    assert not episodes.isna().any(axis=None)
    assert episodes.groupby("iteration").size().to_dict() == {
        iteration: count for iteration, count in enumerate(counts) if count
    }
    for iteration, count in enumerate(counts):
        found = episodes[episodes.iteration == iteration]
        rows = 10 + np.arange(count)
        assert found.steps.tolist() == rows.tolist()
        assert found.time.to_numpy() == pytest.approx((rows - 1) / 15)
        assert found.reward.to_numpy() == pytest.approx((rows - 1) * 0.5)
        assert found.complete.tolist() == [int(k % 3 == 2) for k in range(count)]
        assert found.dist.to_numpy() == pytest.approx(
            (rows - 1) * 6 * np.sin(np.pi / rows) if count else []
        )


def test_both_groupings_of_deepracer_utils_agree(tmp_path: Path) -> None:
    write_training(tmp_path, [4, 9, 2])
    log = DeepRacerLog(str(tmp_path))
    log.load_training_trace()

    by_episode = AnalysisUtils.simulation_agg(log.dataframe())
    by_unique = AnalysisUtils.simulation_agg(log.dataframe(), secondgroup="unique_episode")

    assert (log.dataframe().unique_episode == log.dataframe().episode).all()
    assert by_episode.rename(columns={"episode": "unique_episode"}).equals(by_unique)


def test_an_iteration_zero_without_an_episode_still_gives_a_numbering(tmp_path: Path) -> None:
    write_training(tmp_path, [0, 0, 6, 8])

    log = DeepRacerLog(str(tmp_path))
    log.load()
    episodes = AnalysisUtils.simulation_agg(log.dataframe(), secondgroup="unique_episode")

    assert not episodes.isna().any(axis=None)
    assert np.isfinite(episodes.time_if_complete).all()
    assert episodes.groupby("iteration").size().to_dict() == {0: 1, 2: 6, 3: 8}
    placeholder = episodes[episodes.iteration == 0].iloc[0]
    assert (placeholder.steps, placeholder.time, placeholder.reward) == (1, 0, 0)


def test_the_placeholder_can_be_a_real_start(tmp_path: Path) -> None:
    start = an_episode(rows=3, is_lap=False)[0]

    write_iteration_trace(tmp_path, 0, [], slots=SLOTS, start=start)

    row = (tmp_path / "training-simtrace" / "0-iteration.csv").read_text().splitlines()[1]
    assert row.startswith("99,1.0,3.0,0.0,")
    assert ",prepare," in row


def test_deepracer_utils_measures_the_timing_of_the_trace(tmp_path: Path) -> None:
    write_training(tmp_path, [3, 4])
    log = DeepRacerLog(str(tmp_path))
    log.load()

    timing = log.stability.analyze()

    assert timing.avg_ms.to_numpy() == pytest.approx(1000 / 15)
    assert timing["count"].tolist() == [9 + 10 + 11, 9 + 10 + 11 + 12]


def test_deepracer_utils_reads_the_documents_of_a_model(tmp_path: Path) -> None:
    model = ModelSpec()
    write_training(tmp_path, [1])
    log = DeepRacerLog(str(tmp_path))
    log.load()

    actions = log.action_space()

    assert [action["index"] for action in actions] == list(range(len(model.action_space)))
    assert [action["steering_angle"] for action in actions] == list(model.action_space.steering_deg)
    assert [action["speed"] for action in actions] == list(model.action_space.speed_mps)
    assert log.agent_and_network() == {
        "sensor_list": ["FRONT_FACING_CAMERA"],
        "network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
        "simapp_version": "6",
    }
    assert log.hyperparameters()["lr"] == 3e-4
    assert log.hyperparameters()["num_episodes_between_training"] == 20
    assert set(DeepRacerLog._HYPERPARAM_KEYS) <= set(log.hyperparameters())


def test_deepracer_utils_reads_a_model_with_continuous_actions(tmp_path: Path) -> None:
    model = ModelSpec(action_space=ContinuousActionSpace())
    write_training(tmp_path, [2])
    write_metadata(tmp_path, model)
    steps = [replace(step, action=NO_ACTION_NUMBER) for step in an_iteration(0, 2)]
    write_iteration_trace(tmp_path, 0, steps, slots=SLOTS)

    log = DeepRacerLog(str(tmp_path))
    log.load()

    assert log.action_space() == {
        "steering_angle": {"low": -30.0, "high": 30.0},
        "speed": {"low": 0.5, "high": 1.0},
    }
    rows = log.dataframe()
    assert (rows.action == -1).all()
    assert rows.steering_angle.to_numpy() == pytest.approx(15.0)
    assert sorted(rows.speed.unique()) == [0.0, 0.5]
    document = json.loads((tmp_path / "model" / "model_metadata.json").read_text())
    assert document["action_space_type"] == "continuous"
    assert document["training_algorithm"] == "clipped_ppo"
    # Our own command line takes the file as it is.
    assert read_action_space(tmp_path / "model" / "model_metadata.json") == model.action_space


def test_our_own_reader_takes_the_actions_of_a_written_list(tmp_path: Path) -> None:
    write_metadata(tmp_path, ModelSpec())
    path = tmp_path / "model" / "model_metadata.json"
    assert read_action_space(path) == ModelSpec().action_space


def test_hyperparameters_read_back_by_our_own_document(tmp_path: Path) -> None:
    written = PPOHyperparameters(learning_rate=1e-4, gamma=0.9, ent_coef=0.02, batch_size=128)
    write_hyperparameters(tmp_path, written)

    read = json.loads((tmp_path / "ip" / "hyperparameters.json").read_text())
    for ignored in ("stack_size", "term_cond_avg_score", "term_cond_max_episodes"):
        del read[ignored]

    assert PPOHyperparameters(**read) == written


@pytest.mark.parametrize("counts", [[3, 7, 1], [0, 4, 0, 2], [1, 1]], ids=str)
def test_deepracer_utils_reads_the_training_metrics(
    tmp_path: Path, counts: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    write_training(tmp_path, counts)

    reader = MetricsReader("any", fname=str(tmp_path / "metrics" / "TrainingMetrics.json"))
    training, evaluation = reader.getTraining(), reader.getEvaluation()

    assert training.groupby("iteration").size().to_dict() == {
        iteration: count for iteration, count in enumerate(counts) if count
    }
    assert evaluation.groupby("iteration").size().to_dict() == dict.fromkeys(range(len(counts)), 5)
    assert training.complete.sum() == sum(count // 3 for count in counts)
    rows = [10 + k for count in counts for k in range(count)]
    assert training.time.to_numpy() == pytest.approx([(n - 1) / 15 for n in rows], abs=0.0011)
    assert training.reward.tolist() == [round((n - 1) / 2) for n in rows]
    assert evaluation.reward.tolist() == [3] * 5 * len(counts)
    assert not reader.getSummary()["eval_completion"].isna().any()
    capsys.readouterr()


def test_metrics_and_traces_number_episodes_alike(tmp_path: Path) -> None:
    write_training(tmp_path, [4, 2])
    log = DeepRacerLog(str(tmp_path))
    log.load()

    items = json.loads((tmp_path / "metrics" / "TrainingMetrics.json").read_text())["metrics"]

    numbers = [item["episode"] - 1 for item in items if item["phase"] == "training"]
    assert numbers == sorted(log.dataframe().unique_episode.unique())
    assert items[0] == {
        "reward_score": 4,
        "metric_time": 600,
        "start_time": 0,
        "elapsed_time_in_milliseconds": 600,
        "episode": 1,
        "trial": 1,
        "phase": "training",
        "completion_percentage": 5,
        "episode_status": "Off track",
    }


def test_a_resumed_training_leaves_no_trace_of_what_it_drives_anew(tmp_path: Path) -> None:
    write_training(tmp_path, [3, 5, 4, 6])
    forget_traces_from(tmp_path, 2)
    metrics = TrainingMetrics(tmp_path, slots=SLOTS, iteration=2)
    trace = TraceTable.from_steps(an_iteration(2, 7))
    write_iteration_trace(tmp_path, 2, trace, slots=SLOTS)
    metrics.add_iteration(2, trace)

    log = DeepRacerLog(str(tmp_path))
    log.load()
    episodes = AnalysisUtils.simulation_agg(log.dataframe(), secondgroup="unique_episode")
    items = json.loads((tmp_path / "metrics" / "TrainingMetrics.json").read_text())["metrics"]

    assert episodes.groupby("iteration").size().to_dict() == {0: 3, 1: 5, 2: 7}
    assert len(items) == 3 + 5 + 5 + 5 + 7


def test_an_outdated_trace_goes_when_its_iteration_ends_without_an_episode(tmp_path: Path) -> None:
    write_iteration_trace(tmp_path, 3, an_iteration(3, 2), slots=SLOTS)

    write_iteration_trace(tmp_path, 3, [], slots=SLOTS)

    assert list((tmp_path / "training-simtrace").iterdir()) == []


def test_deepracer_utils_reads_evaluations(tmp_path: Path) -> None:
    write_training(tmp_path, [2])
    for stamp, count in ((STAMP, 3), ("20260201080000", 2)):
        rows = [
            step
            for k in range(count)
            for step in an_episode(rows=60 + k, is_lap=k != 1, start_s=k * 10.0, episode=k)
        ]
        write_evaluation(tmp_path, stamp, rows, trials(count))

    log = DeepRacerLog(str(tmp_path))
    log.load_evaluation_trace()
    laps = AnalysisUtils.simulation_agg(log.dataframe(), firstgroup="stream", is_eval=True)

    assert laps.stream.tolist() == [STAMP] * 3 + ["20260201080000"] * 2
    assert laps.complete.tolist() == [1, 0, 1, 1, 0]
    assert laps.off_track.tolist() == [0, 1, 0, 0, 1]
    assert laps.time.to_numpy() == pytest.approx(np.array([59, 60, 61, 59, 60]) / 15)
    assert not laps.isna().any(axis=None)


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
