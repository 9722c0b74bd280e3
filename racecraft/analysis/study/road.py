"""The road as the drives show it: a reference line, and who drives along it.

Places on the road are shares of the lap from 0 to 1, taken from the nearest waypoint and the
progress since the episode's start, so that no track file is needed. With one, borders are drawn,
and drives the other way round are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from racecraft.analysis.study.episodes import first_rows

BINS = 200
"""Pieces of the road in which positions are averaged."""
_MOST_ROWS = 300_000
"""Rows that the reference line is made of; more do not change it."""
_SURE_TURN = 0.3
"""rad about the middle of the track: an episode that turned less does not tell its direction."""
_NEAR_M = 1.0
"""A car is nearer than this to the waypoint that is nearest to it."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Road:
    """Shape of the road."""

    line: Floats
    """(BINS, 2) where cars drive, from the finish line on."""
    length_m: float
    waypoints: int
    """How many there are."""
    borders: tuple[Floats, Floats] | None = None
    """(K, 2) each, if the track is known."""


def share_of_lap(frame: pd.DataFrame, waypoints: int) -> Floats:
    """(N,) where on the lap each step is, 0 to 1."""
    starts = first_rows(frame)
    counts = np.diff(np.append(starts, len(frame)))
    first = frame["closest_waypoint"].to_numpy()[starts] / max(waypoints, 1)
    first = first - frame["progress"].to_numpy()[starts] / 100.0
    share: Floats = np.mod(np.repeat(first, counts) + frame["progress"].to_numpy() / 100.0, 1.0)
    return share


def main_length(frame: pd.DataFrame) -> float:
    """Length (m) of the track on which most steps were driven; 0 if none says."""
    lengths = frame["track_len"].round(2)
    lengths = lengths[lengths > 0]
    return float(lengths.mode().iloc[0]) if len(lengths) else 0.0


def on_main_track(
    frame: pd.DataFrame, borders: tuple[Floats, Floats, Floats] | None = None
) -> pd.DataFrame:
    """The steps on the track on which most were driven, or of the one that is known."""
    length = main_length(frame)
    is_there = (frame["track_len"].round(2) == np.float32(round(length, 2))).to_numpy()
    if borders is not None and len(frame):
        is_there = _follows(frame, borders[0])
    frame = frame if is_there.all() else frame[is_there]
    return frame if borders is not None else _one_way_round(frame)


def along(frame: pd.DataFrame, road: Road) -> pd.DataFrame:
    """The steps of episodes that begin on a road, where they say that they do."""
    if frame.empty:
        return frame
    starts = first_rows(frame)
    counts = np.diff(np.append(starts, len(frame)))
    place = (share_of_lap(frame, road.waypoints)[starts] * BINS).astype(np.int64) % BINS
    gap = np.hypot(*(frame[["x", "y"]].to_numpy()[starts] - road.line[place]).T)
    is_there = np.repeat(gap < _NEAR_M, counts)
    return frame if is_there.all() else frame[is_there]


def _one_way_round(frame: pd.DataFrame) -> pd.DataFrame:
    """The steps of episodes that go round as most do; of a training in both directions, half."""
    if len(frame) < 2:
        return frame
    starts = first_rows(frame)
    points = frame[["x", "y"]].to_numpy()
    points = points - np.median(points, axis=0)
    angle = np.arctan2(points[:, 1], points[:, 0])
    turns = np.mod(np.diff(angle, prepend=angle[:1]) + np.pi, 2 * np.pi) - np.pi
    turns[starts] = 0.0
    turned = np.add.reduceat(turns, starts)
    is_sure = np.abs(turned) > _SURE_TURN
    if min((is_sure & (turned > 0)).sum(), (is_sure & (turned < 0)).sum()) < 0.1 * is_sure.sum():
        return frame
    side = np.sign(turned[is_sure].sum()) or 1.0
    counts = np.diff(np.append(starts, len(frame)))
    return frame[np.repeat(turned * side > 0, counts)]


def _follows(frame: pd.DataFrame, centre: Floats) -> NDArray[np.bool_]:
    """(N,) whether the episode of a step begins at the waypoint that it says, on this track."""
    starts = first_rows(frame)
    counts = np.diff(np.append(starts, len(frame)))
    first = frame.iloc[starts]
    waypoint = np.minimum(first["closest_waypoint"].to_numpy(), len(centre) - 1)
    gap = np.hypot(*(first[["x", "y"]].to_numpy() - centre[waypoint]).T)
    return np.repeat(gap < _NEAR_M, counts)


def waypoints_of(frame: pd.DataFrame) -> int:
    """How many waypoints the track must have."""
    return int(frame["closest_waypoint"].max()) + 1 if len(frame) else 1


def road_of(
    frame: pd.DataFrame, borders: tuple[Floats, Floats, Floats] | None = None
) -> Road | None:
    """The road of some steps, all on one track; None if they show too little of it.

    Args:
        frame: the steps.
        borders: (K, 2) centre, inner and outer line of the track if it is known.
    """
    waypoints = len(borders[0]) if borders is not None else waypoints_of(frame)
    length = main_length(frame)
    if borders is not None:
        centre = borders[0]
        steps = np.linalg.norm(np.diff(centre, axis=0), axis=1)
        along = np.concatenate(([0.0], np.cumsum(steps)))
        wanted = (np.arange(BINS) + 0.5) / BINS * along[-1]
        line = np.stack([np.interp(wanted, along, centre[:, axis]) for axis in (0, 1)], axis=1)
        return Road(line, float(along[-1]), waypoints, (borders[1], borders[2]))
    every = max(1, len(frame) // _MOST_ROWS)
    shares = share_of_lap(frame, waypoints)[::every]
    used = frame.iloc[::every]
    good = used["on_track"].to_numpy()
    if good.sum() < BINS // 4:
        return None
    place = np.minimum((shares[good] * BINS).astype(np.int64), BINS - 1)
    means = pd.DataFrame({"x": used["x"].to_numpy()[good], "y": used["y"].to_numpy()[good]})
    means = means.groupby(place).median()
    if len(means) < BINS // 8:
        return None
    bins = np.arange(BINS)
    line = np.stack(
        [np.interp(bins, means.index, means[c], period=BINS) for c in ("x", "y")], axis=1
    )
    return Road(line, length, waypoints)
