"""Where points lie on a track: closed forms, and shapely as the reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from racecraft.domain.track import Track


def ring(radius: float, corners: int = 720) -> NDArray[np.float64]:
    angle = np.linspace(0.0, 2 * np.pi, corners + 1)
    points = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[-1] = points[0]
    return points


def circle(radius: float = 3.0, width: float = 1.0) -> Track:
    return Track("circle", ring(radius), ring(radius - width / 2), ring(radius + width / 2))


def square(side: float = 4.0) -> Track:
    """Counter-clockwise from the origin, one waypoint a corner."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)
    centre = side * corners
    middle = np.array([side / 2, side / 2])
    return Track(
        "square", centre, middle + (centre - middle) * 0.8, middle + (centre - middle) * 1.2
    )


def test_the_length_of_a_circle_is_its_circumference() -> None:
    assert circle(3.0).length_m == pytest.approx(6 * math.pi, rel=1e-5)


def test_the_width_of_a_circular_road_is_the_difference_of_the_radii() -> None:
    assert circle(3.0, 0.8).width_m == pytest.approx(0.8, abs=1e-3)


def test_the_width_does_not_change_when_a_border_runs_ahead_of_the_centre_line() -> None:
    track = circle(3.0, 0.8)
    ahead = np.roll(track.inner[:-1], 60, axis=0)
    shifted = Track("shifted", track.centre, np.concatenate([ahead, ahead[:1]]), track.outer)
    assert shifted.width_m == pytest.approx(0.8, abs=1e-3)


@given(st.floats(0.01, 2 * math.pi - 0.01), st.floats(-2.0, 2.0))
def test_locating_on_a_circle_gives_the_angle_and_the_radius(angle: float, left: float) -> None:
    radius = 3.0 - left  # counter-clockwise: left is towards the middle
    found = circle(3.0).locate(radius * np.array([[math.cos(angle), math.sin(angle)]]))
    assert found.distance_m[0] == pytest.approx(3.0 * angle, abs=2e-3 + abs(left) * 0.005)
    assert found.offset_m[0] == pytest.approx(left, abs=1e-4)


def test_a_point_on_the_start_line_is_at_distance_zero_and_segment_zero() -> None:
    found = circle().locate(circle().centre[:1])
    assert (found.distance_m[0], found.offset_m[0], found.segment[0]) == (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("point", "distance", "offset", "segment"),
    [
        ((1.0, 0.5), 1.0, 0.5, 0),
        ((3.0, -0.25), 3.0, -0.25, 0),
        ((4.5, 1.0), 5.0, -0.5, 1),
        ((3.0, 2.0), 6.0, 1.0, 1),
        ((2.5, 4.75), 9.5, -0.75, 2),
        ((0.5, 1.0), 15.0, 0.5, 3),
        ((5.0, -1.0), 4.0, -math.sqrt(2), 0),
    ],
)
def test_locating_on_a_square_gives_distances_counted_along_its_sides(
    point: tuple[float, float], distance: float, offset: float, segment: int
) -> None:
    found = square().locate(np.array([point]))
    assert found.distance_m[0] == pytest.approx(distance)
    assert found.offset_m[0] == pytest.approx(offset)
    assert found.segment[0] == segment


def test_many_points_are_located_as_each_one_alone() -> None:
    points = np.random.default_rng(1).uniform(-5, 5, (3000, 2))
    track = circle()
    together = track.locate(points)
    for index in (0, 1, 693, 694, 695, 2999):  # around the end of a block too
        alone = track.locate(points[index])
        assert alone.distance_m[0] == together.distance_m[index]
        assert alone.offset_m[0] == together.offset_m[index]
        assert alone.segment[0] == together.segment[index]


@given(st.integers(0, 10_000), st.floats(-8, 8), st.floats(-8, 8))
def test_locating_agrees_with_shapely(seed: int, x: float, y: float) -> None:
    draw = np.random.default_rng(seed)
    angle = np.sort(draw.uniform(0, 2 * np.pi, 40))
    radius = draw.uniform(2, 6, 40)
    centre = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    centre = np.concatenate([centre, centre[:1]])
    found = Track("star", centre, centre, centre).locate(np.array([[x, y]]))
    line = shapely.LineString(centre)
    assert abs(found.offset_m[0]) == pytest.approx(line.distance(shapely.Point(x, y)), abs=1e-9)
    # Two stretches may be equally near, so the place is judged by its distance to the point.
    place = line.interpolate(float(found.distance_m[0]))
    assert place.distance(shapely.Point(x, y)) == pytest.approx(abs(found.offset_m[0]), abs=1e-9)
    start = line.project(shapely.Point(centre[found.segment[0]]))
    assert found.distance_m[0] >= start - 1e-9


@given(st.integers(0, 10_000))
def test_left_of_the_driving_direction_is_inside_a_counter_clockwise_loop(seed: int) -> None:
    point = np.random.default_rng(seed).uniform(-5, 5, (1, 2))
    is_inside = shapely.Polygon(square().centre).contains(shapely.Point(point[0]))
    assert (square().locate(point).offset_m[0] > 0) == is_inside


@given(st.floats(-100, 100))
def test_points_along_a_circle_lie_at_the_angle_of_their_arc(distance: float) -> None:
    track = circle(3.0)
    angle = 2 * math.pi * distance / track.length_m
    expected = 3.0 * np.array([[math.cos(angle), math.sin(angle)]])
    assert np.allclose(track.point_at(distance), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("distance", "heading"),
    [(0.0, 0), (3.9, 0), (4.0, 90), (7.0, 90), (8.0, 180), (12.0, -90), (15.9, -90), (16.0, 0)],
)
def test_the_heading_on_a_square_is_that_of_the_side_ahead(distance: float, heading: float) -> None:
    assert math.degrees(square().heading_at(distance)[0]) == pytest.approx(heading)


@pytest.mark.parametrize("distance", [-1e-17, -1e-300, -0.0])
def test_a_hair_before_the_start_line_the_heading_is_that_of_the_first_side(
    distance: float,
) -> None:
    track = Track("tilted", square().centre[[2, 3, 0, 1, 2]], square().inner, square().outer)
    assert math.degrees(track.heading_at(distance)[0]) == 180.0


def test_a_repeated_waypoint_leaves_headings_and_places_as_they_were() -> None:
    plain = square()
    rows = [0, 1, 1, 2, 3, 4]
    repeated = Track("repeated", plain.centre[rows], plain.inner[rows], plain.outer[rows])
    places = np.linspace(0.1, 15.9, 80)
    assert np.array_equal(repeated.heading_at(places), plain.heading_at(places))
    assert np.allclose(repeated.point_at(places), plain.point_at(places))
    points = np.random.default_rng(2).uniform(-1, 5, (50, 2))
    assert np.allclose(repeated.locate(points).distance_m, plain.locate(points).distance_m)


@given(st.floats(0.05, 15.95), st.floats(-0.9, 0.9))
def test_reversing_counts_from_the_other_side_and_swaps_left_and_right(
    distance: float, left: float
) -> None:
    track = square()
    if min(distance % 4, 4 - distance % 4) <= abs(left) + 0.01:
        return  # near a corner another side may be nearer
    heading = track.heading_at(distance)[0]
    point = track.point_at(distance) + left * np.array([[-math.sin(heading), math.cos(heading)]])
    found = track.reversed().locate(point)
    assert found.distance_m[0] == pytest.approx(track.length_m - distance)
    assert found.offset_m[0] == pytest.approx(-left)


def test_reversing_keeps_waypoint_zero_and_the_borders_where_they_are() -> None:
    track, back = square(), square().reversed()
    assert np.array_equal(back.centre[0], track.centre[0])
    assert np.array_equal(back.inner, track.inner[::-1])
    assert np.array_equal(back.outer, track.outer[::-1])
    assert (back.is_reversed, back.is_counter_clockwise) == (True, False)
    assert (track.is_reversed, track.is_counter_clockwise) == (False, True)


def test_reversing_twice_gives_the_same_track() -> None:
    track, twice = square(), square().reversed().reversed()
    assert np.array_equal(twice.centre, track.centre)
    assert twice.is_reversed is False
