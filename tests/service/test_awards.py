"""Awards are read off from records and lap tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from racecraft.service.access import Actor, Role
from racecraft.service.awards import Award, awards_of
from racecraft.service.making import NewModel, make_model
from racecraft.service.model_folders import folder_of
from racecraft.service.people.person import local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from racecraft.service.track_choices import chosen_tracks
from racecraft.service.training_files import TrainingFile
from tests.service.conftest import Clock
from tests.service.test_community_races import DAY_S, arrange, enter, lap, person

LAP, OFF = "Lap complete", "Off track"


def drive(folder: Path, stamp: str, *laps: tuple[str, int, int]) -> None:
    """Write the lap table of an evaluation: status, milliseconds and resets of each lap."""
    items = [
        {
            "trial": number,
            "episode_status": status,
            "elapsed_time_in_milliseconds": time_ms,
            "completion_percentage": 100 if status == LAP else 40,
            "metric_time": time_ms,
            "start_time": 0,
            "off_track_count": resets,
            "crash_count": 0,
            "reversed_count": 0,
            "immobilized_count": 0,
            "reset_count": resets,
        }
        for number, (status, time_ms, resets) in enumerate(laps, 1)
    ]
    path = folder / "metrics" / "evaluation" / f"evaluation-{stamp}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"metrics": items}))


@pytest.fixture
def folder(store: Store, settings: Settings) -> Path:
    document = TrainingFile(model={"name": "driver"})
    wanted = NewModel(document, starts=False)
    return folder_of(settings, make_model(store, settings, local_actor(store), wanted).view.model)


def earned(store: Store, settings: Settings) -> dict[str, Award]:
    found = awards_of(store, settings, local_actor(store), "local")
    return {award.key: award for award in found if award.earned_at_s is not None}


def test_who_has_done_nothing_yet_has_joined(store: Store, settings: Settings) -> None:
    assert set(earned(store, settings)) == {"grid"}


def test_a_track_in_both_directions_is_one_track_for_a_traveller(
    store: Store, settings: Settings
) -> None:
    for k, track in enumerate(("thimble", "thimble:reversed", "milk-run")):
        tracks = [choice.model_dump() for choice in chosen_tracks([track])]
        document = TrainingFile(model={"name": f"car-{k}"}, training={"tracks": tracks})
        make_model(store, settings, local_actor(store), NewModel(document, starts=False))
    assert "traveller" not in earned(store, settings)


def test_a_lap_with_a_reset_is_a_lap_but_not_clean(
    store: Store, settings: Settings, folder: Path
) -> None:
    drive(folder, "20261101120000", (LAP, 20_000, 1), (OFF, 5_000, 1))
    assert {"lap"} <= set(earned(store, settings))
    assert not {"clean", "five", "best"} & set(earned(store, settings))


def test_the_first_one_dates_an_award_and_the_fastest_one_is_the_best(
    store: Store, settings: Settings, folder: Path
) -> None:
    drive(folder, "20261101120000", (LAP, 20_000, 0))
    drive(folder, "20261102120000", *[(LAP, 18_733 + k, 0) for k in range(5)])
    found = earned(store, settings)
    assert found["clean"].earned_at_s == found["lap"].earned_at_s == 1_793_534_400.0
    assert found["five"].earned_at_s == found["best"].earned_at_s == 1_793_620_800.0
    assert found["best"].figure == "00:18.733"


def test_four_clean_laps_of_five_are_no_clean_five(
    store: Store, settings: Settings, folder: Path
) -> None:
    drive(folder, "20261101120000", *[(LAP, 18_000, 0)] * 4, (OFF, 3_000, 1))
    assert "five" not in earned(store, settings)


def test_a_damaged_lap_table_takes_no_other_award_away(
    store: Store, settings: Settings, folder: Path
) -> None:
    drive(folder, "20261101120000", (LAP, 20_000, 0))
    (folder / "metrics" / "evaluation" / "evaluation-20261103120000.json").write_text("{")
    assert {"grid", "lap", "clean", "best"} == set(earned(store, settings))


def test_a_race_is_won_by_whoever_leads_when_it_closes(
    store: Store, settings: Settings, clock: Clock
) -> None:
    olga, rob = person(store, "olga", Role.ORGANISER), person(store, "rob")
    race = arrange(store, settings, olga, clock)
    enter(store, settings, race, olga, lap(9_000), lap(9_000), lap(9_000))
    enter(store, settings, race, rob, lap(8_000), lap(8_000), lap(8_000))

    def keys(actor: Actor) -> set[str]:
        found = awards_of(store, settings, actor, actor.person_id)
        return {award.key for award in found if award.earned_at_s is not None}

    assert "race" in keys(rob)
    assert "winner" not in keys(rob)
    clock.now_s += 2 * DAY_S
    assert "winner" in keys(rob)
    assert "winner" not in keys(olga)
