"""What a person may write about bot cars, and what they are told when it does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from racecraft.domain.bots import BotSpec, refuse_crowded_bots
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.obstacles import INNER, OUTER
from tests.sim.circuits import stadium


def test_three_slow_bots_at_random_places_are_the_default() -> None:
    spec = BotSpec()
    assert spec.is_random
    assert (spec.count, spec.speed_mps, spec.changes_lanes) == (3, 0.2, False)


def test_a_spec_survives_its_file() -> None:
    spec = BotSpec(count=4, speed_mps=0.5, places="even", changes_lanes=True)
    assert BotSpec.model_validate_json(spec.model_dump_json()) == spec


def test_evenly_spaced_bots_go_from_the_least_distance_to_a_metre_before_the_line() -> None:
    track = stadium()
    places = BotSpec(count=4, places="even").fixed_places(track)
    assert places[:, 0] == pytest.approx(np.linspace(2.0, track.length_m - 1.0, 4))
    assert places[:, 1].tolist() == [INNER, OUTER, INNER, OUTER]


def test_bots_that_do_not_fit_on_the_track_are_refused() -> None:
    refuse_crowded_bots(None, [stadium()])
    refuse_crowded_bots(BotSpec(count=6), [stadium()])
    with pytest.raises(InvalidSpec, match=r"6 bot cars at least 5 m apart .* at most 4"):
        refuse_crowded_bots(BotSpec(count=6, min_distance_m=5.0), [stadium()])


def test_a_longest_wait_below_the_shortest_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"is 2 s, shorter than the shortest \(4 s\)"):
        BotSpec(lane_change_min_s=4.0, lane_change_max_s=2.0)


@pytest.mark.parametrize("fields", [{"count": 7}, {"speed_mps": 0.05}, {"places": "0.2:inner"}])
def test_values_out_of_range_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BotSpec.model_validate(fields)
