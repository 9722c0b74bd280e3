"""Trained models on one track at once: laps, penalties, overtakes, ranking, records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from racecraft.domain.action_space import Action, DiscreteActionSpace
from racecraft.domain.car import CarSpec, Grip, Response
from racecraft.domain.duel import DuelSpec, Standing
from racecraft.domain.episode import EpisodeStatus, Step
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import ModelSpec, Network
from racecraft.tracks.library import load_track
from racecraft.training.checkpoint import checkpoint_path, save_policy
from racecraft.training.duel import Duel, DuelResult, Entry
from racecraft.training.networks import ActorCritic

ROUND, OUT = 6.3, 0.0
Race = Callable[..., DuelResult]


def model_of(steering_deg: float, speed_mps: float, **fields: Any) -> ModelSpec:
    """A model that only ever does one thing."""
    actions = tuple(Action(steering_angle=steering_deg, speed=v) for v in (speed_mps, 0.5))
    space = DiscreteActionSpace(actions=actions)
    return ModelSpec(**{"network": Network.LIGHT, "action_space": space, **fields})


@pytest.fixture
def entry(tmp_path: Path) -> Callable[..., Entry]:
    """`entry(name, steering, speed)` is a model with a checkpoint that does just that."""

    def make(name: str, steering_deg: float, speed_mps: float, **fields: Any) -> Entry:
        model = model_of(steering_deg, speed_mps, **fields)
        actor = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=0)
        with torch.no_grad():
            actor.policy.head.weight.zero_()
            actor.policy.head.bias.copy_(torch.tensor([1.0, 0.0]))
        save_policy(tmp_path / name, 1, actor.policy, {"uses_bf16": False})
        return Entry(name, model, checkpoint_path(tmp_path / name, 1))

    return make


@pytest.fixture
def race(ring_file: Path) -> Race:
    def run(*entries: Entry, **rules: Any) -> DuelResult:
        spec = DuelSpec(**{"laps": 2, **rules})
        return Duel(entries, load_track(str(ring_file)), spec).drive()

    return run


def result_rows(result: DuelResult) -> tuple[tuple[Standing, ...], tuple[list[Step], ...]]:
    return result.standings, result.steps


def test_the_faster_car_wins_and_its_laps_add_up(entry: Any, race: Race) -> None:
    result = race(entry("slow", ROUND, 1.0), entry("fast", ROUND, 1.5))
    first, second = result.standings
    assert (first.name, second.name) == ("fast", "slow")
    assert [one.rank for one in result.standings] == [1, 2]
    assert first.total_ms == sum(first.lap_times_ms)
    assert len(first.lap_times_ms) == len(second.lap_times_ms) == 2
    assert first.status is EpisodeStatus.LAP_COMPLETE
    assert first.total_ms == pytest.approx(2000 * 2 * np.pi * 3 / (1.5 * 1.03), rel=0.06)
    assert result.steps[0][-1].is_done
    assert [len(steps) for steps in result.steps] == [len(each) for each in result.objects]


def test_the_same_race_twice_is_the_same_to_the_millisecond(entry: Any, race: Race) -> None:
    cars = [entry("a", ROUND, 1.2), entry("b", ROUND, 1.6), entry("c", OUT, 1.0)]
    first, second = race(*cars), race(*cars)
    assert first.standings == second.standings
    assert first.steps == second.steps
    for a, b in zip(first.objects, second.objects, strict=True):
        assert np.array_equal(a, b)


def test_leaving_the_track_costs_a_reset_and_the_penalty(entry: Any, race: Race) -> None:
    cars = entry("round", ROUND, 0.5), entry("out", OUT, 1.5)
    result = race(*cars, laps=1, max_resets=2, off_track_penalty_s=3.0)
    loser = result.standings[1]
    assert (loser.name, loser.status, loser.off_tracks) == ("out", EpisodeStatus.OFF_TRACK, 3)
    pauses = [step for step in result.steps[1] if step.status is EpisodeStatus.PAUSE]
    assert len(pauses) == 2 * 45
    assert result.standings[0].off_tracks == 0


def test_all_cars_keep_the_same_clock(entry: Any, race: Race) -> None:
    cars = entry("round", ROUND, 1.0), entry("out", OUT, 1.5)
    result = race(*cars, max_resets=2, laps=1)
    times = [np.array([step.time_s for step in steps]) for steps in result.steps]
    both = min(map(len, times))
    assert np.allclose(times[0][:both], times[1][:both])


def test_the_car_that_runs_into_another_waits_in_place(entry: Any, race: Race) -> None:
    # The first and the third stand in the same lane, so the third comes up behind the first.
    cars = entry("slow", ROUND, 0.3), entry("away", ROUND, 1.5), entry("fast", ROUND, 1.5)
    result = race(*cars, laps=1)
    found = {one.name: (one, steps) for one, steps in zip(*result_rows(result), strict=True)}
    fast, rows = found["fast"]
    assert fast.crashes >= 1
    assert found["slow"][0].crashes == 0
    hit = next(k for k, step in enumerate(rows) if step.status is EpisodeStatus.CRASHED)
    waits = rows[hit + 1 : hit + 1 + 75]
    assert {step.status for step in waits} == {EpisodeStatus.PAUSE}
    assert rows[hit + 76].status is not EpisodeStatus.PAUSE
    assert {(step.x_m, step.y_m) for step in waits} == {(rows[hit].x_m, rows[hit].y_m)}
    assert fast.status is EpisodeStatus.LAP_COMPLETE


def test_getting_ahead_of_a_car_that_drives_is_an_overtake(entry: Any, race: Race) -> None:
    result = race(entry("slow", ROUND, 0.5), entry("fast", ROUND, 1.5), laps=1)
    overtakes = {one.name: one.overtakes for one in result.standings}
    assert overtakes == {"fast": 1, "slow": 0}


def test_models_with_other_networks_sensors_and_actions_race_each_other(
    entry: Any, race: Race
) -> None:
    cars = [
        entry("light", ROUND, 1.0),
        entry("shallow", ROUND, 1.3, network=Network.SHALLOW),
        entry("lidar", ROUND, 1.6, sensors=(Sensor.STEREO_CAMERAS, Sensor.LIDAR)),
    ]
    result = race(*cars, laps=1)
    assert len(result.standings) == 3


def test_a_drawn_grid_follows_from_the_seed(entry: Any, race: Race) -> None:
    cars = [entry(name, ROUND, 1.0) for name in "abc"]
    grids = {
        seed: tuple(
            one.name
            for one in sorted(
                race(*cars, laps=1, draws_grid=True, seed=seed).standings,
                key=lambda one: one.grid_place,
            )
        )
        for seed in range(4)
    }
    assert len(set(grids.values())) > 1
    given = race(*cars, laps=1).standings
    assert [one.name for one in sorted(given, key=lambda one: one.grid_place)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "designs",
    # Round this bend so fast that not all tyres hold.
    [[CarSpec(grip=grip) for grip in Grip], [CarSpec(response=r) for r in list(Response)[1:]]],
    ids=["tyres", "responses"],
)
def test_each_model_drives_with_its_own_tyres_and_response(
    entry: Any, race: Race, designs: list[CarSpec]
) -> None:
    cars = [entry(name, ROUND, 3.5, car=car) for name, car in zip("abc", designs, strict=True)]

    def front_row(result: DuelResult) -> list[tuple[float, float]]:
        place = [one.grid_place for one in result.standings].index(1)
        return [(step.x_m, step.y_m) for step in result.steps[place][:20]]

    among_others = [front_row(race(each, *cars, laps=1)) for each in cars]
    among_its_like = [front_row(race(each, each, laps=1)) for each in cars]
    assert among_others == among_its_like
    assert len({tuple(path) for path in among_its_like}) == 3


def test_cars_of_different_shapes_do_not_race_each_other(entry: Any, race: Race) -> None:
    other = entry("b", ROUND, 1.0, car=CarSpec(wheelbase_m=0.2))
    with pytest.raises(InvalidSpec, match="differ in more than grip and response"):
        race(entry("a", ROUND, 1.0), other)
