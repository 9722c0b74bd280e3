"""Pictures of what reward functions are told, drawn on a real road with true values."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from made.canvas import BLUE, CAR, GREEN, GREY, INK, RED, Canvas, Points
from made.layers import layers_picture
from racecraft.domain.track import Track

_LENGTH_M, _RADIUS_M, _HALF_M = 4.0, 2.0, 0.5


def _oval() -> Track:
    """Two straights of four metres and two half circles, driven counter-clockwise."""
    straight = np.linspace(-_LENGTH_M / 2, _LENGTH_M / 2, 17)[:-1]
    turn = np.linspace(-np.pi / 2, np.pi / 2, 25)[:-1]

    def ring(radius: float) -> Points:
        bend = np.stack([radius * np.cos(turn) + _LENGTH_M / 2, radius * np.sin(turn)], axis=1)
        side = np.stack([straight, np.full_like(straight, -radius)], axis=1)
        half = np.concatenate([side, bend])
        loop = np.concatenate([half, -half])
        return np.concatenate([loop, loop[:1]])

    return Track("oval", ring(_RADIUS_M), ring(_RADIUS_M - _HALF_M), ring(_RADIUS_M + _HALF_M))


def _beside(track: Track, along_m: float, offset_m: float) -> tuple[Points, float]:
    """A point beside the centre line, and which way the road goes there."""
    heading = float(track.heading_at(along_m)[0])
    left = np.array([-math.sin(heading), math.cos(heading)])
    return track.point_at(along_m)[0] + offset_m * left, heading


def where_the_car_is() -> str:
    """Place and direction across the road."""
    track = _oval()
    nose, road = _beside(track, 5.35, 0.24)
    heading = road + 0.28
    told = track.locate(nose[None])
    behind = int(told.segment[0])
    canvas = Canvas((1.2, -2.75), (4.1, 2.9), 860)
    canvas.road(track, 2.9, 9.5)
    for index in range(behind - 5, behind + 8):
        is_closest = index in (behind, behind + 1)
        canvas.dot(track.centre[index], RED if is_closest else INK, 6 if is_closest else 3.5)
    foot = track.point_at(float(told.distance_m[0]))[0]
    canvas.car(nose, heading, BLUE)
    canvas.path((nose, foot), RED, 3)
    canvas.dot(nose, INK, 4)
    east = nose + np.array([0.75, 0.0])
    canvas.path((nose, east), GREY, 1.5, dash="5 5")
    ahead = np.array([math.cos(heading), math.sin(heading)])
    canvas.arrow(nose, nose + 0.62 * ahead, BLUE)
    arc = [nose + 0.4 * np.array([math.cos(t), math.sin(t)]) for t in np.linspace(0, heading, 20)]
    canvas.path(arc, BLUE, 2)
    half = 0.5 * track.width_m
    ends = [_beside(track, 6.75, side)[0] for side in (-half, half)]
    canvas.arrow(ends[0], ends[1], GREEN)
    canvas.arrow(ends[1], ends[0], GREEN)
    canvas.text(ends[1], f"track_width {track.width_m:.2f} m", GREEN, anchor="end", shift=(-8, 5))
    canvas.text(nose, f"x {nose[0]:.2f} m, y {nose[1]:.2f} m", anchor="end", shift=(-40, -44))
    canvas.text(nose, "is_left_of_center True", anchor="end", shift=(-40, -22))
    canvas.text(arc[10], f"heading {math.degrees(heading):.0f}°", BLUE, shift=(10, 4))
    gap = abs(float(told.offset_m[0]))
    canvas.text(foot, f"distance_from_center {gap:.2f} m", RED, shift=(26, 14))
    words = f"closest_waypoints [{behind}, {behind + 1}]"
    canvas.text(foot, words, RED, shift=(26, 38))
    canvas.text(track.centre[behind - 5], "waypoints", shift=(10, 24))
    return canvas.svg("Where the car is: x, y, heading, distance_from_center, closest_waypoints")


def along_the_track() -> str:
    """Ways along the loop."""
    track = _oval()
    start_m, here_m = 3.4, 10.6
    canvas = Canvas((-5.3, -3.2), (10.6, 6.4), 860)
    canvas.road(track, 0.0, track.length_m)
    canvas.path(track.point_at(np.linspace(0, here_m, 120)).tolist(), BLUE, 5)
    driven = np.linspace(start_m, here_m, 120)
    inward = [_beside(track, float(one), 0.32)[0] for one in driven]
    canvas.path(inward, GREEN, 5)
    for at, words, colour in (
        (0.0, "waypoint 0: start and finish", INK),
        (start_m, "start of this episode", GREEN),
    ):
        canvas.path([_beside(track, at, side)[0] for side in (-0.5, 0.5)], colour, 5)
        canvas.text(_beside(track, at, -0.62)[0], words, colour, anchor="middle", shift=(0, 12))
    nose, heading = _beside(track, here_m, 0.0)
    canvas.car(nose, heading, RED)
    canvas.dot(nose, INK)
    told = float(track.locate(nose[None]).distance_m[0])
    share = 100.0 * (here_m - start_m) / track.length_m
    canvas.text((-2.4, 0.55), f"track_length {track.length_m:.2f} m: once round")
    canvas.text((-2.4, 0.1), f"projection_distance {told:.2f} m: from waypoint 0", BLUE)
    canvas.text((-2.4, -0.35), f"progress {share:.1f} %: of the lap, in this episode", GREEN)
    canvas.text((-2.4, -0.8), "is_reversed False: in the order of the waypoints")
    ahead, _ = _beside(track, 17.2, 0.75)
    canvas.arrow(_beside(track, 16.0, 0.75)[0], ahead, INK)
    return canvas.svg("Along the track: projection_distance, progress, track_length")


def steering_and_speed() -> str:
    """Signs of angles, and the nose."""
    canvas = Canvas((-0.65, -0.3), (3.5, 0.98), 860)
    for middle, steer, words in (
        (0.0, 30.0, "steering_angle 30: left"),
        (1.1, 0.0, "steering_angle 0"),
        (2.2, -30.0, "steering_angle -30: right"),
    ):
        nose = (middle, 0.2 + CAR.nose_m)
        canvas.car(nose, math.pi / 2, BLUE, math.radians(steer))
        canvas.dot(nose, RED, 5)
        turn = math.pi / 2 + math.radians(steer)
        end = (nose[0] + 0.22 * math.cos(turn), nose[1] + 0.22 * math.sin(turn))
        canvas.arrow(nose, end, RED)
        canvas.text((middle, -0.14), words, anchor="middle")
    words = f"The car is located by its nose, {CAR.nose_m:.2f} m ahead of its middle."
    canvas.text((1.1, -0.25), words, RED, anchor="middle")
    return canvas.svg("steering_angle: left is positive; the nose of the car")


def wheels() -> str:
    """When wheels are on the track, and when the car is off it."""
    track = _oval()
    canvas = Canvas((-2.0, -3.05), (4.0, 1.95), 860)
    canvas.road(track, 0.05, 3.95)
    rows = (
        (0.6, 0.1, GREEN, ("all_wheels_on_track True", "is_offtrack False")),
        (2.0, -0.5, BLUE, ("all_wheels_on_track False", "is_offtrack False")),
        (3.4, -0.72, RED, ("all_wheels_on_track False", "is_offtrack True")),
    )
    for along, offset, colour, words in rows:
        nose, heading = _beside(track, along, offset)
        canvas.car(nose, heading, colour)
        for line, text in enumerate(words):
            top, _ = _beside(track, along, 0.62)
            canvas.text(top, text, colour, anchor="middle", shift=(0, -22 + 20 * line))
    return canvas.svg("all_wheels_on_track and is_offtrack")


def objects() -> str:
    """Boxes and the car between them."""
    track = _oval()
    canvas = Canvas((-2.45, -3.15), (7.0, 3.6), 860)
    canvas.road(track, -1.2, 8.6)
    boxes = ((0.8, -0.25), (4.3, 0.25), (6.9, -0.25))
    nose, heading = _beside(track, 2.6, 0.05)
    along = [track.locate(_beside(track, *box)[0][None]) for box in boxes]
    for index, box in enumerate(boxes):
        middle, road = _beside(track, *box)
        canvas.box(middle, road, RED if index == 1 else GREY)
        told = along[index]
        side = "True" if told.offset_m[0] > 0 else "False"
        words = (
            f"object {index}",
            f"objects_distance {float(told.distance_m[0]):.2f} m",
            f"objects_left_of_center {side}",
            f"objects_distance_from_center {abs(float(told.offset_m[0])):.2f} m",
        )
        place = ((-2.3, -1.15), (0.2, -0.75), (0.2, 0.15))[index]
        for line, text in enumerate(words[: 4 if index == 1 else 2]):
            colour = RED if index == 1 else INK
            canvas.text(place, text, colour, shift=(0, 18 * line))
        start = ((-1.6, -1.4), (1.6, -1.3), (1.9, 0.1))[index]
        canvas.path((start, middle), GREY, 1.5, dash="4 4")
    canvas.car(nose, heading, BLUE)
    canvas.text(nose, "closest_objects [0, 1]: behind, ahead", BLUE, anchor="middle", shift=(0, 92))
    return canvas.svg("Objects: closest_objects, objects_distance, objects_left_of_center")


PICTURES: dict[str, Callable[[], str]] = {
    "reward-where": where_the_car_is,
    "reward-along": along_the_track,
    "reward-steering": steering_and_speed,
    "reward-wheels": wheels,
    "reward-objects": objects,
    "architecture": layers_picture,
}
