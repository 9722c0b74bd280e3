"""Whole trainings: they learn, repeat to the byte, stop when told, and survive being killed."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")  # deepracer.logs imports pyplot

from deepracer.logs import AnalysisUtils, DeepRacerLog

from racecraft.domain.errors import CorruptCheckpoint, RewardFailed
from racecraft.domain.spec import ModelSpec, StopCondition, TrackChoice
from racecraft.training.checkpoint import checkpoint_path, load_policy
from racecraft.training.networks import Policy
from racecraft.training.ppo import train
from tests.training.whole_trainings import REWARD, FileBytes, Small, records, run

ROOT = Path(__file__).parents[2]

CHILD = """
import sys
from pathlib import Path
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.training import ppo, session
session.SECONDS_BETWEEN_STATES = 0.0
model = ModelSpec.model_validate_json(sys.argv[1])
training = TrainingSpec.model_validate_json(sys.argv[2])
folder, reward = Path(sys.argv[3]), sys.argv[4]
for report in ppo.train(model, training, reward_source=reward, folder=folder):
    print(report.iteration, flush=True)
"""


def test_it_learns_to_drive_clean_laps_within_seconds(learned: Any) -> None:
    reports = learned.reports
    assert reports[0].mean_evaluation_progress < 60
    assert reports[-1].mean_evaluation_progress == 100.0
    assert reports[-1].is_clean
    assert reports[-1].clean_laps == 3
    assert reports[-1].stop_reason == "3 clean laps in a row"
    assert reports[-1].env_steps <= 16_000
    assert 0.7 < reports[-1].mean_lap_speed_mps < 1.3
    assert reports[-1].best_iteration == reports[-1].iteration


def test_reports_count_on_and_can_be_written_as_json(learned: Any) -> None:
    reports = learned.reports
    assert [report.iteration for report in reports] == list(range(len(reports)))
    assert [report.stop_reason for report in reports[:-1]] == [None] * (len(reports) - 1)
    assert (np.diff([report.env_steps for report in reports]) >= 128).all()
    assert (np.diff([report.episodes for report in reports]) >= 0).all()
    assert (np.diff([report.training_s for report in reports]) > 0).all()
    for report in reports:
        line = json.dumps(report.as_json(), allow_nan=False)
        assert json.loads(line)["env_steps"] == report.env_steps
        assert 0 < report.entropy <= math.log(3) + 1e-6
        assert 0 <= report.clip_fraction <= 1
        assert len(report.evaluation) == 3
        assert report.steps_per_s > 0


def test_the_best_checkpoint_is_the_last_of_those_that_came_furthest(learned: Any) -> None:
    index = json.loads((learned.folder / "model" / "deepracer_checkpoints.json").read_text())
    last = learned.reports[-1]
    assert index["last_checkpoint"]["name"] == f"{last.iteration}_Step-{last.env_steps}.ckpt"
    assert index["best_checkpoint"]["avg_eval_metric"] == 100.0
    for k, report in enumerate(learned.reports[:-1]):
        so_far = [round(each.mean_evaluation_progress, 3) for each in learned.reports[: k + 1]]
        assert so_far[report.best_iteration] == max(so_far)


def test_the_community_s_log_reader_reads_a_real_training(
    learned: Any, caplog: pytest.LogCaptureFixture
) -> None:
    log = DeepRacerLog(str(learned.folder))
    log.load()
    episodes = AnalysisUtils.simulation_agg(log.dataframe(), secondgroup="unique_episode")
    real = episodes[episodes.steps > 1]
    assert len(real) == learned.reports[-1].episodes
    assert episodes.progress.between(0, 100).all()
    found = real.groupby("iteration").reward.mean()
    for report in learned.reports:
        if report.mean_reward is not None:
            assert found[report.iteration] == pytest.approx(report.mean_reward)
    assert not caplog.records


def test_another_process_killed_and_resumed_ends_at_the_same_bytes(
    tmp_path: Path, model: ModelSpec, small: Small, file_bytes: FileBytes
) -> None:
    training = small(64 * 10)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    arguments = [model.model_dump_json(), training.model_dump_json(), str(killed), REWARD]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        reported = []
        for line in child.stdout:
            reported.append(int(line))
            if reported[-1] == 4:
                child.kill()
                break
    assert child.returncode == -signal.SIGKILL
    assert reported == [0, 1, 2, 3, 4]
    survived = file_bytes(killed)

    expected = run(model, training, whole)
    resumed = run(model, training, killed, resume=True)

    # A process of its own came to the same bytes as this one, up to where it was killed.
    assert survived.items() <= file_bytes(whole).items()
    assert len(survived) >= 5
    assert file_bytes(killed) == file_bytes(whole)
    assert len(file_bytes(whole)) == 10
    assert resumed[0].iteration in (5, 6)  # as far as it came before the signal did
    assert [report.iteration for report in resumed] == list(range(resumed[0].iteration, 10))
    assert resumed[-1].evaluation == expected[-1].evaluation
    assert records(killed) == records(whole)
    assert len(records(whole)["metrics"]) > 10 * 2
    assert not list(killed.rglob("*.writing")) + list(killed.rglob("*.before"))


def test_iterations_after_the_newest_state_are_repeated_exactly(
    tmp_path: Path, model: ModelSpec, small: Small, file_bytes: FileBytes
) -> None:
    training = small(64 * 6)
    reports = train(model, training, reward_source=REWARD, folder=tmp_path / "left")
    for _ in range(4):  # the state is kept after the first; the next one is seconds away
        next(reports)
    reports.close()  # type: ignore[attr-defined]
    before = file_bytes(tmp_path / "left")

    resumed = run(model, training, tmp_path / "left", resume=True)
    run(model, training, tmp_path / "whole")

    assert len(before) == 4
    assert resumed[0].iteration <= 4
    assert file_bytes(tmp_path / "left") == file_bytes(tmp_path / "whole")
    assert records(tmp_path / "left") == records(tmp_path / "whole")


def test_resuming_what_has_come_to_its_end_does_nothing(
    tmp_path: Path, model: ModelSpec, small: Small, file_bytes: FileBytes
) -> None:
    run(model, small(128), tmp_path)
    before, kept = file_bytes(tmp_path), records(tmp_path)
    assert run(model, small(128), tmp_path, resume=True) == []
    assert file_bytes(tmp_path) == before
    assert records(tmp_path) == kept


def test_a_state_that_cannot_be_used_is_told_and_the_records_stay(
    tmp_path: Path, model: ModelSpec, small: Small
) -> None:
    run(model, small(256), tmp_path)
    kept = records(tmp_path)
    with pytest.raises(CorruptCheckpoint, match="does not fit this training"):
        run(model, small(256, num_cars=5), tmp_path, resume=True)
    (tmp_path / "checkpoints" / "state" / "state.safetensors").write_bytes(b"?")
    with pytest.raises(CorruptCheckpoint, match="clone a checkpoint"):
        run(model, small(512), tmp_path, resume=True)
    assert records(tmp_path) == kept
    with pytest.raises(CorruptCheckpoint, match="cannot be read"):
        run(model, small(128), tmp_path / "empty", resume=True)


def test_another_seed_is_another_training(
    tmp_path: Path, model: ModelSpec, small: Small, file_bytes: FileBytes
) -> None:
    other = small(64).model_copy(update={"seed": 1})
    run(model, small(64), tmp_path / "a")
    run(model, other, tmp_path / "b")
    assert file_bytes(tmp_path / "a") != file_bytes(tmp_path / "b")


def test_a_clone_begins_with_what_was_learned(
    tmp_path: Path, model: ModelSpec, learned: Any, small: Small
) -> None:
    standing = small(64, learning_rate=1e-8)  # learns nothing to speak of
    (report,) = run(model, standing, tmp_path, initial=learned.checkpoint)
    assert report.mean_evaluation_progress == 100.0
    before, after = (Policy(model.network, model.camera, 3) for _ in range(2))
    load_policy(learned.checkpoint, before)
    load_policy(checkpoint_path(tmp_path, 0), after)
    for one, other in zip(before.parameters(), after.parameters(), strict=True):
        assert (one - other).abs().max() < 1e-5


def test_a_clone_of_a_damaged_checkpoint_is_refused(
    tmp_path: Path, model: ModelSpec, small: Small
) -> None:
    with pytest.raises(CorruptCheckpoint, match="choose another checkpoint"):
        run(model, small(64), tmp_path / "new", initial=tmp_path / "nowhere")


def test_it_stops_at_the_wanted_number_of_steps(
    tmp_path: Path, model: ModelSpec, small: Small
) -> None:
    reports = run(model, small(150), tmp_path)
    assert [report.env_steps for report in reports] == [64, 128, 192]
    assert [report.stop_reason for report in reports] == [None, None, "150 environment steps"]


def test_it_stops_when_the_time_is_over(tmp_path: Path, model: ModelSpec, small: Small) -> None:
    stop = StopCondition(minutes=0.004)
    reports = run(model, small().model_copy(update={"stop": stop}), tmp_path)
    assert reports[-1].stop_reason == "0.004 minutes of training"
    assert reports[-1].training_s >= 0.24
    assert all(report.training_s < 0.24 for report in reports[:-1])


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({}, "2 clean laps in a row"),
        ({"min_mean_speed_mps": 1.9}, "2 clean laps in a row"),
        ({"min_mean_speed_mps": 2.5}, "64 environment steps"),
        ({"robust_laps": 6}, "64 environment steps"),
    ],
)
def test_clean_laps_must_be_fast_enough_and_robust_if_that_is_wanted(
    tmp_path: Path,
    ring_file: Path,
    ring_model: ModelSpec,
    one_action_checkpoint: Callable[[int], Path],
    small: Small,
    wanted: dict[str, float],
    reason: str,
) -> None:
    # Driving round the ring blindly is clean from the centre line, but from nowhere else.
    training = small(learning_rate=1e-8).model_copy(
        update={
            "tracks": (TrackChoice(name=str(ring_file)),),
            "stop": StopCondition.model_validate({"clean_laps": 2, "env_steps": 64, **wanted}),
        }
    )
    (report,) = run(ring_model, training, tmp_path / "m", initial=one_action_checkpoint(0))
    assert report.stop_reason == reason
    assert report.is_clean == (reason == "2 clean laps in a row")
    assert report.clean_laps == 2
    assert report.mean_lap_speed_mps == pytest.approx(2.03, abs=0.06)


BROKEN = {
    "raises": "return 1 / 0",
    "nothing": "return None",
    "nan": "return float('nan')",
    "infinite": "return float('inf')",
    "text": "return 'high'",
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
def test_a_reward_function_that_breaks_leaves_the_iterations_before_it_whole(
    tmp_path: Path, model: ModelSpec, small: Small, file_bytes: FileBytes, line: str
) -> None:
    source = f"def reward_function(params):\n    if params['steps'] > 19:\n        {line}\n"
    broken = train(model, small(640), reward_source=source + "    return 1.0\n", folder=tmp_path)
    done = [next(broken), next(broken)]
    with pytest.raises(RewardFailed, match="line"):
        next(broken)

    assert [report.iteration for report in done] == [0, 1]
    assert set(file_bytes(tmp_path)) == {f"checkpoints/{k}/policy.safetensors" for k in range(2)}
    assert not list(tmp_path.rglob("*.writing"))
    metrics = records(tmp_path)["metrics"]
    assert sum(item["phase"] == "evaluation" for item in metrics) == 2 * 2
    # With the line corrected it goes on.
    resumed = run(model, small(256), tmp_path, resume=True)
    assert resumed[-1].iteration == 3
