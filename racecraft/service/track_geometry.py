"""The road of a track as points, for whoever draws it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.track import Points, Track, nearest_points
from racecraft.tracks.library import load_track, title_of

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

Point = tuple[float, float]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StartLine(_Answer):
    """Where a lap begins and ends."""

    x_m: float
    y_m: float
    heading_rad: float = Field(description="driving direction, counter-clockwise from x")
    inner: Point = Field(description="end of the line at the inner border")
    outer: Point = Field(description="end of the line at the outer border")


class TrackGeometry(_Answer):
    """A road in one driving direction; points are metres, x east, y north."""

    name: str
    title: str
    is_reversed: bool
    is_counter_clockwise: bool
    length_m: float = Field(description="length of the centre line")
    width_m: float = Field(description="median distance between the borders")
    centre: list[Point] = Field(description="waypoints in driving direction, last equals first")
    inner: list[Point] = Field(description="border on the inside of the loop")
    outer: list[Point] = Field(description="border on the outside of the loop")
    start: StartLine


def view_geometry(settings: Settings, name: str, *, is_reversed: bool = False) -> TrackGeometry:
    """The road of a shipped or imported track.

    Raises:
        TrackNotFound: nothing has this name.
        InvalidTrack: its file cannot be used.
    """
    track = load_track(name, is_reversed=is_reversed, folders=(settings.tracks,))
    return TrackGeometry(
        name=name,
        title=title_of(name),
        is_reversed=is_reversed,
        is_counter_clockwise=track.is_counter_clockwise,
        length_m=round(track.length_m, 4),
        width_m=round(track.width_m, 4),
        centre=_points(track.centre),
        inner=_points(track.inner),
        outer=_points(track.outer),
        start=_start_line(track),
    )


def _start_line(track: Track) -> StartLine:
    (x_m, y_m), ahead = track.centre[0], track.centre[1] - track.centre[0]
    return StartLine(
        x_m=round(float(x_m), 4),
        y_m=round(float(y_m), 4),
        heading_rad=round(math.atan2(ahead[1], ahead[0]), 6),
        inner=_nearest(track.centre[:1], track.inner),
        outer=_nearest(track.centre[:1], track.outer),
    )


def _nearest(point: Points, line: Points) -> Point:
    """In some files a border runs ahead of the centre line, so its own first row will not do."""
    segment, share, _ = nearest_points(point, line)
    k = int(segment[0])
    return _points((line[k] + share[0] * (line[k + 1] - line[k]))[None])[0]


def _points(line: Points) -> list[Point]:
    return [(x, y) for x, y in np.round(line, 4).tolist()]
