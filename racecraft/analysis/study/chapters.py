"""The chapters of a report: a figure, its table, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from racecraft.analysis.study.actions import driving_steps, late_steps
from racecraft.analysis.study.figures import charts, roads
from racecraft.analysis.study.parts import time_lost
from racecraft.analysis.study.road import along
from racecraft.analysis.study.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINES = 10
"""Drives in a picture of lines."""


@dataclass(frozen=True)
class Chapter:
    """One figure with its table and what it means."""

    name: str
    """Of the files, without their endings."""
    title: str
    text: str
    """For beginners: what to look for."""
    table: pd.DataFrame
    draw: Callable[[], Figure | None]


def chapters_of(study: Study) -> list[Chapter]:
    """The chapters of a report, without those for which there is no data."""
    made = [*_training(study), *_driving(study)]
    return [chapter for chapter in made if len(chapter.table)]


def _training(study: Study) -> list[Chapter]:
    iterations = study.iterations
    late = driving_steps(late_steps(study.logs.training))
    is_listed = len(study.actions) > 0
    return [
        Chapter(
            "iterations",
            "Reward and progress",
            "Each dot is an episode, the line their mean. Both should rise; progress of 100 % is a "
            "lap. Where reward rises and progress does not, the reward pays for something else.",
            iterations,
            lambda: charts.progress_chart(iterations, study.episodes),
        ),
        Chapter(
            "best",
            "Best iteration by several measures",
            "Which checkpoint to use depends on what you want: laps for sure, or one fast lap.",
            study.best,
            lambda: None,
        ),
        Chapter(
            "laps",
            "Lap times and completed laps",
            "Times of training laps, which explore; evaluations are faster and steadier.",
            study.laps,
            lambda: charts.lap_chart(iterations, study.laps),
        ),
        Chapter(
            "learning",
            "What learning says",
            "Entropy tells how much the policy still tries; it should fall slowly. KL tells how "
            "large the updates are; 0.01 to 0.03 is usual. Explained variance near 1 means that "
            "the value function foresees rewards well.",
            _told(iterations),
            lambda: charts.learning_chart(iterations),
        ),
        Chapter(
            "actions",
            "Actions",
            "Red actions are hardly ever taken: leave them out of the next model.",
            study.actions if is_listed else _spread(late),
            lambda: charts.action_chart(study.actions) if is_listed else charts.range_chart(late),
        ),
        Chapter(
            "reward",
            "Reward against lap time",
            "Fast laps should be paid more: the dots should fall from the upper left to the lower "
            "right. If they rise, your reward pays for slow laps.",
            study.laps[["unique_episode", "iteration", "time", "reward"]],
            lambda: charts.reward_chart(study.laps),
        ),
    ]


def _driving(study: Study) -> list[Chapter]:
    if study.road is None:
        return []
    road = study.road
    found = [
        Chapter(
            "exits",
            "Where cars fail",
            "The brighter a place, the more cars left the track or crashed there.",
            study.exits,
            lambda: roads.exit_map(study.exits, road),
        ),
        Chapter(
            "parts",
            "Sectors and corners",
            "`lost` is what the median lap takes longer than the best in that part: there is most "
            "to gain where it is high.",
            study.parts,
            lambda: charts.part_chart(study.parts),
        ),
    ]
    drives = _drives(study)
    for measure in ("speed", "reward", "steering_angle", "action"):
        if measure == "action" and study.actions.empty:
            continue
        found.append(_lines(study, drives, measure))
    return found + _lost(study) + _limit(study)


_WORDS = {
    "speed": ("Driven lines by speed", "Slow into turns, fast out of them is the quick way round."),
    "reward": (
        "Driven lines by reward",
        "Bright places are paid well. They should be where good driving is, not where slow is.",
    ),
    "steering_angle": (
        "Driven lines by steering",
        "Colours that change back and forth on a straight are zigzag.",
    ),
    "action": ("Driven lines by action", "Which action of the list is taken where."),
}


def _lines(study: Study, drives: list[pd.DataFrame], measure: str) -> Chapter:
    title, text = _WORDS[measure]
    columns = ["unique_episode", "steps", "x", "y", measure]
    table = pd.concat(drives)[columns] if drives else pd.DataFrame(columns=columns)
    return Chapter(
        f"lines-{measure.replace('_', '-')}",
        title,
        text,
        table,
        lambda: roads.drive_lines(drives, measure, study.road, title),
    )


def _drives(study: Study) -> list[pd.DataFrame]:
    """The steps of the best drives: evaluations if there are any, fastest laps first."""
    if len(study.evaluation_episodes):
        frame, episodes = study.logs.evaluation, study.evaluation_episodes
    else:
        frame, episodes = study.logs.training, study.episodes
    there = frame if study.road is None else along(frame, study.road)
    is_there = episodes["unique_episode"].isin(there["unique_episode"].unique())
    chosen = episodes[is_there] if is_there.any() else episodes
    order = chosen.sort_values(["complete", "progress", "time"], ascending=[False, False, True])
    numbers = order["unique_episode"].head(LINES).tolist()
    return [episode_steps(frame, number) for number in numbers]


def episode_steps(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """The driven steps of an episode, by its `unique_episode`; they lie together in a frame."""
    values = frame["unique_episode"].to_numpy()
    first, last = np.searchsorted(values, [number, number + 1])
    return driving_steps(frame.iloc[first:last])


def _lost(study: Study) -> list[Chapter]:
    """The other fast laps against the best one."""
    is_evaluated = len(study.evaluation_laps) > 1
    laps = study.evaluation_laps if is_evaluated else study.laps
    frame = study.logs.evaluation if is_evaluated else study.logs.training
    if len(laps) < 2 or study.road is None:
        return []
    there = along(frame, study.road)
    numbers = set(there["unique_episode"].unique().tolist())
    used = [int(n) for n in laps["unique_episode"].head(LINES) if int(n) in numbers]
    if len(used) < 2:
        return []
    best = episode_steps(frame, used[0])
    tables = [
        time_lost(pd.concat([episode_steps(frame, lap), best]), lap, used[0], study.road).assign(
            lap=lap
        )
        for lap in used[1:]
    ]
    return [
        Chapter(
            "time-lost",
            "Time lost against the best lap",
            "Red is where the other laps are slower than the best one, green where they are "
            "faster.",
            pd.concat(tables, ignore_index=True),
            lambda: roads.drive_lines(
                tables, "losing", study.road, "Time lost against the best lap"
            ),
        )
    ]


def _limit(study: Study) -> list[Chapter]:
    """The best lap against what is physically possible."""
    if study.losses.empty:
        return []
    return [
        Chapter(
            "limit-losses",
            "Time lost against the physical limit",
            "The best lap, corner by corner, against the fastest lap that is possible at all: "
            "`lost` is against the limit of the car, `own_lost` against the limit at the top speed "
            "of the model's own actions. Where the bars are long there is time to be found.",
            study.losses,
            lambda: charts.loss_chart(study.losses, study.profile),
        ),
        Chapter(
            "limit-profile",
            "Speed along the lap",
            "How fast the best lap was at each place, and how fast the fastest possible lap is "
            "there.",
            study.profile,
            lambda: None,
        ),
    ]


def _told(iterations: pd.DataFrame) -> pd.DataFrame:
    names = ("policy_loss", "value_loss", "entropy", "approx_kl", "explained_variance")
    known = [name for name in (*names, "clip_fraction", "alpha") if name in iterations]
    return iterations[["iteration", *known]] if known else pd.DataFrame()


def _spread(steps: pd.DataFrame) -> pd.DataFrame:
    if steps.empty:
        return pd.DataFrame()
    table = steps[["steering_angle", "speed"]].astype(np.float64).describe()
    return table.rename_axis("figure").reset_index()
