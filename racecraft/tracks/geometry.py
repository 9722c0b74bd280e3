"""Geometry rules of a track: no line crosses itself, and the road lies between its borders.

Shapely is imported where it is used, because it is slow to import.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidTrack
from racecraft.domain.track import Points, Track

LENGTH_RANGE_M = (5.0, 500.0)
WIDTH_RANGE_M = (0.3, 5.0)


def check_track(track: Track) -> None:
    """Judge a closed track whose numbers are finite.

    Raises:
        InvalidTrack: its size is absurd, a line crosses itself or another, the borders are
            swapped, or the centre line is not between them.
    """
    _check_closed(track)
    _check_length(track)
    for title, line in (
        ("centre line", track.centre),
        ("inner border", track.inner),
        ("outer border", track.outer),
    ):
        _check_simple(track.name, title, line)
    _check_borders(track)
    _check_centre(track)
    _check_width(track)


def _check_closed(track: Track) -> None:
    for line in (track.centre, track.inner, track.outer):
        if not np.array_equal(line[0], line[-1]):
            gap_m = float(np.linalg.norm(line[0] - line[-1]))
            raise InvalidTrack(
                f"The track {track.name} is not closed: there are {gap_m:.3f} m between a line's "
                "first and last point; repeat the first row at the end."
            )


def _check_length(track: Track) -> None:
    low, high = LENGTH_RANGE_M
    if not low <= track.length_m <= high:
        raise InvalidTrack(
            f"The track {track.name} is {track.length_m:.2f} m long; a track for 1/18-scale cars "
            f"has {low:g} to {high:g} m, so check that its unit is the metre."
        )


def _check_simple(name: str, title: str, line: Points) -> None:
    import shapely

    polygon = shapely.Polygon(line)
    if shapely.is_valid(polygon):
        return
    reason = str(shapely.is_valid_reason(polygon))
    found = re.search(r"\[(\S+) (\S+)\]", reason)
    where = _place(float(found[1]), float(found[2])) if found else "somewhere"
    raise InvalidTrack(
        f"The {title} of the track {name} crosses or touches itself {where}; move the points "
        "there apart (roads that cross cannot be raced)."
    )


def _check_borders(track: Track) -> None:
    import shapely

    inner, outer = shapely.Polygon(track.inner), shapely.Polygon(track.outer)
    if shapely.contains_properly(outer, inner):
        return
    if shapely.contains_properly(inner, outer):
        raise InvalidTrack(
            f"In the track {track.name} the inner border lies outside the outer border; columns "
            "3-4 and 5-6 may be swapped, so exchange them."
        )
    meeting = shapely.intersection(inner.exterior, outer.exterior)
    if shapely.is_empty(meeting):
        raise InvalidTrack(
            f"In the track {track.name} the borders lie side by side instead of one inside the "
            "other; check that columns 3-4 and 5-6 belong to the same loop."
        )
    point = shapely.point_on_surface(meeting)
    raise InvalidTrack(
        f"In the track {track.name} the inner and the outer border meet "
        f"{_place(point.x, point.y)}; keep them apart all round the loop."
    )


def _check_centre(track: Track) -> None:
    import shapely

    inner, outer = shapely.Polygon(track.inner), shapely.Polygon(track.outer)
    road = shapely.difference(outer, inner)
    line = shapely.LineString(track.centre)
    if shapely.contains_properly(road, line):
        return
    outside = ~shapely.contains_xy(road, track.centre)
    count = int(np.count_nonzero(outside))
    if count == 0:  # the points are inside, a step between two of them is not
        point = shapely.point_on_surface(shapely.intersection(line, road.boundary))
        raise InvalidTrack(
            f"In the track {track.name} the centre line cuts across a border "
            f"{_place(point.x, point.y)}; add waypoints there."
        )
    x, y = track.centre[int(np.argmax(outside))]
    raise InvalidTrack(
        f"In the track {track.name} the centre line is not between the borders at {count} "
        f"waypoints, the first {_place(x, y)}; columns 1-2 must hold the centre line, 3-4 the "
        "inner and 5-6 the outer border."
    )


def _check_width(track: Track) -> None:
    width_m = _widths(track)
    low, high = WIDTH_RANGE_M
    for at, is_wrong, word in (
        (int(np.argmin(width_m)), width_m.min() < low, "narrow"),
        (int(np.argmax(width_m)), width_m.max() > high, "wide"),
    ):
        if is_wrong:
            x, y = track.centre[at]
            raise InvalidTrack(
                f"The track {track.name} is too {word}: {width_m[at]:.2f} m {_place(x, y)}; the "
                f"road must be {low:g} to {high:g} m wide everywhere."
            )


def _widths(track: Track) -> NDArray[np.float64]:
    """(K,) distance to the inner plus distance to the outer border of each waypoint (m).

    Not row by row: in some community files a border runs ahead of the centre line.
    """
    import shapely

    points = shapely.points(track.centre)
    sides = [
        shapely.distance(points, shapely.LineString(line)) for line in (track.inner, track.outer)
    ]
    return np.asarray(sides[0] + sides[1])


def _place(x_m: float, y_m: float) -> str:
    return f"near x = {x_m:.2f} m, y = {y_m:.2f} m"
