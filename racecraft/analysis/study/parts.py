"""Corners, sectors, and where cars fail: the road cut into pieces, and what happens in each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from racecraft.analysis.study.episodes import FAILURES, step_times
from racecraft.analysis.study.road import BINS, Floats, Road, share_of_lap

_SHARPEST_STRAIGHT = 0.35
"""1/m: a bend of a larger radius than about 3 m counts as straight."""
_SHORTEST_CORNER = 4
"""Pieces."""
_SHORTEST_STRAIGHT = 5
"""Pieces between two bends to one side that are two corners."""
SECTORS = 6


def corners_of(road: Road) -> pd.DataFrame:
    """Corners in driving order.

    Columns: `corner`, `from_share`, `to_share`, `turn` (degrees, left is positive).
    """
    smooth = _smoothed(road.line)
    ahead = np.roll(smooth, -1, axis=0) - smooth
    heading = np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0]))
    turn = np.mod(np.diff(heading, append=heading[0]) + np.pi, 2 * np.pi) - np.pi
    way = np.maximum(np.linalg.norm(ahead, axis=1), 1e-6)
    bend = _smoothed((turn / way)[:, None])[:, 0]
    side = _joined(np.where(np.abs(bend) > _SHARPEST_STRAIGHT, np.sign(bend), 0.0))
    rows: list[dict[str, float]] = []
    for first, last in _runs(side):
        pieces = np.arange(first, last + 1) % BINS
        if len(pieces) < _SHORTEST_CORNER:
            continue
        rows.append(
            {
                "corner": len(rows) + 1,
                "from_share": pieces[0] / BINS,
                "to_share": (pieces[-1] + 1) / BINS,
                "turn": float(np.degrees(turn[pieces].sum())),
            }
        )
    return pd.DataFrame(rows, columns=["corner", "from_share", "to_share", "turn"])


def _smoothed(values: Floats, width: int = 7) -> Floats:
    rolled = [np.roll(values, shift, axis=0) for shift in range(-(width // 2), width // 2 + 1)]
    smooth: Floats = np.mean(rolled, axis=0)
    return smooth


def _joined(side: Floats) -> Floats:
    """The same with short straights within a bend to one side taken as part of it."""
    joined = side.copy()
    for first, last in _runs(np.where(side == 0, 1.0, 0.0)):
        before, after = side[(first - 1) % BINS], side[(last + 1) % BINS]
        if last - first + 1 < _SHORTEST_STRAIGHT and before == after:
            joined[np.arange(first, last + 1) % BINS] = before
    return joined


def _runs(side: Floats) -> list[tuple[int, int]]:
    """First and last piece of each stretch that bends to one side; one may cross the finish."""
    if not (side != 0).any():
        return []
    if (side != 0).all() and (side == side[0]).all():
        return [(0, BINS - 1)]
    begin = int(np.flatnonzero(side != np.roll(side, 1))[0])
    turned = np.roll(side, -begin)
    edges = np.flatnonzero(np.diff(turned, prepend=np.nan) != 0)
    ends = np.append(edges[1:], BINS) - 1
    pairs = zip(edges, ends, strict=True)
    runs = [(int(a) + begin, int(b) + begin) for a, b in pairs if turned[a] != 0]
    return sorted(((a % BINS, a % BINS + b - a) for a, b in runs), key=lambda run: run[0])


def stretches(road: Road) -> pd.DataFrame:
    """Sectors of equal length and then corners: `part`, `from_share`, `to_share`, `turn`."""
    edges = np.linspace(0.0, 1.0, SECTORS + 1)
    sectors = pd.DataFrame(
        {
            "part": [f"sector {k + 1}" for k in range(SECTORS)],
            "from_share": edges[:-1],
            "to_share": edges[1:],
            "turn": np.nan,
        }
    )
    corners = corners_of(road)
    corners["part"] = [
        f"corner {row.corner} ({'left' if row.turn > 0 else 'right'})"
        for row in corners.itertuples()
    ]
    return pd.concat([sectors, corners.drop(columns="corner")], ignore_index=True)


def parts_of(frame: pd.DataFrame, episodes: pd.DataFrame, road: Road) -> pd.DataFrame:
    """Each sector and corner: how fast it is driven, and how many cars fail there.

    Args:
        frame: steps on one track.
        episodes: theirs.
        road: its shape.

    Returns:
        Columns: `part`, `from_m`, `to_m`, `turn`, `median_time`, `best_time`, `time_of_best_lap`
        (s, complete laps only), `lost` (median minus best, s), `mean_speed` (commanded, m/s),
        `exits`.
    """
    parts = stretches(road)
    shares = share_of_lap(frame, road.waypoints)
    times = step_times(frame)
    number = frame["unique_episode"].to_numpy() - int(frame["unique_episode"].iloc[0])
    speed = frame["speed"].to_numpy()
    ended = _ends(frame)
    numbers = episodes["unique_episode"].to_numpy() - int(frame["unique_episode"].iloc[0])
    is_lap = np.zeros(int(number.max()) + 1, np.bool_)
    is_lap[numbers[episodes["complete"].to_numpy() == 1]] = True
    best = _best_lap(episodes, numbers)
    rows = []
    for part in parts.itertuples():
        inside = _inside(shares, part.from_share, part.to_share)
        spent = np.bincount(number[inside], weights=times[inside], minlength=len(is_lap))
        laps = spent[is_lap]
        rows.append(
            {
                "part": part.part,
                "from_m": part.from_share * road.length_m,
                "to_m": (part.to_share % 1.0 or 1.0) * road.length_m,
                "turn": part.turn,
                "median_time": float(np.median(laps)) if len(laps) else np.nan,
                "best_time": float(laps.min()) if len(laps) else np.nan,
                "time_of_best_lap": float(spent[best]) if best is not None else np.nan,
                "mean_speed": float(speed[inside].mean()) if inside.any() else np.nan,
                "exits": int((inside & ended).sum()),
            }
        )
    table = pd.DataFrame(rows)
    table.insert(7, "lost", table["median_time"] - table["best_time"])
    return table


def _best_lap(episodes: pd.DataFrame, numbers: NDArray[np.int64]) -> int | None:
    laps = np.flatnonzero((episodes["complete"] == 1) & (episodes["time"] > 0))
    if not len(laps):
        return None
    return int(numbers[laps[np.argmin(episodes["time"].to_numpy()[laps])]])


def _inside(shares: Floats, first: float, last: float) -> NDArray[np.bool_]:
    if last > 1.0:  # a corner across the finish line
        return (shares >= first) | (shares < last - 1.0)
    return (shares >= first) & (shares < last)


def _ends(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """(N,) whether a car failed in a step."""
    failed: NDArray[np.bool_] = frame["episode_status"].isin(FAILURES[:2]).to_numpy()
    return failed & _is_news(frame)


def _is_news(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """The first of several steps with the same status."""
    codes = frame["episode_status"].cat.codes.to_numpy()
    news: NDArray[np.bool_] = np.diff(codes, prepend=-2) != 0
    return news


def exits_of(frame: pd.DataFrame, road: Road) -> pd.DataFrame:
    """Where cars left the track or crashed, one row each, with place, speed and iteration."""
    found = np.flatnonzero(_ends(frame))
    used = frame.iloc[found]
    shares = share_of_lap(frame, road.waypoints)[found]
    columns = {
        "iteration": used["iteration"].to_numpy(),
        "unique_episode": used["unique_episode"].to_numpy(),
        "x": used["x"].to_numpy(),
        "y": used["y"].to_numpy(),
        "at_m": shares * road.length_m,
        "waypoint": used["closest_waypoint"].to_numpy(),
        "speed": used["speed"].to_numpy(),
        "steering_angle": used["steering_angle"].to_numpy(),
        "status": used["episode_status"].astype(str).to_numpy(),
    }
    return pd.DataFrame(columns)


def time_lost(frame: pd.DataFrame, lap: int, best: int, road: Road) -> pd.DataFrame:
    """Seconds by which a lap is behind the best one, along the road.

    Args:
        frame: steps.
        lap: `unique_episode` of a complete lap.
        best: that of the one to compare with.
        road: its shape.

    Returns:
        Columns: `progress` (percent), `x`, `y`, `behind` (s, negative where the lap is ahead) and
        `losing` (s lost per percent of the lap).
    """
    del road
    one, other = (frame[frame["unique_episode"] == number] for number in (lap, best))
    grid = np.linspace(1.0, 100.0, 199)
    columns = {"progress": grid}
    times = []
    for drive in (one, other):
        progress = np.maximum.accumulate(drive["progress"].to_numpy())
        clock = drive["tstamp"].to_numpy() - drive["tstamp"].iloc[0]
        times.append(np.interp(grid, progress, clock))
        if drive is one:
            columns["x"] = np.interp(grid, progress, drive["x"].to_numpy())
            columns["y"] = np.interp(grid, progress, drive["y"].to_numpy())
    behind = times[0] - times[1]
    return pd.DataFrame({**columns, "behind": behind, "losing": np.gradient(behind, grid)})
