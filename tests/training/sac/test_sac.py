"""Whole trainings with soft actor-critic: they learn, repeat to the byte, and can be resumed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racecraft.domain.action_space import ContinuousActionSpace, SpeedRange, action_grid
from racecraft.domain.errors import CorruptCheckpoint, InvalidSpec
from racecraft.domain.hyperparameters import HYPERPARAMETERS, Critic, SACHyperparameters
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.sandbox.builtin import builtin_reward
from racecraft.training.algorithms import TRAINERS, train
from racecraft.training.checkpoint import checkpoint_path
from racecraft.training.evaluate import evaluate
from racecraft.training.report import IterationReport

ROOT = Path(__file__).parents[3]
REWARD = builtin_reward("progress")
SPACE = ContinuousActionSpace(speed=SpeedRange(low=0.5, high=1.5))
MODEL = ModelSpec(network=Network.LIGHT, action_space=SPACE)
FileBytes = Callable[[Path], dict[str, bytes]]

CHILD = """
import sys
from pathlib import Path
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.training import algorithms, session
session.SECONDS_BETWEEN_STATES = 0.0
model = ModelSpec.model_validate_json(sys.argv[1])
training = TrainingSpec.model_validate_json(sys.argv[2])
folder, reward = Path(sys.argv[3]), sys.argv[4]
for report in algorithms.train(model, training, reward_source=reward, folder=folder):
    print(report.iteration, flush=True)
"""


def small(steps: int = 256, **hyperparameters: object) -> TrainingSpec:
    """A training of so many environment steps that is over in a moment."""
    chosen = {"num_cars": 8, "max_steps_per_iteration": 64, "batch_size": 32, "warm_up_steps": 100}
    chosen |= {"replay_steps": 1_000, "num_episodes_between_training": 100}
    return TrainingSpec(
        tracks=(TrackChoice(name="thimble"),),
        hyperparameters=SACHyperparameters.model_validate(chosen | hyperparameters),
        stop=StopCondition(env_steps=steps),
        evaluation_trials=2,
        evaluation_share=100,
        threads=2,
    )


def run(training: TrainingSpec, folder: Path, **how: Any) -> list[IterationReport]:
    return list(train(MODEL, training, reward_source=REWARD, folder=folder, **how))


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[IterationReport]]:
    """A training that went on until it drove clean laps of the Thimble."""
    folder = tmp_path_factory.mktemp("sac")
    training = TrainingSpec(
        tracks=(TrackChoice(name="thimble"),),
        hyperparameters=SACHyperparameters(
            num_cars=16, batch_size=128, learning_rate=1e-3, gamma=0.95, learns_alpha=True
        ),
        stop=StopCondition(env_steps=20_000, clean_laps=3),
        evaluation_trials=3,
        evaluation_share=1,
    )
    return folder, run(training, folder)


def test_it_learns_to_drive_clean_laps(learned: tuple[Path, list[IterationReport]]) -> None:
    _, reports = learned
    assert reports[0].clean_laps == 0  # without training it does not
    assert reports[-1].stop_reason == "3 clean laps in a row"
    assert reports[-1].env_steps <= 16_000
    assert reports[-1].alpha is not None
    assert reports[-1].alpha < 0.2


def test_an_evaluation_drives_the_bent_means(
    learned: tuple[Path, list[IterationReport]],
) -> None:
    folder, reports = learned
    rules = EvaluationSpec(track=TrackChoice(name="thimble"), trials=2)
    checkpoint = checkpoint_path(folder, reports[-1].iteration)
    first, second = (evaluate(MODEL, checkpoint, rules) for _ in range(2))
    assert first == second
    assert all(trial.is_clean for trial in first.trials)


def test_the_documents_name_the_algorithm(learned: tuple[Path, list[IterationReport]]) -> None:
    folder, _ = learned
    metadata = json.loads((folder / "model" / "model_metadata.json").read_text())
    assert metadata["training_algorithm"] == "sac"
    assert metadata["action_space_type"] == "continuous"
    hyperparameters = json.loads((folder / "ip" / "hyperparameters.json").read_text())
    assert hyperparameters["sac_alpha"] == 0.2
    assert hyperparameters["lr"] == 1e-3
    assert "num_epochs" not in hyperparameters


def test_reports_before_the_first_update_hold_no_losses(tmp_path: Path) -> None:
    reports = run(small(192), tmp_path)
    assert [report.value_loss is None for report in reports] == [True, False, False]
    for report in reports:
        line = json.loads(json.dumps(report.as_json(), allow_nan=False))
        assert line["approx_kl"] is None
    assert np.isfinite([reports[-1].policy_loss, reports[-1].entropy]).all()


def test_every_algorithm_has_a_trainer() -> None:
    assert set(TRAINERS) == set(HYPERPARAMETERS.values())
    for name, document in HYPERPARAMETERS.items():
        assert document().algorithm == name


def test_another_process_killed_and_resumed_ends_at_the_same_bytes(
    tmp_path: Path, file_bytes: FileBytes
) -> None:
    # The memory is written over before the end, so that old pieces of it are removed.
    training = small(64 * 20, gradient_steps_per_step=0.2)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    arguments = [MODEL.model_dump_json(), training.model_dump_json(), str(killed), REWARD]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) == 17:
                child.kill()
                break
    assert child.returncode == -signal.SIGKILL
    survived = file_bytes(killed)

    run(training, whole)
    resumed = run(training, killed, resume=True)

    assert survived.items() <= file_bytes(whole).items()
    assert file_bytes(killed) == file_bytes(whole)
    assert len(file_bytes(whole)) == 20
    assert resumed[0].iteration in (18, 19)
    assert not list(killed.rglob("*.writing")) + list(killed.rglob("*.before"))
    assert (killed / "checkpoints" / "replay").is_dir()


@pytest.mark.parametrize("done", [1, 3], ids=["while warming up", "later"])
def test_an_ended_training_goes_on_as_if_it_had_not_ended(
    tmp_path: Path, file_bytes: FileBytes, done: int
) -> None:
    run(small(64 * done, gradient_steps_per_step=0.3), tmp_path / "two")
    run(small(64 * 6, gradient_steps_per_step=0.3), tmp_path / "two", resume=True)
    run(small(64 * 6, gradient_steps_per_step=0.3), tmp_path / "one")
    assert file_bytes(tmp_path / "one") == file_bytes(tmp_path / "two")


def test_another_seed_is_another_training(tmp_path: Path, file_bytes: FileBytes) -> None:
    other = small(128).model_copy(update={"seed": 1})
    run(small(128), tmp_path / "a")
    run(other, tmp_path / "b")
    assert file_bytes(tmp_path / "a") != file_bytes(tmp_path / "b")


def test_a_state_of_another_training_is_refused(tmp_path: Path) -> None:
    run(small(128), tmp_path)
    with pytest.raises(CorruptCheckpoint, match="does not fit this training"):
        run(small(256, num_cars=5), tmp_path, resume=True)
    for path in (tmp_path / "checkpoints" / "replay").iterdir():
        path.unlink()
    with pytest.raises(CorruptCheckpoint, match="remembered steps"):
        run(small(256), tmp_path, resume=True)


def test_a_clone_begins_with_what_was_learned(
    tmp_path: Path, learned: tuple[Path, list[IterationReport]]
) -> None:
    folder, reports = learned
    standing = small(128, learning_rate=1e-8)  # learns nothing to speak of
    start = checkpoint_path(folder, reports[-1].iteration)
    cloned = run(standing, tmp_path, initial=start)
    assert [report.mean_evaluation_progress for report in cloned] == [100.0, 100.0]


def test_a_list_of_actions_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    model = ModelSpec(network=Network.LIGHT, action_space=action_grid())
    with pytest.raises(InvalidSpec, match=r"SAC, which needs a continuous .* list of 21 actions"):
        list(train(model, small(), reward_source=REWARD, folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "variant",
    [
        {"critic": Critic.SEPARATE},
        {"critic": Critic.SEPARATE, "uses_bf16": True},
        {"loss_type": "huber", "num_cars": 1, "learns_alpha": True},
        {"gamma": 1.0, "scales_rewards": False},
        {"threads": 5, "num_cars": 2, "sac_alpha": 0.0},
        {"gradient_steps_per_step": 0.001},
    ],
    ids=lambda variant: "-".join(map(str, variant.values())),
)
def test_every_variant_trains(tmp_path: Path, variant: dict[str, Any]) -> None:
    whole = {name: variant[name] for name in ("uses_bf16", "threads") if name in variant}
    hyper = {name: value for name, value in variant.items() if name not in whole}
    reports = run(small(192, **hyper).model_copy(update=whole), tmp_path)
    for report in reports:
        if report.policy_loss is not None:
            assert np.isfinite([report.policy_loss, report.value_loss]).all()
    learnt = reports[-1].policy_loss is not None
    assert learnt == (hyper.get("gradient_steps_per_step", 1.0) > 0.01)
