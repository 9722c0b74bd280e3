"""Chapters that show several models, iterations or evaluations side by side.

Where they drove on one track, their laps are laid over each other on the road of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from racecraft.analysis.study.chapters import Chapter, episode_steps
from racecraft.analysis.study.comparison import compare_models
from racecraft.analysis.study.episodes import step_times, step_ways
from racecraft.analysis.study.figures import charts, overlays
from racecraft.analysis.study.findings import Finding, Weight
from racecraft.analysis.study.parts import parts_of
from racecraft.analysis.study.road import BINS, Road, along, main_length, share_of_lap
from racecraft.analysis.study.study import LEAST_LOST_S, Study

_SAME_LENGTH_M = 0.1
"""Tracks whose lengths differ by more are not the same."""


@dataclass(frozen=True)
class Side:
    """One of those that are compared: the drives that tell what it can."""

    name: str
    frame: pd.DataFrame
    """Steps of its evaluations, or of its training if it was never evaluated."""
    episodes: pd.DataFrame
    laps: pd.DataFrame
    """Complete laps, fastest first."""


def distinct(studies: Sequence[Study]) -> list[Study]:
    """The same with names that differ."""
    seen: dict[str, int] = {}
    found = []
    for each in studies:
        name = each.logs.name
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            each = replace(each, logs=each.logs.called(f"{name} ({seen[name]})"))
        found.append(each)
    return found


def compared(studies: Sequence[Study]) -> tuple[list[Chapter], list[Finding]]:
    """Chapters and findings about several studies with names that differ."""
    named = [(each.logs.name, each.iterations) for each in studies]
    table = compare_models(studies)
    sides = [_side(each) for each in studies]
    chapters = [
        Chapter(
            "comparison",
            "Side by side",
            "Compare the table's best_lap and evaluation_completion first: a fast lap that is "
            "rarely finished wins nothing. The chart shows how soon each learnt.",
            table,
            lambda: charts.comparison_chart(named),
        ),
        Chapter(
            "comparison-laps",
            "Lap times",
            "Each dot is a complete lap, of evaluations where there are any. Low and close "
            "together is good: fast, and every time.",
            _lap_table(sides),
            lambda: overlays.lap_strips([(side.name, side.laps["time"]) for side in sides]),
        ),
    ]
    findings = _findings(table)
    road = next((each.road for each in studies if each.road is not None), None)
    there = [] if road is None else _on_road(sides, road)
    if road is not None and len(there) > 1:
        more, found = _on_one_road(there, road)
        chapters, findings = chapters + more, findings + found
    return [chapter for chapter in chapters if len(chapter.table)], findings


def _side(each: Study) -> Side:
    logs = each.logs
    if len(each.evaluation_episodes):
        return Side(logs.name, logs.evaluation, each.evaluation_episodes, each.evaluation_laps)
    return Side(logs.name, logs.training, each.episodes, each.laps)


def _lap_table(sides: Sequence[Side]) -> pd.DataFrame:
    columns = ["time", "reward", "speed", "steps", "dist", "iteration", "unique_episode"]
    tables = [side.laps[columns].assign(model=side.name) for side in sides if len(side.laps)]
    if not tables:
        return pd.DataFrame(columns=["model", *columns])
    return pd.concat(tables, ignore_index=True)[["model", *columns]]


def _on_road(sides: Sequence[Side], road: Road) -> list[Side]:
    """Those that drove laps on a road, with the steps there alone."""
    found = []
    for side in sides:
        if side.laps.empty or abs(main_length(side.frame) - road.length_m) > _SAME_LENGTH_M:
            continue
        frame = along(side.frame, road)
        numbers = frame["unique_episode"].unique()
        laps = side.laps[side.laps["unique_episode"].isin(numbers)]
        episodes = side.episodes[side.episodes["unique_episode"].isin(numbers)]
        if len(laps):
            found.append(Side(side.name, frame, episodes, laps))
    return found


def _on_one_road(sides: Sequence[Side], road: Road) -> tuple[list[Chapter], list[Finding]]:
    parts = _part_table(sides, road)
    lines = _line_table(sides, road)
    names = [side.name for side in sides]
    chapters = [
        Chapter(
            "comparison-parts",
            "Sectors and corners",
            "Median seconds of complete laps. The lowest bar of a group shows who drives that part "
            "best: look there for what the others could learn.",
            parts,
            lambda: overlays.part_bars(parts, names),
        ),
        Chapter(
            "comparison-lines",
            "Best laps on the track",
            "The line of the fastest lap of each. Wide in, close at the apex and wide out is the "
            "quick way through a turn.",
            lines,
            lambda: overlays.best_lines(lines, names, road),
        ),
        Chapter(
            "comparison-speed",
            "Speed along the lap",
            "How fast the car really moved in the fastest lap of each, from the finish line on. "
            "Where lines part, one of them brakes later or gets away earlier.",
            lines[["model", "at_m", "driven_speed", "speed"]],
            lambda: overlays.speed_lines(lines, names),
        ),
    ]
    return chapters, _part_findings(parts, names)


def _part_table(sides: Sequence[Side], road: Road) -> pd.DataFrame:
    """A row a sector or corner, a column each with its median seconds."""
    table = pd.DataFrame()
    for side in sides:
        found = parts_of(side.frame, side.episodes, road)
        if table.empty:
            table = found[["part", "from_m", "to_m"]].copy()
        table[side.name] = found["median_time"]
    return table


def _line_table(sides: Sequence[Side], road: Road) -> pd.DataFrame:
    """The fastest lap of each in pieces of the road: place, command and true speed."""
    tables = []
    for side in sides:
        drive = episode_steps(side.frame, int(side.laps["unique_episode"].iloc[0]))
        times = step_times(drive)
        with np.errstate(divide="ignore", invalid="ignore"):
            driven = np.where(times > 0, step_ways(drive) / times, np.nan)
        place = np.minimum((share_of_lap(drive, road.waypoints) * BINS).astype(np.int64), BINS - 1)
        values = drive[["x", "y", "speed"]].astype(np.float64).assign(driven_speed=driven)
        means = values.groupby(place).mean()
        means.insert(0, "at_m", (means.index + 0.5) / BINS * road.length_m)
        means.insert(0, "model", side.name)
        tables.append(means)
    return pd.concat(tables, ignore_index=True)


def _findings(table: pd.DataFrame) -> list[Finding]:
    """Who is fastest, and who comes round most often."""
    found = []
    times = table.set_index("model")["best_lap"].dropna().sort_values()
    if len(times) > 1 and times.iloc[1] - times.iloc[0] > 0:
        found.append(
            Finding(
                Weight.GOOD,
                "comparison",
                f"{times.index[0]} drove the fastest lap, {times.iloc[0]:.2f} s; that is "
                f"{times.iloc[1] - times.iloc[0]:.2f} s before {times.index[1]}.",
                "",
            )
        )
    shares = table.set_index("model")["evaluation_completion"].dropna().sort_values()
    if len(shares) > 1 and shares.iloc[-1] > shares.iloc[0]:
        found.append(
            Finding(
                Weight.GOOD,
                "comparison",
                f"{shares.index[-1]} finishes most of its evaluation laps, {shares.iloc[-1]:.0f} "
                f"%; {shares.index[0]} the fewest, {shares.iloc[0]:.0f} %.",
                ""
                if len(times) and times.index[0] == shares.index[-1]
                else "For races that count "
                "the best lap, take the fastest; for those that count every lap, the surest.",
            )
        )
    firsts = table.set_index("model")["first_lap_iteration"].dropna().sort_values()
    if len(firsts) > 1 and firsts.iloc[0] < firsts.iloc[-1]:
        found.append(
            Finding(
                Weight.NOTE,
                "comparison",
                f"{firsts.index[0]} drove its first whole lap in iteration {firsts.iloc[0]:.0f}, "
                f"{firsts.index[-1]} in iteration {firsts.iloc[-1]:.0f}.",
                "",
            )
        )
    return found


def _part_findings(parts: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    """The sector in which they differ most."""
    sectors = parts[parts["part"].str.startswith("sector")].set_index("part")[list(names)].dropna()
    if sectors.empty:
        return []
    gaps = sectors.max(axis=1) - sectors.min(axis=1)
    part = str(gaps.idxmax())
    if gaps[part] < LEAST_LOST_S:
        return []
    row = sectors.loc[part]
    return [
        Finding(
            Weight.NOTE,
            "comparison",
            f"They differ most in {part}: {row.idxmin()} takes {row.min():.2f} s there, "
            f"{row.idxmax()} {row.max():.2f} s.",
            "Look at their lines and speeds there.",
        )
    ]
