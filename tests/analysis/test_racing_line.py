"""Closed lines whose bends are known, and the line that bends least on real tracks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from racecraft.analysis.closed_line import ClosedLine
from racecraft.analysis.offsets import _spline
from racecraft.analysis.racing_line import _bounded, racing_line
from racecraft.domain.car import CarSpec
from racecraft.domain.reward_rows import wheels_on_road
from racecraft.domain.track import Track
from racecraft.tracks.library import load_track
from tests.sim.roads import circle, mirrored, ring, square

TRACKS = ["thimble", "harbour-loop", "needle-eye", "windmill-park", "lighthouse-mile"]


def bending(line: ClosedLine) -> float:
    """Squared curvature over the length."""
    return float(np.trapezoid(line.curvature_per_m**2, line.along_m))


def test_a_circle_has_the_curvature_and_headings_of_a_circle() -> None:
    line = ClosedLine.through(ring(2.0, corners=80))

    np.testing.assert_allclose(line.length_m, 4 * np.pi, rtol=2e-3)
    np.testing.assert_allclose(line.curvature_per_m, 0.5, rtol=0.02)
    np.testing.assert_allclose(line.heading_rad[-1] - line.heading_rad[0], 2 * np.pi, atol=1e-6)
    x, y, yaw = line.poses_at(np.array([np.pi, -np.pi])).T
    np.testing.assert_allclose([x, y], [[0.0, 0.0], [2.0, -2.0]], atol=0.01)
    np.testing.assert_allclose(np.abs(yaw), [np.pi, 0.0], atol=0.01)


def test_the_right_hand_way_round_bends_to_the_right() -> None:
    line = ClosedLine.through(mirrored(circle()).centre)

    assert (line.curvature_per_m < 0).all()
    np.testing.assert_allclose(line.left[0], [1.0, 0.0], atol=1e-6)


def test_a_line_moved_to_the_left_of_a_circle_is_a_smaller_circle() -> None:
    line = ClosedLine.through(ring(2.0))

    moved = line.moved_left(np.full(len(line.points), 0.5))

    np.testing.assert_allclose(np.linalg.norm(moved.points, axis=1), 1.5, atol=2e-3)


@pytest.mark.parametrize("is_reversed", [False, True], ids=["forward", "reversed"])
@pytest.mark.parametrize("name", TRACKS)
def test_the_racing_line_bends_less_is_shorter_and_keeps_the_car_on_the_road(
    name: str, is_reversed: bool
) -> None:
    track = load_track(name, is_reversed=is_reversed)

    points = racing_line(track)

    centre, racing = ClosedLine.through(track.centre), ClosedLine.through(points)
    assert np.array_equal(points[0], points[-1])
    assert np.linalg.norm(points[0] - track.centre[0]) < track.width_m / 2
    assert bending(racing) < bending(centre)
    assert racing.length_m < centre.length_m
    assert np.abs(racing.curvature_per_m).max() < 1.05 * np.abs(centre.curvature_per_m).max()
    poses = racing.poses_at(np.arange(0.0, racing.length_m, 0.05))
    assert wheels_on_road(track, poses, CarSpec()).min() == 4


def test_the_other_direction_has_the_same_racing_line() -> None:
    track = load_track("milk-run")

    there, back = racing_line(track), racing_line(track.reversed())

    back_on_there = Track("line", there, there, there).locate(back)
    assert np.abs(back_on_there.offset_m).max() < 0.02


def test_a_larger_margin_keeps_the_line_further_from_the_borders() -> None:
    track = load_track("harbour-loop")

    near, far = (racing_line(track, margin_m) for margin_m in (0.0, 0.2))

    reach = [np.abs(track.locate(line).offset_m).max() for line in (near, far)]
    np.testing.assert_allclose(reach[0] - reach[1], 0.2, atol=0.03)


def test_a_road_too_narrow_for_the_car_leaves_the_middle() -> None:
    track = circle(radius_m=3.0, width_m=0.15)

    line = racing_line(track)

    np.testing.assert_allclose(np.linalg.norm(line, axis=1), 3.0, atol=0.01)


def test_sharp_corners_are_cut() -> None:
    line = ClosedLine.through(racing_line(square(side_m=8.0, width_m=1.0)))

    assert line.length_m < 31.5
    assert np.abs(line.curvature_per_m).max() < 2.0


def test_the_bounded_least_squares_are_those_of_scipy() -> None:
    random = np.random.default_rng(5)
    matrix, wanted = random.normal(size=(60, 25)), random.normal(size=60)
    bounds = (np.full(25, -0.05), np.full(25, 0.08))

    found = _bounded(matrix.T @ matrix, -matrix.T @ wanted, bounds, np.zeros(25))

    np.testing.assert_allclose(found, lsq_linear(matrix, wanted, bounds, tol=1e-14).x, atol=1e-5)


def test_the_weights_of_a_spline_sum_to_one_everywhere() -> None:
    np.testing.assert_allclose(_spline(137, 41).sum(axis=1), 1.0)
