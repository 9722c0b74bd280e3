"""The physical limit of a track, as people of a service ask for it: figures, line, and a lap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.car import CarSpec
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.limit import LEAGUE
from racecraft.domain.spec import TrackChoice
from racecraft.service.drives import Drive
from racecraft.service.limits import asked_limit
from racecraft.service.track_choices import refuse_odd_track
from racecraft.tracks.library import load_track

if TYPE_CHECKING:
    from racecraft.domain.limit import FastestLap
    from racecraft.service.settings import Settings

_SPEED_STEP_MPS = 0.1
"""Top speeds are rounded up to this, so that there are only so many limits to be kept."""


class LeagueLine(BaseModel):
    """How near to the limit somebody came on public boards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    who: str
    times_limit: float


class TrackLimit(BaseModel):
    """The fastest lap of the standard car; every list has one entry a point of its line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    track: str
    is_reversed: bool
    top_speed_mps: float = Field(description="the fastest speed that the driver may choose")
    limit_s: float = Field(description="least time of a rolling lap")
    line_m: float = Field(description="length of the line")
    x_m: list[float] = Field(description="where the car's origin goes, first equals last")
    y_m: list[float]
    speed_mps: list[float]
    time_s: list[float] = Field(description="when it is there")
    league: list[LeagueLine] = Field(
        description="what racers reached on twenty public boards of 2023 to 2025"
    )


def view_limit(settings: Settings, choice: TrackChoice, *, top_mps: float, who: str) -> TrackLimit:
    """The limit of a track, worked out by another process if it is not kept yet.

    Raises:
        InvalidInput, TrackNotFound: there is no such track.
        TooManyRequests: too many are being worked out.
    """
    lap, top = _asked(settings, choice, top_mps, who)
    x_m, y_m = lap.points.T.tolist()
    return TrackLimit(
        track=choice.name,
        is_reversed=choice.is_reversed,
        top_speed_mps=top,
        limit_s=lap.time_s,
        line_m=round(lap.length_m, 2),
        x_m=x_m,
        y_m=y_m,
        speed_mps=lap.speed_mps.tolist(),
        time_s=np.round(lap.clock_s, 3).tolist(),
        league=[LeagueLine(who=who, times_limit=most) for most, who in LEAGUE],
    )


def ideal_drive(settings: Settings, choice: TrackChoice, *, top_mps: float, who: str) -> Drive:
    """The fastest lap as if it had been recorded: a rolling lap, for drawing it beside others.

    Raises:
        InvalidInput, TrackNotFound, TooManyRequests: as for `view_limit`.
    """
    lap, _ = _asked(settings, choice, top_mps, who)
    road = load_track(choice.name, is_reversed=choice.is_reversed, folders=(settings.tracks,))
    steps = np.append(np.arange(0.0, lap.time_s, 1 / CONTROL_HZ), lap.time_s)
    x, y, speed, share = (
        np.interp(steps, lap.clock_s, values)
        for values in (*lap.points.T, lap.speed_mps, lap.shares(road))
    )
    step = np.diff(lap.points, axis=0)
    heading = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    middle_s = (lap.clock_s[1:] + lap.clock_s[:-1]) / 2
    yaw = np.interp(steps, middle_s, heading)
    nose_m = CarSpec().nose_m
    turn = np.gradient(yaw, steps) / np.maximum(speed, 0.1)
    steering = np.degrees(np.arctan(turn * CarSpec().wheelbase_m / 0.5))
    return Drive(
        episode=0,
        status="Physical limit",
        time_s=np.round(steps, 3).tolist(),
        x_m=np.round(x + nose_m * np.cos(yaw), 4).tolist(),
        y_m=np.round(y + nose_m * np.sin(yaw), 4).tolist(),
        yaw_rad=np.round(yaw, 4).tolist(),
        steering_deg=np.round(np.clip(steering, -30, 30), 2).tolist(),
        speed_mps=np.round(speed, 3).tolist(),
        progress_percent=np.round(np.clip(100 * share, 0, 100), 3).tolist(),
        reward=[0.0] * len(steps),
        is_on_track=[True] * len(steps),
    )


def _asked(
    settings: Settings, choice: TrackChoice, top_mps: float, who: str
) -> tuple[FastestLap, float]:
    refuse_odd_track(choice.name)
    top = min(
        round(np.ceil(top_mps / _SPEED_STEP_MPS - 1e-9) * _SPEED_STEP_MPS, 1),
        CarSpec().max_speed_mps,
    )
    return asked_limit(settings, choice, top_mps=top, who=who), top
