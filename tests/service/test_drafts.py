"""Drafts of models: kept as typed, checked field by field, made into a model."""

from __future__ import annotations

from typing import Any

import pytest

from racecraft.domain.errors import Conflict, InvalidInput, NotFound
from racecraft.domain.spec import TrackChoice
from racecraft.service.access import Actor, Role
from racecraft.service.drafts.beginnings import SHOWN, blank, of_clone, of_preset
from racecraft.service.drafts.faults import faults_of
from racecraft.service.drafts.records import CREATE, MOST, drop_draft, keep_draft, open_draft
from racecraft.service.drafts.sheet import Part, Sheet
from racecraft.service.drafts.wishes import is_as_preset, make, outlook, wished
from racecraft.service.model_folders import folder_of
from racecraft.service.models import load_model, load_training
from racecraft.service.people.person import local_actor
from racecraft.service.presets import preset
from racecraft.service.samples import give_samples
from racecraft.service.settings import Settings
from racecraft.service.store import Store

ANN, BOB = Actor("ann", Role.RACER), Actor("bob", Role.RACER)


def named(sheet: Sheet | None = None, **fields: Any) -> Sheet:
    return (sheet or blank()).changed(**{"name": "Thunder", **fields})


def told(store: Store, settings: Settings, sheet: Sheet, **how: Any) -> dict[str, str]:
    found = faults_of(store, settings, local_actor(store), sheet, **how)
    return {fault.field: fault.sentence for fault in found}


def test_a_draft_comes_back_as_it_was_typed_right_or_wrong(store: Store) -> None:
    sheet = named(name="no good!", minutes=None, tracks=(), part=Part.ACTIONS)
    keep_draft(store, ANN, CREATE, sheet, seen=None)
    found = open_draft(store, ANN, CREATE)
    assert found is not None
    assert found.read() == sheet
    assert open_draft(store, BOB, CREATE) is None
    drop_draft(store, ANN, CREATE)
    assert open_draft(store, ANN, CREATE) is None


def test_of_two_windows_the_second_to_write_is_told(store: Store) -> None:
    first = keep_draft(store, ANN, CREATE, named(), seen=None)
    keep_draft(store, ANN, CREATE, named(description="here"), seen=first)
    for seen in (first, None):
        with pytest.raises(Conflict, match="another window"):
            keep_draft(store, ANN, CREATE, named(description="there"), seen=seen)
    drop_draft(store, ANN, CREATE)
    with pytest.raises(Conflict, match="another window"):
        keep_draft(store, ANN, CREATE, named(), seen=first)


def test_drafts_do_not_grow_without_end(store: Store) -> None:
    for k in range(MOST + 5):
        keep_draft(store, ANN, f"clone-{k}", named(), seen=None)
    assert open_draft(store, ANN, "clone-0") is None
    assert open_draft(store, ANN, f"clone-{MOST + 4}") is not None


def test_a_draft_of_a_version_with_other_fields_is_left_aside(store: Store) -> None:
    made = keep_draft(store, ANN, CREATE, named(), seen=None)
    odd = made.model_copy(update={"sheet": {"tracks": "all of them"}})
    assert odd.read() is None


def test_what_nobody_has_touched_fits_once_it_has_a_name(store: Store, settings: Settings) -> None:
    assert told(store, settings, named()) == {}
    assert "give it one" in told(store, settings, named(name=" "))["name"]


@pytest.mark.parametrize("name", SHOWN)
def test_a_preset_fits_as_it_is_and_becomes_the_same_training(
    name: str, store: Store, settings: Settings
) -> None:
    sheet = named(of_preset(name, blank()))
    assert told(store, settings, sheet) == {}
    assert is_as_preset(sheet)
    wanted, known = wished(sheet), preset(name)
    training = wanted.document.training
    assert training["stop"].get("clean_laps") == known.training.stop.clean_laps
    assert training["stop"].get("env_steps") == known.training.stop.env_steps
    assert training["randomisation"] == known.training.randomisation.model_dump(mode="json")
    assert training["hyperparameters"] == known.training.hyperparameters.model_dump(mode="json")
    assert [TrackChoice(**track) for track in training["tracks"]] == list(known.training.tracks)
    assert training["evaluation_share"] == known.training.evaluation_share
    assert training.get("strict_laps", 0) == known.training.strict_laps
    assert not is_as_preset(sheet.changed(minutes=7))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "a b"}, "name", "letters, digits and hyphens"),
        ({"name": "x" * 65}, "name", "1 to 64"),
        ({"description": "x" * 256}, "description", "256 characters"),
        ({"tracks": ()}, "tracks", "tick at least one"),
        ({"tracks": (TrackChoice(name="nowhere"),)}, "tracks", "nowhere"),
        ({"tracks": (TrackChoice(name="../x"),)}, "tracks", "letters, digits"),
        ({"minutes": None}, "stop.minutes", "empty"),
        ({"minutes": 1441}, "stop.minutes", "up to 1440"),
        ({"minutes": 0}, "stop.minutes", "above 0"),
        ({"ending": "laps", "clean_laps": 51}, "stop.clean_laps", "from 1 to 50"),
        ({"ending": "laps", "clean_laps": 2.5}, "stop.clean_laps", "whole number"),
        ({"ending": "steps", "env_steps": None}, "stop.env_steps", "empty"),
        ({"reward_source": " "}, "reward", "take an example"),
        ({"reward_source": "#" * 100_001}, "reward", "at most 100000"),
        ({"vehicle_id": "gone"}, "vehicle_id", "choose another"),
        ({"action_kind": "discrete", "algorithm": "SAC"}, "action_kind", "continuous"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(
    changes: dict[str, Any], field: str, words: str, store: Store, settings: Settings
) -> None:
    found = told(store, settings, named(**changes))
    assert list(found) == [field]
    assert words in found[field]


def in_table(table: str, **values: Any) -> dict[str, Any]:
    """A change of some values of a table of the sheet."""
    return {table: {**getattr(blank(), table), **values}}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        (in_table("grid", max_steering_deg=31), "grid.max_steering_deg", "from 1 to 30"),
        (in_table("grid", max_speed_mps=None), "grid.max_speed_mps", "empty"),
        (in_table("grid", max_speed_mps=0.2), "grid.max_speed_mps", "at least 0.1"),
        (
            {"action_kind": "continuous", **in_table("ranges", speed_low=2.0)},
            "ranges.speed_high",
            "below the high end",
        ),
        (
            {"action_kind": "continuous", **in_table("ranges", angle_low=-45)},
            "ranges.angle_low",
            "from -30",
        ),
        (
            {"race_type": "OBJECT_AVOIDANCE", **in_table("boxes", count=11)},
            "boxes.count",
            "from 1 to 10",
        ),
        (
            {"race_type": "OBJECT_AVOIDANCE", **in_table("boxes", count=10, min_distance_m=5)},
            "boxes.count",
            "do not fit",
        ),
        (
            {"race_type": "OBJECT_AVOIDANCE", **in_table("boxes", places="somewhere")},
            "boxes.places",
            "0.25:inner",
        ),
        (
            {"race_type": "HEAD_TO_HEAD", **in_table("bots", speed_mps=9)},
            "bots.speed_mps",
            "from 0.1 to 4",
        ),
    ],
)
def test_what_does_not_fit_in_a_table_is_told_at_its_field(
    changes: dict[str, Any], field: str, words: str, store: Store, settings: Settings
) -> None:
    found = told(store, settings, named(**changes))
    assert list(found) == [field]
    assert words in found[field]


def test_hyperparameters_are_those_of_the_algorithm_that_is_chosen(
    store: Store, settings: Settings
) -> None:
    odd = {**blank().hyperparameters}
    odd["PPO"] = {**odd["PPO"], "num_epochs": 2, "learning_rate": None}
    found = told(store, settings, named(hyperparameters=odd))
    assert set(found) == {"hyperparameters.num_epochs", "hyperparameters.learning_rate"}
    assert "Epochs is 2" in found["hyperparameters.num_epochs"]
    sac = named(hyperparameters=odd, algorithm="SAC", action_kind="continuous")
    assert told(store, settings, sac) == {}


def test_a_list_that_is_edited_by_hand_is_checked_action_by_action(
    store: Store, settings: Settings
) -> None:
    rows = ({"steering_angle": 0, "speed": 1}, {"steering_angle": 31, "speed": None})
    found = told(store, settings, named(is_advanced=True, actions=rows))
    assert set(found) == {"actions.1.steering_angle", "actions.1.speed"}
    twice = ({"steering_angle": 0, "speed": 1},) * 2
    assert "both" in told(store, settings, named(is_advanced=True, actions=twice))["actions"]
    assert (
        "from 2 to 30"
        in told(store, settings, named(is_advanced=True, actions=twice[:1]))["actions"]
    )


def test_a_sheet_becomes_a_model_with_a_training_in_the_queue(
    store: Store, settings: Settings
) -> None:
    actor = local_actor(store)
    rows = ({"steering_angle": -10.0, "speed": 0.7}, {"steering_angle": 10.0, "speed": 0.9})
    sheet = named(is_advanced=True, actions=rows, tags=("a", "b"), network="LIGHT", minutes=3)
    made = make(store, settings, actor, wished(sheet), sheet.tags)
    folder = folder_of(settings, made.view.model)
    assert [a.speed for a in load_model(folder).action_space.actions] == [0.7, 0.9]  # type: ignore[union-attr]
    assert load_model(folder).network == "LIGHT"
    assert load_training(folder).stop.minutes == 3
    assert made.view.job is not None
    assert made.view.job.planned_s == 180
    assert "another name" in told(store, settings, named(name="THUNDER"))["name"]
    seen = outlook(store, actor, 3, slots=1)
    assert seen.ahead == 1
    assert seen.starts_in_s == pytest.approx(180)


def test_a_clone_begins_as_its_model_and_keeps_what_its_weights_need(
    store: Store, settings: Settings
) -> None:
    actor = local_actor(store)
    give_samples(store, settings, actor.person_id)
    from racecraft.service.collection import list_models

    models, _ = list_models(store, actor)
    sheet, parent = of_clone(store, settings, actor, models[0].model.id)
    assert sheet.name == f"{models[0].model.name}-clone"
    assert told(store, settings, sheet, parent=parent) == {}
    other = sheet.changed(is_advanced=True, actions=({"steering_angle": 0, "speed": 1},) * 1)
    assert "actions" in told(store, settings, other, parent=parent)
    fewer = sheet.changed(
        is_advanced=True,
        actions=({"steering_angle": 0, "speed": 1}, {"steering_angle": 1, "speed": 1}),
    )
    assert "keeps their number" in told(store, settings, fewer, parent=parent)["actions"]
    sac = sheet.changed(algorithm="SAC")
    assert "a clone keeps it" in told(store, settings, sac, parent=parent)["algorithm"]
    made = make(store, settings, actor, wished(sheet, parent), ())
    assert made.view.model.parent_id == models[0].model.id
    with pytest.raises(NotFound):
        of_clone(store, settings, BOB, models[0].model.id)
    fresh = make(store, settings, actor, wished(named(name="Untrained")), ())
    with pytest.raises(InvalidInput, match="train it"):
        of_clone(store, settings, actor, fresh.view.model.id)
