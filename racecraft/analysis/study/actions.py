"""Which actions a policy takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from racecraft.analysis.study.findings import Finding, Weight

RARE_PERCENT = 0.5
"""An action that is taken less often is hardly used."""
_LATE = 0.8
"""Of the iterations, from which on a policy counts as what it has become."""
_AT_THE_END = 0.02
"""Share of a range that counts as its end."""
_MUCH_PERCENT = 30.0


def late_steps(training: pd.DataFrame) -> pd.DataFrame:
    """The steps of the last fifth of the iterations, in which a policy is what it has become."""
    if training.empty:
        return training
    numbers = training["iteration"]
    first = numbers.min() + _LATE * (numbers.max() - numbers.min())
    return training[numbers >= first]


def driving_steps(frame: pd.DataFrame) -> pd.DataFrame:
    """The steps in which a policy chose: not prepared, not paused."""
    chosen = frame["episode_status"].isin(("prepare", "pause", "park"))
    return frame[~chosen]


def action_usage(frame: pd.DataFrame, action_space: Any) -> pd.DataFrame:
    """How often each action of a list is taken.

    Args:
        frame: steps.
        action_space: a list of actions with `steering_angle` and `speed`; anything else, and the
            actions are those that were taken.

    Returns:
        Columns: `action`, `steering_angle` (degrees), `speed` (m/s), `count`, `percent`,
        `mean_reward`. Empty for ranges.
    """
    columns = ["action", "steering_angle", "speed", "count", "percent", "mean_reward"]
    chosen = driving_steps(frame)
    chosen = chosen[chosen["action"] >= 0]
    if chosen.empty:
        return pd.DataFrame(columns=columns)
    groups = chosen.groupby("action")
    table = pd.DataFrame(
        {
            "steering_angle": groups["steering_angle"].median().astype(float).round(4),
            "speed": groups["speed"].median().round(4),
            "count": groups.size(),
            "mean_reward": groups["reward"].mean(),
        }
    )
    listed = _listed(action_space)
    if listed is not None:
        table = table.reindex(range(max(len(listed), int(table.index.max()) + 1)))
        table["count"] = table["count"].fillna(0)
        for index, row in enumerate(listed):
            table.loc[index, ["steering_angle", "speed"]] = row
    table["count"] = table["count"].astype(np.int64)
    table["percent"] = 100.0 * table["count"] / len(chosen)
    return table.rename_axis("action").reset_index()[columns]


def action_findings(usage: pd.DataFrame, frame: pd.DataFrame, action_space: Any) -> list[Finding]:
    """What the use of the actions says."""
    if usage.empty:
        return _range_findings(driving_steps(frame), action_space)
    found = []
    rare = usage[usage["percent"] < RARE_PERCENT]
    if len(rare):
        names = ", ".join(
            f"{int(row.action)} ({row.steering_angle:g}° at {row.speed:g} m/s)"
            for row in rare.head(8).itertuples()
        )
        more = f" and {len(rare) - 8} more" if len(rare) > 8 else ""
        found.append(
            Finding(
                Weight.NOTE,
                "actions",
                f"{len(rare)} of {len(usage)} actions are hardly ever taken: {names}{more}.",
                "Leave them out of the next model: fewer actions are learnt faster. (A clone must "
                "keep its number of actions.)",
            )
        )
    top = usage.loc[usage["percent"].idxmax()]
    if top["percent"] > 60 and len(usage) > 2:
        found.append(
            Finding(
                Weight.NOTE,
                "actions",
                f"{top['percent']:.0f} % of all steps take one action, {top['steering_angle']:g}° "
                "at "
                f"{top['speed']:g} m/s.",
                "If the car does not turn well, the learning may have settled too early: raise the "
                "entropy, or lower the learning rate.",
            )
        )
    return found + _balance(usage["steering_angle"], usage["percent"]) + _fastest(usage)


def _fastest(usage: pd.DataFrame) -> list[Finding]:
    fastest = usage["speed"] == usage["speed"].max()
    share = float(usage.loc[fastest, "percent"].sum())
    if share < 85 or usage["speed"].nunique() < 2:
        return []
    return [
        Finding(
            Weight.GOOD,
            "actions",
            f"{share:.0f} % of the steps are at the highest speed, {usage['speed'].max():g} m/s.",
            "The model could go faster than it may: give the next one a higher maximum speed.",
        )
    ]


def _balance(steering: pd.Series[Any], percent: pd.Series[Any]) -> list[Finding]:
    right, left = (float(percent[side].sum()) for side in (steering < 0, steering > 0))
    if min(left, right) > 1 or max(left, right) < 20:
        return []
    word, other = ("left", "right") if left > right else ("right", "left")
    return [
        Finding(
            Weight.NOTE,
            "actions",
            f"The car steers {word} in {max(left, right):.0f} % of the steps and almost never "
            f"{other}.",
            "On a loop that is enough, but such a model fails the other way round: train it in "
            "both "
            "directions.",
        )
    ]


def _range_findings(frame: pd.DataFrame, action_space: Any) -> list[Finding]:
    if frame.empty or not isinstance(action_space, dict):
        return []
    found = []
    for key, column, unit in (
        ("steering_angle", "steering_angle", "°"),
        ("speed", "speed", " m/s"),
    ):
        limits = action_space.get(key)
        if not isinstance(limits, dict) or not {"low", "high"} <= limits.keys():
            continue
        low, high = float(limits["low"]), float(limits["high"])
        values = frame[column].to_numpy(np.float64)
        edge = _AT_THE_END * (high - low)
        for end, share in (
            (low, float((values <= low + edge).mean() * 100)),
            (high, float((values >= high - edge).mean() * 100)),
        ):
            if share > _MUCH_PERCENT:
                found.append(
                    Finding(
                        Weight.NOTE,
                        "actions",
                        f"{share:.0f} % of the steps are at the end of the range of the "
                        f"{key.replace('_', ' ')} ({end:g}{unit}).",
                        "The policy would like to go beyond it: widen the range, or accept that it "
                        "drives at the limit.",
                    )
                )
    return found


def _listed(action_space: Any) -> list[tuple[float, float]] | None:
    if not isinstance(action_space, list):
        return None
    try:
        return [(float(row["steering_angle"]), float(row["speed"])) for row in action_space]
    except (KeyError, TypeError, ValueError):
        return None
