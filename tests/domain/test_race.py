"""What is on the track: a race is filled in, checked and changed in one place."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from racecraft.domain.bots import BotSpec
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceSpec, RaceType, merged_race

SIX = ObstacleSpec()


def test_a_race_is_a_time_trial_unless_something_else_is_asked_for() -> None:
    assert RaceSpec() == RaceSpec(type=RaceType.TIME_TRIAL, obstacles=None)
    assert not RaceSpec().has_objects


@pytest.mark.parametrize(
    "fields",
    [
        {"type": RaceType.OBJECT_AVOIDANCE},
        {"type": "object-avoidance"},
        {"obstacles": {}},
        {"type": None, "obstacles": {"count": 6}},
        {"type": "OBJECT_AVOIDANCE", "obstacles": SIX},
    ],
)
def test_the_type_brings_its_boxes_and_boxes_bring_their_type(fields: dict[str, Any]) -> None:
    race = RaceSpec.model_validate(fields)
    assert race == RaceSpec(type=RaceType.OBJECT_AVOIDANCE, obstacles=SIX)
    assert race.has_objects
    assert RaceSpec.model_validate_json(race.model_dump_json()) == race


def test_boxes_in_a_race_without_boxes_are_refused() -> None:
    with pytest.raises(ValidationError, match="in which there are no obstacles"):
        RaceSpec(type=RaceType.TIME_TRIAL, obstacles=SIX)


def test_a_head_to_head_race_has_bot_cars_and_nothing_else() -> None:
    race = RaceSpec.model_validate({"type": "head-to-head"})
    assert race == RaceSpec.model_validate({"bots": {}})
    assert race.bots == BotSpec()
    with pytest.raises(ValidationError, match="in which there are no obstacles"):
        RaceSpec.model_validate({"type": "HEAD_TO_HEAD", "obstacles": {}})
    with pytest.raises(ValidationError, match="in which there are no bots"):
        RaceSpec.model_validate({"type": "OBJECT_AVOIDANCE", "bots": {}})


@pytest.mark.parametrize(
    ("race", "words"),
    [
        ({}, "time trial"),
        ({"obstacles": {}}, "object avoidance, 6 boxes at random places"),
        ({"obstacles": {"places": "even", "count": 1}}, "object avoidance, 1 box evenly spaced"),
        ({"obstacles": {"places": "0.5:inner"}}, "object avoidance, 1 box at given places"),
        ({"bots": {"speed_mps": 0.5}}, "head-to-head, 3 bot cars at 0.5 m/s"),
        (
            {"bots": {"count": 1, "changes_lanes": True}},
            "head-to-head, 1 bot car at 0.2 m/s, changing lanes",
        ),
    ],
)
def test_a_race_is_told_in_a_few_words(race: dict[str, Any], words: str) -> None:
    assert RaceSpec.model_validate(race).summary == words


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, {"count": 4, "places": "even", "min_distance_m": 3.0}),
        ({"type": "object-avoidance"}, {"count": 4, "places": "even", "min_distance_m": 3.0}),
        (
            {"obstacles": {"count": 2}},
            {"count": 2, "places": "even", "min_distance_m": 3.0},
        ),
        (
            {"obstacles": {"places": "0.5:outer"}},
            {"count": 4, "places": "0.5:outer", "min_distance_m": 3.0},
        ),
    ],
)
def test_a_change_keeps_the_rest_of_the_race(
    changes: dict[str, Any], wanted: dict[str, Any]
) -> None:
    old = RaceSpec(obstacles=ObstacleSpec(count=4, places="even", min_distance_m=3.0))
    changed = RaceSpec.model_validate(merged_race(old, changes))
    assert changed == RaceSpec.model_validate({"obstacles": wanted})
    # A document as it was written is changed just so.
    written = {"obstacles": {"count": 4, "places": "even", "min_distance_m": 3.0}}
    assert RaceSpec.model_validate(merged_race(written, changes)) == changed


def test_another_type_begins_afresh() -> None:
    old = RaceSpec(obstacles=ObstacleSpec(count=4))
    plain = RaceSpec.model_validate(merged_race(old, {"type": "TIME_TRIAL"}))
    assert plain == RaceSpec()
    again = RaceSpec.model_validate(merged_race(plain, {"obstacles": {"places": "even"}}))
    assert again == RaceSpec(obstacles=ObstacleSpec(places="even"))


def test_a_new_number_of_boxes_wins_over_places_that_were_given_before() -> None:
    old = RaceSpec.model_validate({"obstacles": {"places": "0.2:inner,0.5:outer"}})
    changed = RaceSpec.model_validate(merged_race(old, {"obstacles": {"count": 4}}))
    assert changed.obstacles == ObstacleSpec(count=4)


def test_a_change_that_contradicts_itself_is_refused() -> None:
    merged = merged_race(RaceSpec(), {"type": "TIME_TRIAL", "obstacles": {"count": 4}})
    with pytest.raises(ValidationError, match="in which there are no obstacles"):
        RaceSpec.model_validate(merged)
