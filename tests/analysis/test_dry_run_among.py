"""Dry runs among boxes and bot cars: what is drawn, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from racecraft.analysis.dry_run import Lap, Mark, Speeds, drawn_laps, dry_run
from racecraft.analysis.figures.reward_map import draw_reward_map
from racecraft.domain.car import CarSpec
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.race import RaceSpec
from racecraft.domain.reward import COLUMN, OBJECT_COLUMN
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from tests.analysis.recordings import HARBOUR, source

BOXES = RaceSpec.model_validate({"type": "OBJECT_AVOIDANCE"})
BOTS = RaceSpec.model_validate({"type": "HEAD_TO_HEAD"})
NAMES = ["slow", "fast", "crash", "hit"]


def laps_of(race: RaceSpec, name: str = "harbour-loop", **how: bool) -> dict[str, Lap]:
    laps = drawn_laps(load_track(name, **how), Speeds(), None, race)
    return {lap.name: lap for lap in laps}


def last(lap: Lap, name: str) -> float:
    return float(lap.rows[-1, COLUMN[name]])


@pytest.mark.parametrize("race", [BOXES, BOTS], ids=["boxes", "bots"])
@pytest.mark.parametrize("is_reversed", [False, True], ids=["forward", "reversed"])
@pytest.mark.parametrize("name", ["harbour-loop", "lantern-alley", "needle-eye"])
def test_laps_go_round_everything_but_the_one_that_does_not(
    name: str, is_reversed: bool, race: RaceSpec
) -> None:
    laps = laps_of(race, name, is_reversed=is_reversed)

    assert list(laps) == NAMES
    for kind in ("slow", "fast"):
        assert laps[kind].is_complete
        assert not laps[kind].rows[:, COLUMN["is_crashed"]].any()
        assert not laps[kind].rows[:, COLUMN["is_offtrack"]].any()
    assert (last(laps["crash"], "is_offtrack"), last(laps["crash"], "is_crashed")) == (1, 0)
    assert (last(laps["hit"], "is_offtrack"), last(laps["hit"], "is_crashed")) == (0, 1)
    assert not laps["hit"].rows[:-1, COLUMN["is_crashed"]].any()


def test_the_places_of_boxes_are_those_of_the_simulator() -> None:
    even = RaceSpec.model_validate({"obstacles": {"places": "even"}})
    sim = Simulator([HARBOUR], num_cars=1, seed=3, obstacles=even.obstacles)
    sim.place_objects(0)
    sim.place_at(0, 0.5)
    drawn = laps_of(even)["fast"].objects
    assert drawn is not None
    told = sim.objects.rows[0]

    np.testing.assert_allclose(drawn[0, :, :2], told[:, :2], atol=0.03)
    for name in ("distance_m", "distance_from_center_m", "speed_mps", "is_left_of_center"):
        column = OBJECT_COLUMN[name]
        np.testing.assert_allclose(drawn[0, :, column], told[:, column], atol=0.03)


def test_bot_cars_drive_on_while_the_car_does() -> None:
    lap = laps_of(BOTS)["slow"]
    assert lap.objects is not None
    seconds = (len(lap) - 1) / 15
    along = lap.objects[:, :, OBJECT_COLUMN["distance_m"]]
    moved = np.mod(along[-1] - along[0], HARBOUR.length_m)

    np.testing.assert_allclose(moved, (0.2 * seconds) % HARBOUR.length_m, atol=0.1)
    assert (lap.objects[:, :, OBJECT_COLUMN["speed_mps"]] == 0.2).all()


def test_who_cannot_catch_up_runs_into_nothing() -> None:
    race = RaceSpec.model_validate({"bots": {"speed_mps": 2.0}})
    assert list(laps_of(race)) == NAMES[:-1]


def test_boxes_that_do_not_fit_are_refused() -> None:
    race = RaceSpec.model_validate({"obstacles": {"count": 10, "min_distance_m": 9}})
    with pytest.raises(InvalidSpec, match="do not fit"):
        drawn_laps(HARBOUR, Speeds(), CarSpec(), race)


@pytest.mark.parametrize("race", [BOXES, BOTS], ids=["boxes", "bots"])
def test_a_function_that_pays_for_running_into_things_is_told_apart(
    race: RaceSpec, tmp_path: Path
) -> None:
    laps = drawn_laps(HARBOUR, Speeds(), CarSpec(), race)
    clean = source("-30.0 if p['is_crashed'] or p['is_offtrack'] else p['speed']")
    keen = source("500.0 if p['is_crashed'] else p['speed'] * (not p['is_offtrack'])")

    good = dry_run(clean, HARBOUR, laps=laps)
    bad = dry_run(keen, HARBOUR, laps=laps)

    said = [one.message for one in good.verdict if one.mark is Mark.GOOD]
    assert any(text.startswith("Running into something costs") for text in said)
    assert "running into something" in [one.subject for one in bad.verdict]
    assert "running into something" in bad.headline
    assert len(good.as_json()["boxes"]) == (6 if race is BOXES else 0)
    draw_reward_map(good, tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_a_function_is_told_of_the_objects_of_every_step() -> None:
    laps = drawn_laps(HARBOUR, Speeds(), CarSpec(), BOXES)
    near = (
        "min(abs(p['objects_distance'][k] - p['projection_distance']) for k in range(6))"
        " if len(p['objects_location']) == 6 else -1.0"
    )
    run = dry_run(source(near), HARBOUR, laps=laps)
    fast = next(paid for paid in run.laps if paid.lap.name == "fast")

    assert fast.rewards.min() < 0.1
    assert fast.rewards.max() > 0.5
