"""Short words for tracks: what they stand for, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from racecraft.domain.errors import InvalidInput, InvalidSpec
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import TrackChoice, check_training_fits
from racecraft.service.settings import Settings
from racecraft.service.track_choices import chosen_tracks, kept_track, track_words
from racecraft.service.tracks import export_track, import_track
from racecraft.service.training_files import TrainingFile
from racecraft.service.trainings import plan_quickstart, plan_training
from racecraft.tracks.library import shipped_names


def names(*wanted: object, **how: bool) -> list[str]:
    return [str(choice) for choice in chosen_tracks(wanted, **how)]


def test_a_word_is_a_name_and_perhaps_a_direction() -> None:
    assert names("thimble", "milk-run:reversed") == ["thimble", "milk-run (reversed)"]
    assert names("thimble:both") == ["thimble", "thimble (reversed)"]
    assert names("thimble:normal") == ["thimble"]


@pytest.mark.parametrize(
    ("name", "is_reversed", "words"),
    [
        ("harbour-loop", False, "Harbour Loop"),
        ("harbour-loop", True, "Harbour Loop, reversed"),
        ("our-hall", True, "our-hall, reversed"),
    ],
)
def test_people_read_the_title_of_a_track(name: str, is_reversed: bool, words: str) -> None:
    choice = TrackChoice(name=name, is_reversed=is_reversed)
    assert track_words(choice) == track_words(str(choice)) == words
    assert kept_track(str(choice)) == choice


def test_all_stands_for_every_shipped_track() -> None:
    assert names("all") == list(shipped_names())
    assert names("all:reversed") == [f"{name} (reversed)" for name in shipped_names()]
    assert len(names("all:both")) == 2 * len(shipped_names())


def test_what_is_named_twice_is_taken_once_and_keeps_its_place() -> None:
    found = names("thimble", "all", "thimble")
    assert found[0] == "thimble"
    assert sorted(found) == sorted(shipped_names())


def test_both_directions_and_turning_round_go_for_every_word() -> None:
    assert names("thimble:reversed", "milk-run", both_directions=True) == [
        "thimble",
        "thimble (reversed)",
        "milk-run",
        "milk-run (reversed)",
    ]
    assert names("thimble:reversed", "milk-run", is_reversed=True) == [
        "thimble",
        "milk-run (reversed)",
    ]


def test_tables_and_choices_mix_with_words() -> None:
    table, choice = {"name": "thimble", "is_reversed": True}, TrackChoice(name="milk-run")
    assert names(table, choice, "milk-run") == ["thimble (reversed)", "milk-run"]
    with pytest.raises(InvalidSpec, match="no field direction"):
        chosen_tracks([{"name": "thimble", "direction": "left"}])


def test_a_path_may_hold_a_colon() -> None:
    assert names("a:b/ring.npy") == ["a:b/ring.npy"]
    assert names("a:b/ring.npy:reversed") == ["a:b/ring.npy (reversed)"]


def test_an_unknown_ending_is_told_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="ends in 'backwards'; write thimble:reversed"):
        chosen_tracks(["thimble:backwards"])


def test_nothing_may_be_imported_under_the_word_for_all_tracks(
    settings: Settings, tmp_path: Path
) -> None:
    path = export_track(settings.home, "thimble", tmp_path / "ring.npy")
    with pytest.raises(InvalidInput, match="all shipped tracks"):
        import_track(settings.home, path, "all")


def test_a_spec_file_takes_the_same_words(settings: Settings) -> None:
    document = TrainingFile(training={"tracks": ["all", "thimble:reversed"]})
    planned = plan_training(settings, document).training
    assert [str(t) for t in planned.tracks] == [*shipped_names(), "thimble (reversed)"]


@pytest.mark.parametrize(("tracks", "cars"), [(["thimble"], 32), (["all:both"], 92)])
def test_every_track_gets_cars_that_drive_laps_and_cars_that_practise(
    settings: Settings, tracks: list[str], cars: int
) -> None:
    planned = plan_training(settings, TrainingFile(training={"tracks": tracks})).training
    assert planned.hyperparameters == PPOHyperparameters(num_cars=cars)


def test_fewer_cars_than_tracks_are_refused_when_somebody_asks_for_them(
    settings: Settings,
) -> None:
    wanted = {"tracks": ["all"], "hyperparameters": {"num_cars": 8}}
    with pytest.raises(InvalidSpec, match=r"23 tracks.*only 8 cars.*num_cars to 23"):
        plan_training(settings, TrainingFile(training=wanted))


def test_the_preset_for_everywhere_trains_on_all_tracks_unless_one_is_named(
    settings: Settings,
) -> None:
    def tracks(track: str | None) -> list[str]:
        planned = plan_quickstart(
            settings, preset_name="everywhere", reward="progress", track=track, seed=0, name=None
        )
        check_training_fits(planned.model, planned.training)
        return [str(choice) for choice in planned.training.tracks]

    assert sorted(tracks(None)) == sorted(str(t) for t in chosen_tracks(["all:both"]))
    assert tracks("thimble") == ["thimble"]
