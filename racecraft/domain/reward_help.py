"""The inputs of a reward function in a few words each, for whoever writes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """One input."""

    kind: str
    """Its type and unit."""
    text: str


MEANINGS: Mapping[str, Meaning] = {
    "all_wheels_on_track": Meaning("bool", "All four wheels are between the borders."),
    "x": Meaning("float, m", "Where the nose of the car is, to the east."),
    "y": Meaning("float, m", "Where the nose of the car is, to the north."),
    "heading": Meaning("float, °", "Where the car points, −180 to 180; 0 is along x."),
    "distance_from_center": Meaning("float, m", "From nose to centre line, never negative."),
    "projection_distance": Meaning("float, m", "Way along the centre line from waypoint 0."),
    "progress": Meaning("float, %", "Share of the lap driven in this episode; 100 is a full lap."),
    "steps": Meaning("float", "Steps of this episode so far; 15 are a second."),
    "speed": Meaning("float, m/s", "The speed that was just chosen."),
    "steering_angle": Meaning("float, °", "The angle just chosen, −30 (right) to 30 (left)."),
    "track_width": Meaning("float, m", "From border to border where the car is."),
    "track_length": Meaning("float, m", "Length of the centre line."),
    "waypoints": Meaning("list of (x, y)", "Points of the centre line in driving direction."),
    "racing_line": Meaning("list of (x, y)", "The fastest line: its point beside each waypoint."),
    "racing_speed": Meaning("list of float, m/s", "The speed to choose at those points."),
    "closest_waypoints": Meaning("[int, int]", "Index of the waypoint behind and the one ahead."),
    "is_left_of_center": Meaning("bool", "The car is left of the centre line."),
    "is_reversed": Meaning("bool", "The track is driven against the order of its file."),
    "closest_objects": Meaning("[int, int]", "Index of the object behind and of the one ahead."),
    "objects_location": Meaning("list of [x, y]", "Where boxes and other cars are."),
    "objects_left_of_center": Meaning("list of bool", "Which objects are left of the centre line."),
    "objects_speed": Meaning("list of float, m/s", "How fast the objects move; boxes stand still."),
    "objects_heading": Meaning("list of float, rad", "Where the objects point."),
    "objects_distance": Meaning("list of float, m", "Way of the objects along the centre line."),
    "objects_distance_from_center": Meaning("list of float, m", "From objects to the centre line."),
    "object_in_camera": Meaning("bool", "The front camera sees the next object ahead."),
    "is_crashed": Meaning("bool", "The car has hit something in this step."),
    "crashed": Meaning("bool", "The same as is_crashed, as some guides spell it."),
    "is_offtrack": Meaning("bool", "No wheel is on the track any more."),
    "offtrack": Meaning("bool", "The same as is_offtrack, as some guides spell it."),
    "sim_time": Meaning("float, s", "The simulated clock; it runs on through the episodes."),
}
"""Every input by its name; a test compares with what reward functions are given."""
