"""What every shipped track owes; the test walks the folder."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pydantic import ValidationError

from racecraft.domain.errors import InvalidTrack, TrackNotFound
from racecraft.domain.track import Track
from racecraft.tracks.exchange import check_track, write_npy
from racecraft.tracks.library import FOLDER, TrackFacts, facts, load_track, shipped_names
from racecraft.tracks.preview import preview_svg
from racecraft.tracks.shape import Shape, draw

NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name[0] != "_")
NARROW_M = 0.8
MIN_GAP_M = 0.35
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@pytest.fixture(params=NAMES)
def track(request: pytest.FixtureRequest) -> Track:
    return load_track(str(request.param))


def bend_radii(track: Track) -> NDArray[np.float64]:
    """(K-1,) radius of the circle through each waypoint and its two neighbours (m)."""
    here = track.centre[:-1]
    back, ahead = np.roll(here, 1, axis=0) - here, np.roll(here, -1, axis=0) - here
    area = np.abs(back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]) / 2
    sides = [np.linalg.norm(side, axis=1) for side in (back, ahead, ahead - back)]
    return np.prod(sides, axis=0) / np.maximum(4 * area, 1e-12)


def gap_between_parts(track: Track) -> float:
    """Smallest room between the borders of parts of the road that do not follow each other.

    On a circle as wide as the road and the gap, points half a turn apart are pi/2 diameters apart
    along it; on anything gentler they are further from each other, so no bend is blamed.
    """
    points, along = track.centre[:-1], track.cumulative_m[:-1]
    apart = np.abs(along[:, None] - along[None])
    apart = np.minimum(apart, track.length_m - apart)
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    return float(distance[apart >= math.pi / 2 * (track.width_m + MIN_GAP_M)].min()) - track.width_m


def test_every_folder_is_a_shipped_track_and_there_are_enough() -> None:
    assert list(shipped_names()) == NAMES
    assert len(NAMES) >= 18


def test_the_library_has_tracks_for_beginners_and_for_experts() -> None:
    assert {"pebble-oval", "harbour-loop"} <= set(NAMES)
    assert {facts(name).difficulty.value for name in NAMES} == {"easy", "medium", "hard"}
    wide = [load_track(name).length_m for name in NAMES if facts(name).width_m == 1.07]
    for length in (25, 40, 60):
        assert any(abs(one - length) < 2 for one in wide), length
    narrow = [load_track(name).length_m for name in NAMES if facts(name).width_m <= 0.76]
    assert sum(16.9 < one < 23.1 for one in narrow) >= 6
    assert {load_track(name).is_counter_clockwise for name in NAMES} == {True, False}


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_complete_and_the_licence_is_there(name: str) -> None:
    document = json.loads((FOLDER / name / "track.json").read_text(encoding="utf-8"))
    assert set(document) == {*TrackFacts.model_fields, "shape"}
    known = facts(name)
    assert known.name == name
    assert (known.licence, known.author) == ("Apache-2.0", "racecraft contributors")
    assert known.title.lower().replace(" ", "-") == name
    assert re.fullmatch(r"[A-Z][^\n]+[.!?]", known.description)


def test_every_line_is_closed_finite_and_contiguous(track: Track) -> None:
    for line in (track.centre, track.inner, track.outer):
        assert line.shape == track.centre.shape
        assert line.dtype == np.float64
        assert line.flags.c_contiguous
        assert np.isfinite(line).all()
        assert np.array_equal(line[0], line[-1])


def test_waypoints_are_evenly_spaced(track: Track) -> None:
    steps = np.diff(track.cumulative_m)
    wanted = 0.15 if track.length_m < 30 else 0.25
    assert np.all(np.abs(steps - wanted) < 0.01)


def test_the_road_is_as_wide_as_its_facts_say_everywhere(track: Track) -> None:
    width = facts(track.name).width_m
    for line in (track.inner, track.outer):
        from_centre = np.linalg.norm(line - track.centre, axis=1)
        assert np.allclose(from_centre, width / 2, atol=1e-5)
    assert track.width_m == pytest.approx(width, abs=0.01)


def test_no_line_crosses_itself_and_the_road_lies_between_its_borders(track: Track) -> None:
    for line in (track.centre, track.inner, track.outer):
        assert shapely.LinearRing(line).is_simple
    inner, centre, outer = (
        shapely.Polygon(line) for line in (track.inner, track.centre, track.outer)
    )
    assert outer.contains_properly(centre)
    assert centre.contains_properly(inner)


def test_the_car_can_turn_in_every_bend(track: Track) -> None:
    smallest = float(bend_radii(track).min())
    assert smallest >= (0.65 if track.width_m < NARROW_M else 0.8)
    # A border must not fold over in a bend: its own radius stays positive.
    assert smallest > track.width_m / 2 + 0.1


def test_neighbouring_parts_of_the_road_keep_their_distance(track: Track) -> None:
    assert gap_between_parts(track) >= MIN_GAP_M


def test_the_start_line_lies_on_a_straight(track: Track) -> None:
    radii = bend_radii(track)
    assert min(radii[-1], radii[0], radii[1]) > 2.5


@pytest.mark.parametrize("name", NAMES)
def test_every_track_can_be_driven_in_both_directions(name: str) -> None:
    forward, back = load_track(name), load_track(name, is_reversed=True)
    check_track(forward)
    check_track(back)
    assert (forward.is_reversed, back.is_reversed) == (False, True)
    assert np.array_equal(back.centre, forward.centre[::-1])
    assert np.array_equal(back.inner, forward.inner[::-1])
    assert forward.is_counter_clockwise != back.is_counter_clockwise


@pytest.mark.parametrize("name", NAMES)
def test_the_preview_is_fresh_and_small(name: str) -> None:
    """Numbers may differ by a rounding of 0.1 pixel from machine to machine."""
    kept = (FOLDER / name / "preview.svg").read_text(encoding="utf-8")
    fresh = preview_svg(load_track(name), facts(name).title)
    hint = "run python -m racecraft.tracks.preview"
    assert NUMBER.sub("0", kept) == NUMBER.sub("0", fresh), hint
    numbers = [[float(one) for one in NUMBER.findall(text)] for text in (kept, fresh)]
    assert np.allclose(numbers[0], numbers[1], rtol=0, atol=0.11), hint
    assert len(kept.encode()) < 20_000


def test_the_quickstart_track_bends_both_ways_and_tightly() -> None:
    track = load_track("harbour-loop")
    assert track.length_m == pytest.approx(17.7, abs=0.2)
    assert track.width_m == pytest.approx(0.76, abs=0.01)
    assert 0.6 <= bend_radii(track).min() <= 0.8
    turn = np.diff(np.unwrap(track.heading_at(track.cumulative_m[:-1])))
    assert turn.max() > 0.1
    assert turn.min() < -0.1


def test_the_same_track_is_loaded_once() -> None:
    assert load_track("pebble-oval") is load_track("pebble-oval")
    assert load_track("pebble-oval", is_reversed=True) is load_track(
        "pebble-oval", is_reversed=True
    )


def test_another_process_draws_the_same_waypoints() -> None:
    source = (
        "import hashlib, sys; from racecraft.tracks.library import load_track\n"
        "print(hashlib.sha256(load_track('granite-pass').outer.tobytes()).hexdigest())\n"
        "assert 'scipy' not in sys.modules and 'shapely' not in sys.modules"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", source],
            cwd=FOLDER.parent.parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for _ in range(2)
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("name", "near"),
    [("pebble-ovel", "pebble-oval"), ("Harbour Loop", "harbour-loop"), ("granite", "granite-pass")],
)
def test_an_unknown_name_is_answered_with_near_ones(name: str, near: str) -> None:
    with pytest.raises(TrackNotFound, match=f"did you mean .*{near}"):
        load_track(name)


def test_a_name_like_nothing_is_answered_without_a_guess() -> None:
    with pytest.raises(TrackNotFound, match=r"no track called 'zzzzzz'; look at the list"):
        load_track("zzzzzz")


def test_facts_of_an_unknown_track_are_refused() -> None:
    with pytest.raises(TrackNotFound, match="did you mean pebble-oval"):
        facts("pebble-oval2")


def test_imported_tracks_are_found_by_name_and_by_path(tmp_path: Path) -> None:
    write_npy(load_track("thimble"), tmp_path / "mine.npy")
    by_name = load_track("mine", folders=[tmp_path])
    assert by_name.name == "mine"
    assert np.array_equal(by_name.centre, load_track("thimble").centre)
    assert load_track(tmp_path / "mine.npy") is by_name
    assert load_track("mine", is_reversed=True, folders=[tmp_path]).is_reversed
    with pytest.raises(TrackNotFound, match="did you mean mine"):
        load_track("mime", folders=[tmp_path])
    with pytest.raises(TrackNotFound, match=r"no track file at .*gone\.npy"):
        load_track(tmp_path / "gone.npy")


def test_a_shipped_track_wins_over_an_imported_one_of_its_name(tmp_path: Path) -> None:
    write_npy(load_track("thimble"), tmp_path / "pebble-oval.npy")
    assert load_track("pebble-oval", folders=[tmp_path]) is load_track("pebble-oval")


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    write_npy(load_track("thimble"), tmp_path / "outside.npy")
    with pytest.raises(TrackNotFound):
        load_track("../outside", folders=[tmp_path / "inside"])


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.npy"
    write_npy(load_track("thimble"), path)
    before = load_track(path)
    write_npy(load_track("fox-hollow"), path)
    assert load_track(path).length_m > before.length_m + 5


def test_a_rounded_square_has_the_length_of_its_straights_and_arcs() -> None:
    corners = ((0.0, 0.0, 1.5), (8.0, 0.0, 1.5), (8.0, 8.0, 1.5), (0.0, 8.0, 1.5))
    centre, inner, outer = draw(Shape(corners=corners, easing_m=0.05), 1.0)
    track = Track("square", centre, inner, outer)
    assert track.length_m == pytest.approx(4 * 5.0 + 2 * math.pi * 1.5, rel=2e-3)
    assert np.allclose(centre[0], (0.0, 4.0), atol=1e-3)  # halfway from the last to the first
    assert track.heading_at(0.0)[0] == pytest.approx(-math.pi / 2, abs=1e-3)
    assert bend_radii(track).min() == pytest.approx(1.5, rel=0.05)
    assert np.abs(inner - 4.0).max() < np.abs(outer - 4.0).max()


def test_the_inner_border_of_a_clockwise_shape_is_inside_too() -> None:
    corners = ((0.0, 8.0, 1.5), (8.0, 8.0, 1.5), (8.0, 0.0, 1.5), (0.0, 0.0, 1.5))
    centre, inner, outer = draw(Shape(corners=corners), 1.0)
    check_track(Track("square", centre, inner, outer))
    assert not Track("square", centre, inner, outer).is_counter_clockwise


def test_corners_without_room_are_refused_by_number() -> None:
    corners = ((0.0, 0.0, 1.0), (4.0, 0.0, 3.0), (4.0, 4.0, 2.0), (0.0, 4.0, 1.0))
    with pytest.raises(InvalidTrack, match=r"Corners 2 and 3 .* need 5\.00 m of the 4\.00 m"):
        draw(Shape(corners=corners), 1.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Pebble Oval"), ("difficulty", "brutal"), ("width_m", 0.2), ("colour", "red")],
)
def test_facts_that_break_a_rule_are_refused(field: str, value: object) -> None:
    good = facts("pebble-oval").model_dump()
    with pytest.raises(ValidationError, match=field):
        TrackFacts.model_validate({**good, field: value})


def test_a_preview_draws_the_whole_road_inside_its_frame() -> None:
    picture = preview_svg(load_track("lighthouse-mile"), "A & B")
    assert "<title>A &amp; B</title>" in picture
    width, height = (float(one) for one in re.findall(r'viewBox="0 0 (\d+) (\d+)"', picture)[0])
    places = np.array(re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", picture), dtype=float)
    assert width == 480
    assert places.min() > 5
    assert (places < np.array([width - 5, height - 5])).all()
    assert places[:, 0].max() - places[:, 0].min() == pytest.approx(480 - 28, abs=1)


def table_row(name: str) -> str:
    """The row of a track in `docs/reference/tracks.md`."""
    known, track = facts(name), load_track(name)
    direction = "left" if track.is_counter_clockwise else "right"
    return (
        f"| `{name}` | {track.length_m:.1f} m | {known.width_m:.2f} m | "
        f"{bend_radii(track).min():.2f} m | {known.difficulty} | {direction} | "
        f"{known.description} |"
    )


def test_the_guide_lists_every_shipped_track_with_its_numbers() -> None:
    guide = (FOLDER.parent.parent / "docs" / "reference" / "tracks.md").read_text(encoding="utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("| `")]
    by_length = sorted(NAMES, key=lambda name: (load_track(name).length_m, name))
    assert rows == [table_row(name) for name in by_length]
