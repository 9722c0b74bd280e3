"""Listing, importing and exporting tracks, with real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from racecraft.domain.errors import (
    Conflict,
    InvalidInput,
    InvalidTrack,
    StorageFailed,
    TrackNotFound,
)
from racecraft.service.tracks import (
    TrackCard,
    download_track,
    export_track,
    import_track,
    list_tracks,
)
from racecraft.tracks.exchange import write_npy
from racecraft.tracks.library import facts, load_track, shipped_names
from tests.service.conftest import kept


def card(home: Path, name: str) -> TrackCard:
    return next(one for one in list_tracks(home) if one.name == name)


def test_the_list_of_a_new_home_holds_the_shipped_tracks(home: Path) -> None:
    cards = list_tracks(home)
    assert tuple(one.name for one in cards) == shipped_names()
    assert not home.exists()
    for one in cards:
        assert one.title == facts(one.name).title
        assert one.description == facts(one.name).description
        assert one.difficulty is facts(one.name).difficulty
        assert one.length_m == load_track(one.name).length_m
        assert one.width_m == facts(one.name).width_m
        assert (one.source.value, one.problem) == ("shipped", "")


def test_directions_begin_with_the_normal_one(home: Path) -> None:
    assert card(home, "pebble-oval").directions == ("counter-clockwise", "clockwise")
    assert card(home, "swallowtail").directions == ("clockwise", "counter-clockwise")


def test_an_import_copies_the_file_byte_for_byte(home: Path, track_file: Path) -> None:
    made = import_track(home, track_file)
    assert (home / "tracks" / "My_track-1.npy").read_bytes() == track_file.read_bytes()
    assert kept(home) == ["tracks/My_track-1.npy"]
    assert (made.name, made.source.value, made.difficulty) == ("My_track-1", "imported", None)
    assert made.length_m == pytest.approx(load_track("fox-hollow").length_m)
    assert made.width_m == pytest.approx(1.07, abs=0.01)
    assert list_tracks(home)[-1] == made


def test_an_imported_track_can_be_loaded_by_name(home: Path, track_file: Path) -> None:
    import_track(home, track_file, "bend")
    loaded = load_track("bend", folders=[home / "tracks"])
    assert np.array_equal(loaded.inner, load_track("fox-hollow").inner)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "../up", "a/b", "a\\b", ".hidden", "-dash", "ü", "a.npy", "a\n", "x" * 65, "%2e"],
)
def test_a_name_that_breaks_the_rule_is_refused(home: Path, track_file: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="use 1 to 64 letters, digits, - and _"):
        import_track(home, track_file, name)
    with pytest.raises(InvalidInput, match="use 1 to 64 letters, digits, - and _"):
        download_track(home, name, base_url="http://127.0.0.1:1")
    assert kept(home) == []


def test_a_file_whose_own_name_breaks_the_rule_needs_another(home: Path, tmp_path: Path) -> None:
    write_npy(load_track("thimble"), tmp_path / "my track.npy")
    with pytest.raises(InvalidInput, match="'my track'"):
        import_track(home, tmp_path / "my track.npy")
    assert import_track(home, tmp_path / "my track.npy", "my-track").name == "my-track"


@pytest.mark.parametrize("name", ["pebble-oval", "Pebble-Oval"])
def test_the_name_of_a_shipped_track_is_refused(home: Path, track_file: Path, name: str) -> None:
    with pytest.raises(Conflict, match="comes with racecraft; choose another name"):
        import_track(home, track_file, name, replace=True)
    assert kept(home) == []


@pytest.mark.parametrize("name", ["bend", "BEND"])
def test_a_name_that_is_taken_is_refused_unless_it_may_be_replaced(
    home: Path, track_file: Path, tmp_path: Path, name: str
) -> None:
    import_track(home, track_file, "bend")
    other = tmp_path / "other.npy"
    write_npy(load_track("thimble"), other)
    with pytest.raises(Conflict, match="an imported track called bend; choose another name"):
        import_track(home, other, name)
    assert (home / "tracks" / "bend.npy").read_bytes() == track_file.read_bytes()
    made = import_track(home, other, name, replace=True)
    assert made.length_m == pytest.approx(load_track("thimble").length_m)
    assert kept(home) == ["tracks/bend.npy"]
    assert (home / "tracks" / "bend.npy").read_bytes() == other.read_bytes()


def test_a_bad_file_is_not_imported_and_replaces_nothing(
    home: Path, track_file: Path, tmp_path: Path
) -> None:
    import_track(home, track_file, "bend")
    bad = tmp_path / "bad.npy"
    np.save(bad, np.zeros((20, 6)))
    with pytest.raises(InvalidTrack):
        import_track(home, bad, "bend", replace=True)
    assert (home / "tracks" / "bend.npy").read_bytes() == track_file.read_bytes()
    assert kept(home) == ["tracks/bend.npy"]


def test_importing_a_missing_file_says_so(home: Path, tmp_path: Path) -> None:
    with pytest.raises(TrackNotFound, match=r"gone\.npy; check the path"):
        import_track(home, tmp_path / "gone.npy")


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path, track_file: Path) -> None:
    (tmp_path / "home").write_text("a file in the way")
    with pytest.raises(StorageFailed, match="cannot be written"):
        import_track(tmp_path / "home", track_file)


def test_an_imported_file_that_broke_later_is_listed_with_its_problem(
    home: Path, track_file: Path
) -> None:
    import_track(home, track_file, "bend")
    (home / "tracks" / "bend.npy").write_bytes(b"scratched")
    broken = card(home, "bend")
    assert "is not an .npy file" in broken.problem
    assert broken.directions == ()
    assert len(list_tracks(home)) == len(shipped_names()) + 1


def test_an_export_is_a_file_that_can_be_imported(home: Path, tmp_path: Path) -> None:
    written = export_track(home, "harbour-loop", tmp_path)
    assert written == tmp_path / "harbour-loop.npy"
    made = import_track(home, written, "copy")
    assert made.length_m == load_track("harbour-loop").length_m
    again = export_track(home, "copy", tmp_path / "again.npy")
    assert again.read_bytes() == written.read_bytes()


def test_an_export_can_be_reversed(home: Path, tmp_path: Path) -> None:
    written = export_track(home, "harbour-loop", tmp_path / "back.npy", is_reversed=True)
    assert np.array_equal(np.load(written)[:, :2], load_track("harbour-loop").centre[::-1])


def test_an_export_overwrites_only_on_purpose(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine.npy"
    target.write_bytes(b"precious")
    with pytest.raises(Conflict, match=r"mine\.npy exists; choose another name"):
        export_track(home, "thimble", target)
    assert target.read_bytes() == b"precious"
    export_track(home, "thimble", target, replace=True)
    assert np.load(target).shape[1] == 6


def test_an_export_needs_a_known_track_and_a_fitting_name(home: Path, tmp_path: Path) -> None:
    with pytest.raises(TrackNotFound, match="did you mean thimble"):
        export_track(home, "thimbl", tmp_path)
    with pytest.raises(InvalidInput, match=r"track\.csv; give it a name ending in \.npy"):
        export_track(home, "thimble", tmp_path / "track.csv")
    assert list(tmp_path.iterdir()) == []
