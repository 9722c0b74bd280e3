"""The community layout, read back with the community's own reader."""

import json
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")  # deepracer.logs imports pyplot

from deepracer.logs import AnalysisUtils, DeepRacerLog
from deepracer.logs import TrainingMetrics as MetricsReader

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.episode import NO_ACTION_NUMBER
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import ModelSpec
from racecraft.domain.trace_table import TraceTable
from racecraft.service.action_spaces import read_action_space
from racecraft.training.artifacts import (
    TrainingMetrics,
    forget_traces_from,
    write_evaluation,
    write_hyperparameters,
    write_iteration_trace,
    write_metadata,
)
from tests.training.written_training import (
    SLOTS,
    STAMP,
    an_episode,
    an_iteration,
    no_logged_warnings,
    trials,
    write_training,
)

__all__ = ["no_logged_warnings"]  # fixtures


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
