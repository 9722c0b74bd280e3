"""What is on the track of new trainings: from a preset, a document, flags, or the cloned model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racecraft.domain.errors import InvalidSpec
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.models import create_model
from racecraft.service.settings import Settings
from racecraft.service.training_files import TrainingFile
from racecraft.service.trainings import plan_quickstart, plan_training, start

REWARD = "def reward_function(params):\n    return 1.0\n"
FOUR = RaceSpec(obstacles=ObstacleSpec(count=4, min_distance_m=3.0))


def quickstart(settings: Settings, preset: str, **given: Any) -> Any:
    wanted = {"reward": None, "track": None, "seed": 0, "name": None, **given}
    return plan_quickstart(settings, preset_name=preset, **wanted)


def test_a_preset_brings_its_race_its_track_and_its_reward(settings: Settings) -> None:
    plan = quickstart(settings, "boxes")
    assert plan.training.race == RaceSpec(type=RaceType.OBJECT_AVOIDANCE)
    assert [track.name for track in plan.training.tracks] == ["fox-hollow"]
    assert plan.reward_source == builtin_reward("avoid-objects")
    plain = quickstart(settings, "first-laps")
    assert plain.training.race == RaceSpec()
    assert [track.name for track in plain.training.tracks] == ["harbour-loop"]
    assert plain.reward_source == builtin_reward("progress")


def test_what_is_asked_for_wins_over_the_preset(settings: Settings) -> None:
    plan = quickstart(settings, "boxes", track="swallowtail", reward="progress")
    assert [track.name for track in plan.training.tracks] == ["swallowtail"]
    assert plan.reward_source == builtin_reward("progress")
    assert plan.training.race.has_objects


def test_flags_win_over_a_document_field_by_field(settings: Settings) -> None:
    written = TrainingFile(training={"race": {"obstacles": {"count": 4, "places": "even"}}})
    document = written.with_changes({}, {}, {}, {}, {"obstacles": {"count": 2}})
    plan = plan_training(settings, document)
    assert plan.training.race.obstacles == ObstacleSpec(count=2, places="even")


def test_a_clone_takes_the_race_over_and_changes_only_what_is_asked_for(settings: Settings) -> None:
    training = TrainingSpec(race=FOUR)
    folder = create_model(settings, ModelSpec(name="dodger"), training, reward_source=REWARD)
    checkpoint = folder / "checkpoints" / "0"
    checkpoint.mkdir(parents=True)
    (checkpoint / "policy.safetensors").write_bytes(b"weights")
    (checkpoint / "checkpoint.json").write_text(json.dumps({}))

    def clone(**race: Any) -> RaceSpec:
        document = TrainingFile().with_changes({}, {}, {}, {}, race)
        return plan_training(settings, document, clone_of="dodger").training.race

    assert clone() == FOUR
    assert clone(obstacles={"count": 2}).obstacles == ObstacleSpec(count=2, min_distance_m=3.0)
    assert clone(type="TIME_TRIAL") == RaceSpec()


def test_boxes_that_do_not_fit_on_the_track_are_refused_before_a_model_is_made(
    settings: Settings,
) -> None:
    crowded = {"race": {"obstacles": {"count": 10, "min_distance_m": 5.0}}}
    plan = plan_training(settings, TrainingFile(training=crowded))
    with pytest.raises(InvalidSpec, match="do not fit on pebble-oval"):
        start(settings, plan)
    assert not settings.models.exists()
