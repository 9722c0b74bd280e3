"""A policy at the wheel: what it sees, and how often it chooses what."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from racecraft.domain.hyperparameters import Critic
from racecraft.domain.spec import ModelSpec
from racecraft.sim.observations import Observations
from racecraft.sim.simulator import Simulator
from racecraft.sim.streams import make_streams
from racecraft.tracks.library import load_track
from racecraft.training.driving import SPARE, Driver
from racecraft.training.heads import make_head, sample_actions
from racecraft.training.networks import ActorCritic
from racecraft.training.trunk import Inputs

LOGITS = np.array([0.5, -1.0, 2.0, 0.0], np.float32)
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum()
ROWS = 40_000


def drawn(epsilon: float, rows: int = ROWS) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    actions, log_probs = np.zeros(rows, np.int64), np.zeros(rows)
    logits = np.tile(LOGITS, (rows, 1))
    sample_actions(logits, make_streams(3, rows), (0, rows), epsilon, actions, log_probs)
    return actions, log_probs


def shares(actions: NDArray[np.int64]) -> list[float]:
    return (np.bincount(actions, minlength=len(LOGITS)) / len(actions)).tolist()


def test_actions_are_drawn_as_often_as_the_policy_says() -> None:
    actions, log_probs = drawn(-1.0)
    assert shares(actions) == pytest.approx(PROBABILITIES.tolist(), abs=4 * 0.5 / ROWS**0.5)
    assert log_probs == pytest.approx(np.log(PROBABILITIES)[actions], abs=1e-6)


def test_one_stream_draws_as_often_as_the_policy_says() -> None:
    streams, logits = make_streams(3, 1), LOGITS[None]
    actions, log_probs = np.zeros(1, np.int64), np.zeros(1)
    counts = np.zeros(len(LOGITS))
    for _ in range(20_000):
        sample_actions(logits, streams, (0, 1), -1.0, actions, log_probs)
        counts[actions[0]] += 1
    assert (counts / counts.sum()).tolist() == pytest.approx(PROBABILITIES.tolist(), abs=0.015)


@pytest.mark.parametrize("epsilon", [0.05, 0.4, 1.0])
def test_e_greedy_is_uniform_for_its_share_and_greedy_for_the_rest(epsilon: float) -> None:
    actions, log_probs = drawn(epsilon)
    expected = np.full(4, epsilon / 4)
    expected[LOGITS.argmax()] += 1.0 - epsilon
    assert shares(actions) == pytest.approx(expected.tolist(), abs=4 * 0.5 / ROWS**0.5)
    assert log_probs == pytest.approx(np.log(PROBABILITIES)[actions], abs=1e-6)


def test_without_any_slips_the_best_action_is_always_taken() -> None:
    assert set(drawn(0.0, 500)[0].tolist()) == {2}


def test_very_large_outputs_are_no_problem() -> None:
    logits = np.array([[3e38, -3e38], [-1e5, 1e5]], np.float32)
    actions, log_probs = np.zeros(2, np.int64), np.zeros(2)
    sample_actions(logits, make_streams(0, 2), (0, 2), -1.0, actions, log_probs)
    assert actions.tolist() == [0, 1]
    assert log_probs.tolist() == [0.0, 0.0]


def test_only_the_rows_of_the_span_are_drawn_each_from_its_own_stream() -> None:
    logits = np.tile(LOGITS, (10, 1))
    all_at_once, alone = np.full(10, -1), np.full(10, -1)
    log_probs, streams = np.zeros(10), make_streams(8, 10)
    sample_actions(logits, streams, (0, 10), -1.0, all_at_once, log_probs)

    streams = make_streams(8, 10)
    sample_actions(logits[4:7], streams, (4, 7), -1.0, alone, np.zeros(10))

    assert alone[4:7].tolist() == all_at_once[4:7].tolist()
    assert set(alone[:4].tolist() + alone[7:].tolist()) == {-1}
    untouched = make_streams(8, 10)
    assert (streams == untouched).tolist() == [True] * 4 + [False] * 3 + [True] * 3


def cars(count: int, model: ModelSpec) -> Simulator:
    simulator = Simulator([load_track("thimble")], count, camera=model.camera, seed=1)
    for car in range(count):
        simulator.place_at(car, 1.3 * car, offset_m=0.02 * car, turn_rad=0.05 * car)
    return simulator


def an_actor(model: ModelSpec, uses_bf16: bool = False) -> ActorCritic:
    actor = ActorCritic(model, Critic.TRACK, uses_bf16=uses_bf16, seed=2)
    with torch.no_grad():
        actor.policy.head.weight.mul_(100)  # so that outputs differ from car to car
    return actor


def test_looking_for_some_rows_gives_what_looking_for_all_gives(model: ModelSpec) -> None:
    simulator = cars(11, model)
    driver = Driver(an_actor(model), make_head(model.action_space), simulator, 2, 11)
    frames = np.zeros((11, model.camera.height, model.camera.width), np.uint8)

    everything = driver.look(Observations(frames, None))
    some = driver.look_from(np.array([3, 4, 9]))
    grouped = driver.look_from(np.arange(2, 11), group=SPARE)

    assert everything.shape == (9, 3)
    assert np.ptp(everything, axis=0).min() > 1e-3
    assert frames[2:].any(axis=(1, 2)).all()
    assert not frames[:2].any()
    assert some == pytest.approx(everything[[1, 2, 7]], rel=1e-4, abs=1e-5)
    assert grouped == pytest.approx(everything, rel=1e-4, abs=1e-5)


def test_outputs_are_those_of_the_policy_for_the_car_s_picture(model: ModelSpec) -> None:
    simulator, actor = cars(2, model), an_actor(model)
    driver = Driver(actor, make_head(model.action_space), simulator, 0, 2)
    frames = np.zeros((2, model.camera.height, model.camera.width), np.uint8)
    found = driver.look(Observations(frames, None))
    simulator.render(frames, 0, 2)
    # Blocks of 4 x 4 pixels as channels, written out.
    grid = frames.reshape(2, 15, 4, 20, 4).transpose(0, 2, 4, 1, 3).reshape(2, 16, 15, 20)
    with torch.no_grad():
        expected = actor.policy(
            Inputs(torch.from_numpy(grid.astype(np.float32) / 255), None)
        ).numpy()
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("uses_bf16", [False, True], ids=["fp32", "bf16"])
def test_in_fixed_groups_no_car_s_outputs_depend_on_the_others(
    model: ModelSpec, uses_bf16: bool
) -> None:
    simulator = cars(13, model)
    driver = Driver(an_actor(model, uses_bf16), make_head(model.action_space), simulator, 0, 13)
    together = driver.look_from(np.arange(13), group=SPARE)
    for rows in ([0], [5], [12], [7, 3, 1], list(range(4, 13))):
        found = driver.look_from(np.array(rows), group=SPARE)
        assert found.tobytes() == together[rows].tobytes()


def test_commands_are_radians_and_metres_a_second(model: ModelSpec) -> None:
    commands = make_head(model.action_space).command(np.array([0, 1, 2]))
    assert commands[:, 0] == pytest.approx([-math.pi / 6, 0.0, math.pi / 6])
    assert commands[:, 1].tolist() == [1.0, 1.0, 1.0]
