"""Tracks in files: which shapes are refused and why, and what is repaired."""

from __future__ import annotations

import re

import numpy as np
import pytest

from racecraft.domain.track import Track
from racecraft.tracks.exchange import parse_npy
from tests.tracks.track_rows import Rows, as_bytes, changed, refused, rows_of


@pytest.mark.parametrize("count", [0, 1, 11])
def test_too_few_rows_are_refused(count: int) -> None:
    assert f"has {count} rows; give at least 12" in refused(rows_of()[:count])


def test_twelve_rows_are_enough_and_five_thousand_are_not_too_many() -> None:
    assert len(parse_npy(as_bytes(rows_of(12, depth=0.0)), "mine").centre) == 12
    assert len(parse_npy(as_bytes(rows_of(5000, size=20.0)), "mine").centre) == 5000


def test_too_many_rows_are_refused() -> None:
    assert "has 5001 rows; give at most 5000" in refused(rows_of(5001, size=20.0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_with_their_place(value: float) -> None:
    def change(rows: Rows) -> None:
        rows[7, 3] = rows[9, 0] = value

    sentence = refused(changed(change))
    assert "2 numbers that are not finite, the first in row 7, column 3" in sentence


def test_an_open_track_is_refused_with_its_gap() -> None:
    rows = rows_of()[:-1]
    gap = np.linalg.norm(rows[0, 4:] - rows[-1, 4:])
    sentence = refused(rows)
    assert f"is not closed: there are {gap:.3f} m" in sentence
    assert "outer border; repeat the first row at the end" in sentence


def test_a_border_that_is_open_is_refused_too() -> None:
    def change(rows: Rows) -> None:
        rows[-1, 2] -= 0.25

    assert "are 0.250 m between the first and the last point of its inner" in refused(
        changed(change)
    )


def test_a_gap_of_two_millimetres_is_a_gap() -> None:
    def change(rows: Rows) -> None:
        rows[-1, 1] += 0.002

    assert "are 0.002 m between the first and the last point of its centre" in refused(
        changed(change)
    )


def test_a_closing_row_that_is_a_hair_off_is_set_right() -> None:
    rows = rows_of()
    rows[-1] += 4e-4
    track = parse_npy(as_bytes(rows), "mine")
    for line in (track.centre, track.inner, track.outer):
        assert np.array_equal(line[0], line[-1])


def eight(rows: Rows) -> Rows:
    """A figure of eight, offset to both sides."""
    angle = np.linspace(0.0, 2 * np.pi, len(rows))
    centre = np.stack([4 * np.sin(angle), 3 * np.sin(2 * angle)], axis=1)
    slope = np.stack([4 * np.cos(angle), 6 * np.cos(2 * angle)], axis=1)
    left = np.stack([-slope[:, 1], slope[:, 0]], axis=1) / np.linalg.norm(slope, axis=1)[:, None]
    eight_rows = np.hstack([centre, centre + left / 2, centre - left / 2])
    eight_rows[-1] = eight_rows[0]
    return eight_rows


def test_a_centre_line_that_crosses_itself_is_refused_with_the_place() -> None:
    sentence = refused(changed(eight))
    assert "The centre line of the track mine crosses or touches itself" in sentence
    assert "near x = 0.00 m, y = 0.00 m" in sentence.replace("-0.00", "0.00")


@pytest.mark.parametrize(("columns", "title"), [((2, 3), "inner"), ((4, 5), "outer")])
def test_a_border_that_crosses_itself_is_refused_with_the_place(
    columns: tuple[int, int], title: str
) -> None:
    rows = rows_of(depth=0.0)
    rows[[30, 31], columns[0]] = rows[[31, 30], columns[0]]  # at x = 0: a small knot
    rows[[30, 31], columns[1]] = rows[[31, 30], columns[1]]
    sentence = refused(rows)
    assert f"The {title} border of the track mine crosses or touches itself" in sentence
    place = re.search(r"near x = (\S+) m, y = (\S+) m; move the points", sentence)
    assert place is not None
    assert float(place[1]) == pytest.approx(rows[30:32, columns[0]].mean(), abs=0.1)
    assert float(place[2]) == pytest.approx(rows[30, columns[1]], abs=0.1)


def test_swapped_borders_are_refused_with_the_remedy() -> None:
    sentence = refused(rows_of()[:, [0, 1, 4, 5, 2, 3]])
    assert "inner border lies outside the outer border" in sentence
    assert "columns 3-4 and 5-6 may be swapped" in sentence


def test_borders_that_meet_are_refused_with_the_place() -> None:
    def change(rows: Rows) -> None:
        rows[60, 2:4] = rows[60, 4:6] * 1.02

    sentence = refused(changed(change))
    assert "inner and the outer border meet near x = -3." in sentence


def test_borders_side_by_side_are_refused() -> None:
    def change(rows: Rows) -> None:
        rows[:, 2] += 40.0

    assert "borders lie side by side" in refused(changed(change))


@pytest.mark.parametrize("order", [[2, 3, 0, 1, 4, 5], [4, 5, 2, 3, 0, 1]])
def test_a_centre_line_that_is_not_between_the_borders_is_refused(order: list[int]) -> None:
    sentence = refused(rows_of()[:, order])
    assert "centre line is not between the borders at 121 waypoints" in sentence
    assert "columns 1-2 must hold the centre line" in sentence


def test_a_single_waypoint_outside_the_road_is_named() -> None:
    def change(rows: Rows) -> None:
        rows[40, :2] = rows[40, 4:6] * 1.1

    x, y = changed(change)[40, :2]
    sentence = refused(changed(change))
    assert f"at 1 waypoints, the first near x = {x:.2f} m, y = {y:.2f} m" in sentence


def test_a_centre_line_that_cuts_a_border_between_its_waypoints_is_refused() -> None:
    fine = rows_of(481, width=0.5, depth=0.0)
    coarse = fine.copy()
    # Every waypoint stays in the road, but one step cuts a sixth of the loop short.
    coarse[1:80, :2] = (
        coarse[0, :2] + (coarse[80, :2] - coarse[0, :2]) * 1e-6 * np.arange(1, 80)[:, None]
    )
    assert "the centre line cuts across a border near x = " in refused(coarse)


def test_one_repeated_row_is_dropped_silently() -> None:
    rows = rows_of()
    repeated = np.insert(rows, 50, rows[50], axis=0)
    track = parse_npy(as_bytes(repeated), "mine")
    assert np.array_equal(np.hstack([track.centre, track.inner, track.outer]), rows)


def test_when_the_last_rows_repeat_the_closing_row_stays() -> None:
    rows = rows_of()
    repeated = np.insert(rows, len(rows) - 1, rows[-1] + 1e-10, axis=0)
    track = parse_npy(as_bytes(repeated), "mine")
    assert np.array_equal(np.hstack([track.centre, track.inner, track.outer]), rows)


def test_when_the_first_rows_repeat_the_first_one_stays() -> None:
    rows = rows_of()
    repeated = np.insert(rows, 0, rows[0], axis=0)
    track = parse_npy(as_bytes(repeated), "mine")
    assert np.array_equal(np.hstack([track.centre, track.inner, track.outer]), rows)


def test_a_tiny_but_real_step_is_kept() -> None:
    rows = rows_of()
    close = rows[50] + (rows[51] - rows[50]) * 1e-6
    assert len(parse_npy(as_bytes(np.insert(rows, 51, close, axis=0)), "mine").centre) == 122


def test_many_repeated_rows_are_refused() -> None:
    rows = rows_of()
    few, many = (np.repeat(rows, [2] * n + [1] * (121 - n), axis=0) for n in (13, 14))
    assert len(parse_npy(as_bytes(few), "mine").centre) == 121
    assert "14 of 135 rows repeat the point before" in refused(many)


def test_repeats_do_not_count_as_waypoints() -> None:
    rows = rows_of(11, depth=0.0)
    assert "has 11 rows; give at least 12" in refused(np.insert(rows, 5, rows[5], axis=0))


@pytest.mark.parametrize(("scale", "length"), [(0.1, "m long"), (100.0, "m long")])
def test_an_absurd_length_is_refused(scale: float, length: str) -> None:
    rows = rows_of() * scale
    metres = np.linalg.norm(np.diff(rows[:, :2], axis=0), axis=1).sum()
    sentence = refused(rows)
    assert f"is {metres:.2f} {length}" in sentence
    assert "has 5 to 500 m, so check that its unit is the metre" in sentence


def test_a_narrow_place_is_refused_with_its_width() -> None:
    def change(rows: Rows) -> None:
        for index in range(55, 66):
            rows[index, 2:4] = rows[index, :2] * 0.975
            rows[index, 4:6] = rows[index, :2] * 1.025

    sentence = refused(changed(change))
    place = re.search(r"is too narrow: (\S+) m near x = (\S+) m", sentence)
    assert place is not None
    assert 0.1 < float(place[1]) < 0.25
    assert float(place[2]) < -3.0
    assert "must be 0.3 to 5 m wide everywhere" in sentence


def test_a_wide_place_is_refused_with_its_width() -> None:
    sentence = refused(rows_of(size=8.0, depth=0.0, width=5.5))
    assert "is too wide: 5." in sentence
    assert "must be 0.3 to 5 m wide everywhere" in sentence


def test_a_border_that_runs_ahead_of_the_centre_line_is_not_taken_for_a_wide_road() -> None:
    rows = rows_of(depth=0.0)
    inner = np.roll(rows[:-1, 2:4], 25, axis=0)
    rows[:, 2:4] = np.concatenate([inner, inner[:1]])
    assert parse_npy(as_bytes(rows), "mine").width_m == pytest.approx(1.0, abs=0.01)


def test_a_centre_line_off_the_middle_is_fine() -> None:
    rows = rows_of()
    rows[:, 4:6] += (rows[:, 4:6] - rows[:, :2]) * 0.4
    track = parse_npy(as_bytes(rows), "mine")
    assert isinstance(track, Track)
    assert track.width_m == pytest.approx(1.2, abs=0.05)
