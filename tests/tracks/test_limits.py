"""Limits that come with the shipped tracks, and racing lines for reward functions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from racecraft.analysis.fastest_lap import SPEED_GAIN, fastest_lap
from racecraft.domain.car import CarSpec, Grip, Response
from racecraft.domain.errors import InvalidInput
from racecraft.tracks.library import load_track, shipped_names
from racecraft.tracks.limits import (
    lap_document,
    lap_of,
    limit_key,
    shipped_lap,
    stale_tracks,
)
from racecraft.tracks.racing_lines import (
    FILE,
    INSIDE_M,
    line_of,
    lines_text,
    names_racing_line,
    with_racing_lines,
)

CAR = CarSpec()
HARBOUR = load_track("harbour-loop")


def test_every_shipped_track_comes_with_the_limit_of_its_road_in_both_directions() -> None:
    assert stale_tracks() == []  # else: python -m racecraft.analysis.shipped_limits
    for name in shipped_names():
        for turned in (False, True):
            track = load_track(name, is_reversed=turned)
            lap = shipped_lap(track, CAR, CAR.max_speed_mps)
            assert lap is not None
            assert lap.length_m / 4.13 < lap.time_s < lap.length_m / 1.5
            assert lap.clock_s[-1] == pytest.approx(lap.time_s)


@pytest.mark.parametrize("turned", [False, True])
def test_what_comes_along_is_what_is_worked_out(turned: bool) -> None:
    track = load_track("thimble", is_reversed=turned)
    shipped, found = shipped_lap(track, CAR, 4.0), fastest_lap(track)
    assert shipped is not None
    assert shipped.time_s == pytest.approx(found.time_s, rel=0.003)
    assert shipped.length_m == pytest.approx(found.length_m, rel=0.01)


def test_other_cars_speeds_and_roads_have_other_keys() -> None:
    keys = {
        limit_key(HARBOUR, CAR, 4.0),
        limit_key(HARBOUR.reversed(), CAR, 4.0),
        limit_key(HARBOUR, CAR, 1.0),
        limit_key(HARBOUR, CarSpec(grip=Grip.GRIPPY), 4.0),
        limit_key(HARBOUR, CarSpec(response=Response.V3), 4.0),
        limit_key(replace(HARBOUR, outer=HARBOUR.outer * 1.001), CAR, 4.0),
    }
    assert len(keys) == 6
    assert limit_key(HARBOUR, CAR, 9.0) == limit_key(HARBOUR, CAR, 4.0)
    assert shipped_lap(HARBOUR, CAR, 1.0) is None
    assert shipped_lap(replace(HARBOUR, name="elsewhere"), CAR, 4.0) is None


def test_a_car_that_turns_wider_has_a_slower_limit() -> None:
    track = load_track("thimble")
    older = fastest_lap(track, CarSpec(response=Response.V3))
    usual = shipped_lap(track, CAR, 4.0)
    assert usual is not None
    assert older.time_s > 1.003 * usual.time_s


def test_a_lap_comes_back_from_its_text_to_the_millimetre() -> None:
    lap = fastest_lap(HARBOUR)
    back = lap_of(json.loads(json.dumps(lap_document(lap))))
    assert back.time_s == pytest.approx(lap.time_s, abs=1e-4)
    for axis in (0, 1):
        kept = np.interp(back.clock_s, lap.clock_s, lap.points[:, axis])
        assert back.points[:, axis] == pytest.approx(kept, abs=0.02)
    assert (np.diff(back.clock_s) > 0).all()
    with pytest.raises(InvalidInput, match="damaged"):
        lap_of({"time_s": 1.0})


def test_reward_functions_are_told_a_line_that_keeps_all_wheels_on_the_road() -> None:
    lap = shipped_lap(HARBOUR, CAR, 4.0)
    assert lap is not None
    line = line_of(HARBOUR, lap, speed_gain=SPEED_GAIN)
    offset = np.abs(HARBOUR.locate(line.points).offset_m)
    assert line.points.shape == HARBOUR.centre.shape
    assert offset.max() <= HARBOUR.width_m / 2 - INSIDE_M + 0.01
    assert offset.max() > 0.25
    assert line.speed_mps.max() <= 4.0 + 1e-9
    assert (line.points[0] == line.points[-1]).all()


def test_a_training_that_goes_on_is_told_the_lines_that_were_kept(tmp_path: Path) -> None:
    tracks = [HARBOUR, HARBOUR.reversed()]
    assert with_racing_lines(tracks, tmp_path) == tracks
    lines = []
    for track in tracks:
        lap = shipped_lap(track, CAR, 4.0)
        assert lap is not None
        lines.append(line_of(track, lap, speed_gain=SPEED_GAIN))
    (tmp_path / FILE).write_text(lines_text(lines))

    given = with_racing_lines(tracks, tmp_path)
    for track, line in zip(given, lines, strict=True):
        assert track.racing_line is not None
        assert (track.racing_line.points == line.points).all()
        assert (track.racing_line.speed_mps == line.speed_mps).all()
    assert given[0].reversed().racing_line is None

    assert with_racing_lines(tracks[:1], tmp_path) == tracks[:1]  # lines of other tracks
    (tmp_path / FILE).write_text("[{")
    assert with_racing_lines(tracks, tmp_path) == tracks


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ('p["racing_line"][0]', True),
        ("p.get('racing_speed')", True),
        ("def racing_line(points): ...", False),
        ("progress", False),
    ],
)
def test_lines_are_worked_out_for_texts_that_name_them_only(text: str, wants: bool) -> None:
    assert names_racing_line(text) is wants
