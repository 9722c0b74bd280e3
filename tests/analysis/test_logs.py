"""Logs of every make are read, and say the same."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from racecraft.analysis.logs import load_logs
from racecraft.analysis.logs.metrics import read_training_metrics, read_trials
from racecraft.analysis.logs.texts import read_text_log, read_updates
from racecraft.analysis.logs.traces import read_trace
from racecraft.analysis.study import study
from racecraft.domain.errors import InvalidInput, NotFound
from tests.analysis.logs_made import a_folder, a_tar, episode, iteration, packed, text_of

LAYOUTS = ("drfc", "console", "droa", "text")


@pytest.mark.parametrize("radians", [False, True], ids=["degrees", "radians"])
@pytest.mark.parametrize("columns", [15, 16, 17, 18, 19])
def test_traces_of_every_age_say_the_same(columns: int, radians: bool) -> None:
    newest = read_trace(text_of(iteration(3, 4)).encode(), "new.csv")
    rows = iteration(3, 4, radians=radians)
    for has_head in (True, False):
        found = read_trace(text_of(rows, columns, has_head=has_head).encode(), "old.csv")
        same = ["episode", "steps", "x", "y", "speed", "action", "reward", "done", "progress"]
        pd.testing.assert_frame_equal(found[same], newest[same])
        assert np.allclose(found.yaw, newest.yaw, atol=1e-4)
        assert np.allclose(found.steering_angle, newest.steering_angle, atol=1e-4)
        ends = found.done.to_numpy()
        assert found.episode_status[ends].tolist() == newest.episode_status[ends].tolist()
        assert found.wall_clock.isna().all() == (columns < 19)
        assert found.pause_duration.isna().all() == (columns < 17)


def test_a_continuous_action_space_has_no_numbers() -> None:
    rows = episode(0, 20, is_lap=True)
    for row in rows:
        row[7] = "[12.5 0.75]"
    found = read_trace(text_of(rows).encode(), "pairs.csv")
    assert set(found.action) == {-1}
    assert len(found) == 20


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("is_packed", [False, True], ids=["folder", "archive"])
def test_every_layout_gives_the_same_training(layout: str, is_packed: bool, tmp_path: Path) -> None:
    reference = load_logs(a_folder(tmp_path / "drfc", "drfc"))
    folder = a_folder(tmp_path / "other", layout)
    found = load_logs(packed(folder, tmp_path / "other.tar.gz") if is_packed else folder)
    for column in ("iteration", "episode", "steps", "x", "reward", "progress", "unique_episode"):
        assert np.allclose(found.training[column], reference.training[column]), column
    assert len(found.action_space) in (1, 5)
    assert found.hyperparameters["num_episodes_between_training"] == 4
    assert len(found.evaluation) == (0 if layout == "text" else len(reference.evaluation))
    if layout == "text":
        assert found.world == "reInvent2019_track"
    if is_packed:
        assert found.name == "some-model"


def test_workers_are_told_apart(tmp_path: Path) -> None:
    found = load_logs(a_folder(tmp_path / "model", "workers"))
    alone = load_logs(a_folder(tmp_path / "alone", "drfc"))
    assert len(found.training) == 2 * len(alone.training)
    assert found.training.unique_episode.nunique() == 2 * alone.training.unique_episode.nunique()
    assert set(found.training.worker) == {0, 1}


def test_a_single_file_is_enough(tmp_path: Path) -> None:
    a_folder(tmp_path / "m", "text")
    log = next((tmp_path / "m").rglob("*.log"))
    assert len(load_logs(log).training) == len(load_logs(tmp_path / "m").training)
    trace = tmp_path / "3-iteration.csv"
    trace.write_text(text_of(iteration(3, 4)))
    assert load_logs(trace).training.unique_episode.nunique() == 4


def test_prefixes_and_commas_inside_pairs_do_not_matter() -> None:
    row = [str(value) for value in episode(7, 12, is_lap=True)[5]]
    row[7] = "[10.0, 0.8]"
    data = f"[gzserver-1] [INFO] SIM_TRACE_LOG:{','.join(row)}\tmore\n".encode()
    found = read_text_log(data, "x.log")
    assert found.steps.episode.tolist() == [7]
    assert found.steps.iteration.tolist() == [0]


def test_updates_are_read_from_a_trainers_log() -> None:
    lines = [
        f"Policy training> Surrogate loss=-0.0{k}, KL divergence=0.0{epoch}, Entropy={3 - k}, "
        f"training epoch={epoch}, learning_rate=0.0003"
        for k in range(3)
        for epoch in range(4)
    ]
    found = read_updates("\n".join(lines).encode())
    assert found.entropy.tolist() == [3.0, 2.0, 1.0]
    assert found.approx_kl.tolist() == [0.03] * 3


def test_old_and_new_metrics_are_read() -> None:
    new = {"episode": 5, "trial": 1, "phase": "evaluation", "reward_score": 12,
           "completion_percentage": 100, "elapsed_time_in_milliseconds": 9000,
           "episode_status": "Lap complete", "start_time": 1, "metric_time": 2}  # fmt: skip
    old = {"episode": 1, "trial": 4, "phase": "training", "reward_score": 3,
           "completion_percentage": 40, "elapsed_time_in_milliseconds": 100}  # fmt: skip
    data = json.dumps({"metrics": [new, old], "version": 2.0}).encode()
    found = read_training_metrics(data, "TrainingMetrics.json")
    assert found.iteration.tolist() == [1, 0]
    assert found.is_complete.tolist() == [True, False]
    lap = {"trial": 1, "completion_percentage": 100, "episode_status": "In progress"}
    trials = read_trials(json.dumps({"metrics": [lap]}).encode(), "e.json")
    assert trials.is_complete.tolist() == [True]
    assert trials.off_track_count.tolist() == [0]
    with pytest.raises(InvalidInput, match="no metrics file"):
        read_trials(b"{}", "x.json")


@pytest.mark.parametrize(
    "data",
    [
        b"episode,steps\n1,2\n",
        b"hello",
        b"\xff" * 100,
        b"x," * 18 + b"x\n",
        b"1," * 30 + b"1\n",
    ],
)
def test_what_is_no_trace_is_a_sentence(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_trace(data, "odd.csv")


def test_nothing_to_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_logs(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match="holds no drives"):
        load_logs(tmp_path)
    archive = tmp_path / "broken.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("training-simtrace/0-iteration.csv", text_of(iteration(0, 2)))
    data = bytearray(archive.read_bytes())
    data[60:80] = b"\0" * 20
    archive.write_bytes(bytes(data))
    with pytest.raises(InvalidInput):
        load_logs(archive)


def test_names_in_archives_lead_nowhere(tmp_path: Path) -> None:
    trace = text_of(iteration(0, 2)).encode()
    file = tmp_path / "hostile.tar.gz"
    file.write_bytes(a_tar({"../../training-simtrace/0-iteration.csv": trace}))
    assert len(load_logs(file).training) > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hostile.tar.gz"]


def test_an_old_training_is_analysed_as_a_new_one(tmp_path: Path) -> None:
    old = study(load_logs(a_folder(tmp_path / "old", "console", columns=15, radians=True)))
    new = study(load_logs(a_folder(tmp_path / "new", "drfc")))
    columns = ["iteration", "episodes", "mean_reward", "mean_progress", "laps", "best_lap"]
    pd.testing.assert_frame_equal(old.iterations[columns], new.iterations[columns])
    assert [f.text for f in old.findings] == [f.text for f in new.findings]
