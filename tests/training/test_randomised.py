"""Training and evaluating with domain randomisation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from racecraft.domain.randomisation import SWITCHES, RandomisationSpec
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.training.checkpoint import load_state
from racecraft.training.evaluate import evaluate
from racecraft.training.ppo import train

REWARD = builtin_reward("centre-line")
Small = Callable[..., TrainingSpec]
FileBytes = Callable[[Path], dict[str, bytes]]


def drawing(training: TrainingSpec, *names: str) -> TrainingSpec:
    spec = RandomisationSpec.model_validate(list(names))
    return training.model_copy(update={"randomisation": spec})


def run(model: ModelSpec, training: TrainingSpec, folder: Path, *, resume: bool = False) -> None:
    list(train(model, training, reward_source=REWARD, folder=folder, resume=resume))


def test_a_training_goes_on_as_if_it_had_never_been_left(
    tmp_path: Path, model: ModelSpec, small: Small, file_bytes: FileBytes
) -> None:
    run(model, drawing(small(64 * 4), "all"), tmp_path / "whole")
    run(model, drawing(small(64 * 2), "all"), tmp_path / "left")
    run(model, drawing(small(64 * 4), "all"), tmp_path / "left", resume=True)
    assert file_bytes(tmp_path / "left") == file_bytes(tmp_path / "whole")
    arrays, _ = load_state(tmp_path / "left")
    assert {"cars.variation_values", "cars.variation_streams"} < set(arrays)


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_changes_what_is_learned_and_none_of_them_nothing(
    tmp_path: Path, model: ModelSpec, small: Small, file_bytes: FileBytes, name: str
) -> None:
    run(model, small(128), tmp_path / "plain")
    run(model, drawing(small(128)), tmp_path / "off")
    run(model, drawing(small(128), name), tmp_path / "on")
    assert file_bytes(tmp_path / "off") == file_bytes(tmp_path / "plain")
    assert file_bytes(tmp_path / "on") != file_bytes(tmp_path / "plain")


def test_greedy_laps_are_never_randomised_unless_asked_for(
    ring_model: ModelSpec, ring_file: Path, one_action_checkpoint: Callable[[int], Path]
) -> None:
    checkpoint, track = one_action_checkpoint(0), TrackChoice(name=str(ring_file))

    def times(*names: str, seed: int = 0) -> list[int]:
        drawn = RandomisationSpec.model_validate(list(names))
        spec = EvaluationSpec(track=track, trials=4, seed=seed, randomisation=drawn)
        return [trial.time_ms for trial in evaluate(ring_model, checkpoint, spec).trials]

    assert len(set(times())) == 1
    assert len(set(times("actuators"))) == 4
    assert times("actuators") == times("actuators")
    assert times("actuators") != times("actuators", seed=1)
