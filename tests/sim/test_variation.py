"""What is drawn for an episode, and what it does to how a car drives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racecraft.domain.car import CarSpec, Grip
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.randomisation import SWITCHES, RandomisationSpec
from racecraft.sim.simulator import Simulator
from racecraft.sim.variation import COLUMN, COLUMNS, NEUTRAL, Variation, make_variation, vary
from tests.sim.circuits import stadium

PERIOD_S = 1.0 / CONTROL_HZ
TRACK = stadium()


def read(value: object) -> RandomisationSpec:
    return RandomisationSpec.model_validate(value)


def drawn(spec: object, cars: int = 50, seed: int = 0, episodes: int = 1) -> Variation:
    variation = make_variation(cars, read(spec), seed)
    for _ in range(episodes):
        for car in range(cars):
            vary(variation, car)
    return variation


def simulator(spec: object = None, cars: int = 1, **how: Any) -> Simulator:
    randomisation = None if spec is None else read(spec)
    return Simulator([TRACK], cars, randomisation=randomisation, **how)


def fixed(name: str, **values: float) -> dict[str, dict[str, tuple[float, float]]]:
    """A switch whose ranges hold one value each, and change nothing where none is given."""
    usual = {"grip": 1.0, "steering_gain": 1.0, "speed_gain": 1.0, "response": 1.0}
    fields = SWITCHES[name].model_fields
    chosen = {field: values.get(field, usual.get(field, 0.0)) for field in fields}
    return {name: {field: (value, value) for field, value in chosen.items()}}


def driven(spec: object, commands: list[tuple[float, float]], **how: Any) -> np.ndarray:
    """(T + 1, 7) states of a car that starts at the finish line and gets these commands."""
    world = simulator(spec, **how)
    world.vary(0)
    world.place_at(0, 0.0)
    states = [world.cars.state[0].copy()]
    for command in commands:
        world.step(np.array([command]), 0, 1)
        states.append(world.cars.state[0].copy())
    return np.array(states)


WEAVE = [(0.2 * np.sin(0.7 * k), 1.0 + 0.4 * np.cos(0.5 * k)) for k in range(20)]


def test_without_randomisation_nothing_is_kept_drawn_or_saved() -> None:
    plain, off = simulator(), simulator(RandomisationSpec())
    for world in (plain, off):
        assert [array.size for array in world.variation[:3]] == [0, 0, 0]
        assert not any(name.startswith("variation") for name in world.state_arrays())
    assert np.array_equal(driven(None, WEAVE), driven(RandomisationSpec(), WEAVE))


@given(st.sets(st.sampled_from(sorted(SWITCHES))), st.integers(0, 2**31 - 1))
@settings(max_examples=30, deadline=None)
def test_every_value_lies_in_its_range_and_is_neutral_where_its_switch_is_off(
    names: set[str], seed: int
) -> None:
    variation = drawn(sorted(names), seed=seed)
    for values in variation.values:
        assert (variation.ranges[:, 0] <= values).all()
        assert (values <= variation.ranges[:, 1]).all()
    off = variation.ranges[:, 0] == variation.ranges[:, 1]
    neutral = np.array([NEUTRAL.get(name, 0.0) for name in COLUMNS])
    assert (variation.ranges[off, 0] == neutral[off]).all()
    assert off.all() == (not names)


def test_the_whole_range_is_used_and_cars_and_episodes_differ() -> None:
    spec = {"light": {"brightness": [-40, 40]}}
    first, later = drawn(spec, cars=400), drawn(spec, cars=400, episodes=2)
    values = first.values[:, COLUMN["brightness"]]
    assert np.histogram(values, 8, (-40, 40))[0].min() > 20
    assert len(set(values)) == 400
    assert (values != later.values[:, COLUMN["brightness"]]).all()


def test_one_switch_leaves_the_draws_of_the_others_alone() -> None:
    alone, together = drawn(["friction"]), drawn("all")
    grip = COLUMN["grip"]
    assert np.array_equal(alone.values[:, grip], together.values[:, grip])


def test_a_car_s_draws_do_not_depend_on_how_many_there_are() -> None:
    few, many = drawn("all", cars=3), drawn("all", cars=11)
    assert np.array_equal(few.values, many.values[:3])
    world = simulator("all", cars=5)
    world.reseed(4, 77)
    other = simulator("all", cars=1)
    other.reseed(0, 77)
    world.vary(4)
    other.vary(0)
    assert np.array_equal(world.variation.values[4], other.variation.values[0])


def test_randomisation_leaves_the_other_luck_of_a_car_alone() -> None:
    plain, varied = simulator(cars=6, seed=5), simulator("all", cars=6, seed=5)
    for world in (plain, varied):
        world.restart(0, 6, jitter=0.5)
    assert np.array_equal(plain.cars.state, varied.cars.state)
    assert np.array_equal(plain.cars.streams, varied.cars.streams)
    assert not set(varied.variation.streams.tolist()) & set(plain.cars.streams.tolist())


def test_a_new_episode_draws_anew_and_one_that_goes_on_does_not() -> None:
    world = simulator("all", cars=2)
    world.restart(0, 2, jitter=0.0)
    before = world.variation.values.copy()
    world.step(np.ones((2, 2)) * 0.1, 0, 1)
    world.restart(0, 2, jitter=0.0)
    assert np.array_equal(world.variation.values, before)
    world.cars.status[0] = 3
    world.restart(0, 2, jitter=0.0)
    assert (world.variation.values[0] != before[0]).any()
    assert np.array_equal(world.variation.values[1], before[1])


def test_a_saved_state_goes_on_as_if_it_had_never_been_left() -> None:
    whole, left = simulator("all", cars=3), simulator("all", cars=3)
    commands = np.tile([0.1, 1.0], (3, 1))

    def drive(world: Simulator) -> None:
        for _ in range(30):
            world.restart(0, 3, jitter=0.3)
            world.step(commands, 0, 3)

    drive(whole)
    drive(left)
    resumed = simulator("all", cars=3, seed=9)
    resumed.load_state_arrays(left.state_arrays())
    drive(whole)
    drive(resumed)
    for name, array in whole.state_arrays().items():
        assert np.array_equal(array, resumed.state_arrays()[name]), name


@pytest.mark.parametrize("name", ["friction", "actuators", "latency"])
def test_ranges_that_hold_only_what_is_usual_change_nothing(name: str) -> None:
    assert np.array_equal(driven(fixed(name), WEAVE), driven(None, WEAVE))


def test_grip_is_that_of_a_car_with_such_tyres() -> None:
    factor = Grip.GRIPPY.lateral_mps2 / Grip.STANDARD.lateral_mps2
    varied = driven(fixed("friction", grip=factor), WEAVE)
    assert np.allclose(varied, driven(None, WEAVE, car=CarSpec(grip=Grip.GRIPPY)), atol=1e-9)


def test_gains_and_offset_act_on_the_commands() -> None:
    spec = fixed("actuators", steering_gain=1.2, steering_offset_deg=3.0, speed_gain=0.8)
    changed = [(1.2 * a + np.radians(3.0), 0.8 * v) for a, v in WEAVE]
    assert np.allclose(driven(spec, WEAVE), driven(None, changed), atol=1e-12)


def test_a_slow_response_reaches_the_same_speed_later() -> None:
    straight = [(0.0, 1.0)] * 20
    quick, slow = driven(None, straight), driven(fixed("actuators", response=3.0), straight)
    assert slow[1, 3] < 0.8 * quick[1, 3]
    assert slow[-1, 3] == pytest.approx(quick[-1, 3], abs=0.01)


@pytest.mark.parametrize("late", [1, 2, 3])
def test_a_delay_of_whole_periods_gives_the_commands_before(late: int) -> None:
    delayed = driven(fixed("latency", delay_s=late * PERIOD_S), WEAVE)
    assert np.allclose(delayed[late:], driven(None, WEAVE)[:-late], atol=1e-12)
    assert (delayed[: late + 1, 3] == 0.0).all()


def test_a_delay_of_part_of_a_period_lies_in_between() -> None:
    straight = [(0.0, 1.0)] * 10
    on_time, late = driven(None, straight), driven(fixed("latency", delay_s=PERIOD_S), straight)
    between = driven(fixed("latency", delay_s=0.5 * PERIOD_S), straight)
    assert (late[1:, 0] < between[1:, 0]).all()
    assert (between[1:, 0] < on_time[1:, 0]).all()
    # At a steady speed the car is half a period's way behind.
    assert on_time[-1, 0] - between[-1, 0] == pytest.approx(0.5 * PERIOD_S * 1.03, rel=0.01)


def test_the_reward_inputs_tell_what_was_commanded_not_what_became_of_it() -> None:
    world = simulator("all")
    world.vary(0)
    world.place_at(0, 0.0)
    world.step(np.array([[0.25, 1.5]]), 0, 1)
    assert world.inputs.params(0)["speed"] == 1.5
    assert world.inputs.params(0)["steering_angle"] == pytest.approx(np.degrees(0.25))
