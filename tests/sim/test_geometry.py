"""The kernels that locate cars, against the slow twin in the domain and against shapely."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from racecraft.domain.track import Track
from racecraft.sim.geometry import is_inside, is_on_road, nearest, pack_tracks, point_at
from racecraft.tracks.library import load_track, shipped_names
from tests.sim.roads import circle, square

BOTH_WAYS = [(name, is_reversed) for name in shipped_names() for is_reversed in (False, True)]


def points_around(track: Track, count: int, spread_m: float) -> NDArray[np.float64]:
    random = np.random.default_rng(len(track.centre))
    middle = track.point_at(random.uniform(0.0, track.length_m, count))
    return middle + random.uniform(-spread_m, spread_m, (count, 2))


@pytest.mark.parametrize(("name", "is_reversed"), BOTH_WAYS)
def test_nearest_points_are_those_of_the_domain_and_of_shapely(
    name: str, is_reversed: bool
) -> None:
    track = load_track(name, is_reversed=is_reversed)
    pack = pack_tracks([circle(), track])  # so that the track does not begin at index 0
    lo, hi = pack.first[1], pack.first[2]
    points = points_around(track, 100, 0.3)
    expected = track.locate(points)
    away = shapely.LineString(track.centre).distance(shapely.points(points))
    for index, (x, y) in enumerate(points):
        k, share, square_m2 = nearest(pack.lines[0], pack.lines[1], lo, hi, x, y)
        step_m = pack.cumulative_m[k + 1] - pack.cumulative_m[k]
        along_m = pack.cumulative_m[k] + share * step_m
        assert along_m == pytest.approx(expected.distance_m[index], abs=1e-9)
        assert math.sqrt(square_m2) == pytest.approx(away[index], abs=1e-9)


@pytest.mark.parametrize(("name", "is_reversed"), BOTH_WAYS)
def test_points_are_on_the_road_where_shapely_says_so(name: str, is_reversed: bool) -> None:
    track = load_track(name, is_reversed=is_reversed)
    pack = pack_tracks([circle(), track])
    lo, hi = pack.first[1], pack.first[2]
    road = shapely.Polygon(track.outer, [track.inner])
    points = points_around(track, 200, 0.9)
    expected = shapely.contains_xy(road, points)
    found = [is_on_road(pack.lines, lo, hi, x, y) for x, y in points]
    assert found == expected.tolist()
    assert 0 < sum(found) < len(found)


@pytest.mark.parametrize(("name", "is_reversed"), BOTH_WAYS)
def test_points_and_headings_along_a_track_are_those_of_the_domain(
    name: str, is_reversed: bool
) -> None:
    track = load_track(name, is_reversed=is_reversed)
    pack = pack_tracks([circle(), track])
    distances_m = np.concatenate(
        [np.linspace(-1.0, 2.1 * track.length_m, 40), track.cumulative_m[:20] + 1e-9]
    )
    found = np.array([point_at(pack, 1, distance) for distance in distances_m])
    assert np.allclose(found[:, :2], track.point_at(distances_m), atol=1e-9)
    turn = found[:, 2] - track.heading_at(distances_m)
    assert np.allclose(np.cos(turn), 1.0, atol=1e-12)


@given(st.floats(-12.0, 12.0), st.floats(-12.0, 12.0))
@settings(max_examples=300, deadline=None)
def test_the_nearest_point_of_a_square_is_shapelys(x: float, y: float) -> None:
    track = square()
    xs, ys = track.centre.T.copy()
    k, share, square_m2 = nearest(xs, ys, 0, 5, x, y)
    line = shapely.LineString(track.centre)
    assert math.sqrt(square_m2) == pytest.approx(line.distance(shapely.Point(x, y)), abs=1e-9)
    assert 0 <= k < 4
    assert 0.0 <= share <= 1.0


@given(st.floats(-12.0, 12.0), st.floats(-12.0, 12.0), st.integers(3, 30), st.integers(0, 999))
@settings(max_examples=300, deadline=None)
def test_inside_a_star_is_inside_for_shapely_too(
    x: float, y: float, corners: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    angle = np.sort(random.uniform(0.0, 2 * np.pi, corners))
    radius = random.uniform(2.0, 10.0, corners)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    points = np.concatenate([points, points[:1]])
    shape = shapely.Polygon(points)
    place = shapely.Point(x, y)
    if not shape.is_valid or shape.boundary.distance(place) < 1e-9:
        return
    xs, ys = points.T.copy()
    assert is_inside(xs, ys, 0, len(points), x, y) == shape.contains(place)


def test_the_first_of_two_equally_near_segments_wins() -> None:
    xs, ys = square(4.0).centre.T.copy()
    k, share, square_m2 = nearest(xs, ys, 0, 5, 2.0, 2.0)
    assert (k, share, square_m2) == (0, 0.5, 4.0)


def test_a_doubled_waypoint_does_no_harm() -> None:
    points = np.insert(square(4.0).centre, 1, [4.0, 0.0], axis=0)
    track = Track("doubled", points, points, points)
    pack = pack_tracks([track])
    assert point_at(pack, 0, 4.0) == pytest.approx((4.0, 0.0, math.pi / 2))
    k, share, square_m2 = nearest(pack.lines[0], pack.lines[1], 0, 6, 4.5, 0.0)
    assert pack.cumulative_m[k] + share * 4.0 == pytest.approx(4.0)
    assert square_m2 == pytest.approx(0.25)


def test_a_distance_of_almost_a_lap_is_at_the_end_of_the_line() -> None:
    pack = pack_tracks([square(4.0)])
    just_before = math.nextafter(pack.length_m[0], 0.0)
    for distance_m in (just_before, -1e-18):
        x, y, _ = point_at(pack, 0, distance_m)
        assert (x, y) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert point_at(pack, 0, pack.length_m[0]) == pytest.approx((0.0, 0.0, 0.0))


def test_packed_tracks_keep_their_own_rows() -> None:
    tracks = [circle(), square(), load_track("thimble", is_reversed=True)]
    pack = pack_tracks(tracks)
    for index, track in enumerate(tracks):
        rows = slice(pack.first[index], pack.first[index + 1])
        for pair, line in enumerate((track.centre, track.inner, track.outer)):
            assert np.array_equal(pack.lines[2 * pair : 2 * pair + 2, rows].T, line)
        assert np.array_equal(pack.cumulative_m[rows], track.cumulative_m)
        assert pack.length_m[index] == track.length_m
        assert pack.is_counter_clockwise[index] == track.is_counter_clockwise
