"""Everything that is worked out of the logs of one model."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from racecraft.analysis.logs.load import Logs
from racecraft.analysis.study.actions import action_findings, action_usage, late_steps
from racecraft.analysis.study.episodes import episodes_of, step_times
from racecraft.analysis.study.findings import Finding, Weight
from racecraft.analysis.study.iterations import best_iterations, iterations_of, laps_of
from racecraft.analysis.study.learning import learning_findings
from racecraft.analysis.study.losses import (
    Possible,
    best_lap,
    loss_findings,
    losses_of,
    profile_of,
)
from racecraft.analysis.study.parts import exits_of, parts_of
from racecraft.analysis.study.rewards import reward_findings
from racecraft.analysis.study.road import Floats, Road, on_main_track, road_of


@dataclass(frozen=True)
class Study:
    """Tables and findings; every table has a docstring where it is made."""

    logs: Logs
    episodes: pd.DataFrame
    """Of the training."""
    evaluation_episodes: pd.DataFrame
    iterations: pd.DataFrame
    best: pd.DataFrame
    """The best iteration by each measure."""
    laps: pd.DataFrame
    """Complete laps of the training, fastest first."""
    evaluation_laps: pd.DataFrame
    actions: pd.DataFrame
    """Of the last fifth of the training; empty for ranges."""
    road: Road | None
    parts: pd.DataFrame
    """Sectors and corners."""
    exits: pd.DataFrame
    """Where cars left the track or crashed, in training and evaluations."""
    findings: tuple[Finding, ...]
    losses: pd.DataFrame = field(default_factory=pd.DataFrame)
    """What the best lap loses against the physical limit, where that is known."""
    profile: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Speeds along that lap, driven and possible."""


def study(
    logs: Logs,
    borders: tuple[Floats, Floats, Floats] | None = None,
    possible: Possible | None = None,
) -> Study:
    """Work out everything.

    Args:
        logs: of one model.
        borders: (K, 2) centre, inner and outer line of its track, if it is known.
        possible: what is physically possible on it, if that is known.
    """
    episodes, evaluated = episodes_of(logs.training), episodes_of(logs.evaluation)
    iterations = iterations_of(episodes, logs.metrics, logs.reports)
    late = late_steps(logs.training) if len(logs.training) else logs.evaluation
    usage = action_usage(late, logs.action_space)
    # Corners are those of the newest driving, exits those of all of it.
    driven = on_main_track(logs.training if len(logs.training) else logs.evaluation, borders)
    road = road_of(driven, borders)
    parts, exits = pd.DataFrame(), pd.DataFrame()
    if road is not None and len(driven):
        parts = parts_of(driven, _of(episodes if len(logs.training) else evaluated, driven), road)
        exits = exits_of(driven, road)
    laps, evaluation_laps = laps_of(episodes), laps_of(evaluated)
    lap = None
    if road is not None and possible is not None:
        tried = [(logs.evaluation, evaluation_laps), (logs.training, laps)]
        found = (best_lap(frame, each, possible.track) for frame, each in tried if len(each))
        lap = next((each for each in found if each is not None), None)
    losses, profile, near = _against(lap, road, possible)
    listed = len(logs.action_space) if isinstance(logs.action_space, list) else len(usage)
    findings = [
        *learning_findings(iterations, listed),
        *reward_findings(laps, episodes),
        *action_findings(usage, late, logs.action_space),
        *_place_findings(parts, exits),
        *near,
    ]
    return Study(
        logs=logs,
        episodes=episodes,
        evaluation_episodes=evaluated,
        iterations=iterations,
        best=best_iterations(iterations),
        laps=laps,
        evaluation_laps=evaluation_laps,
        actions=usage,
        road=road,
        parts=parts,
        exits=exits,
        findings=tuple(sorted(findings, key=lambda each: _ORDER[each.weight])),
        losses=losses,
        profile=profile,
    )


def _against(
    lap: pd.DataFrame | None, road: Road | None, possible: Possible | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """Losses, profile and findings of a lap against the limit; empty where one is missing."""
    if lap is None or road is None or possible is None:
        return pd.DataFrame(), pd.DataFrame(), []
    losses = losses_of(lap, road, possible)
    time_s = float(step_times(lap).sum())
    return losses, profile_of(lap, possible), loss_findings(losses, possible, time_s)


LEAST_LOST_S = 0.1
"""Less than two steps is no difference."""
_ORDER = {Weight.WARNING: 0, Weight.NOTE: 1, Weight.GOOD: 2}


def _of(episodes: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    return episodes[episodes["unique_episode"].isin(steps["unique_episode"].unique())]


def _place_findings(parts: pd.DataFrame, exits: pd.DataFrame) -> list[Finding]:
    """The place where most cars fail, and the one where laps lose most time."""
    found = []
    if len(parts) and len(exits) >= 10:
        corners = parts[parts["part"].str.startswith("corner")]
        used = corners if len(corners) and corners["exits"].sum() else parts
        worst = used.loc[used["exits"].idxmax()]
        share = 100.0 * worst["exits"] / len(exits)
        found.append(
            Finding(
                Weight.NOTE,
                "driving",
                f"Most cars fail in {worst['part']}, {worst['from_m']:.1f} to {worst['to_m']:.1f} "
                "m "
                f"from the finish line: {int(worst['exits'])} of {len(exits)} ({share:.0f} %).",
                "Look at the speed there, and whether the reward says early enough that a turn "
                "comes.",
            )
        )
    if len(parts) and parts["lost"].notna().any() and parts["lost"].max() >= LEAST_LOST_S:
        sectors = parts[parts["part"].str.startswith("sector")]
        slow = sectors.loc[sectors["lost"].idxmax()]
        found.append(
            Finding(
                Weight.NOTE,
                "driving",
                f"Laps lose most time in {slow['part']} ({slow['from_m']:.1f} to "
                f"{slow['to_m']:.1f} m): "
                f"{slow['lost']:.2f} s between the median and the best.",
            )
        )
    return found
