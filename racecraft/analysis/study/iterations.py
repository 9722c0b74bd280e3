"""Iterations: how a training went, and which one was best by several measures."""

from __future__ import annotations

import numpy as np
import pandas as pd

FEWEST_LAPS = 3
"""Laps of an iteration before its mean time is compared."""


def iterations_of(
    episodes: pd.DataFrame, metrics: pd.DataFrame, reports: pd.DataFrame
) -> pd.DataFrame:
    """One row an iteration.

    Args:
        episodes: of the training.
        metrics: of its episodes and trials; may be empty.
        reports: what learning said; may be empty.

    Returns:
        Columns: `iteration`, `episodes`, `steps`, `mean_reward`, `median_reward`, `best_reward`,
        `mean_progress`, `laps`, `completion` (share of episodes that were laps, percent),
        `best_lap`, `mean_lap`, `lap_deviation` (s), `mean_speed` (m/s over the whole), and, where
        they are known, `evaluation_progress`, `evaluation_laps` and the columns of the reports.
    """
    groups = episodes.groupby("iteration", sort=True)
    table = pd.DataFrame(
        {
            "episodes": groups.size(),
            "steps": groups["steps"].sum(),
            "mean_reward": groups["reward"].mean(),
            "median_reward": groups["reward"].median(),
            "best_reward": groups["reward"].max(),
            "mean_progress": groups["progress"].mean(),
            "laps": groups["complete"].sum(),
            "completion": 100.0 * groups["complete"].mean(),
            "mean_speed": groups["dist"].sum() / groups["time"].sum().replace(0.0, np.nan),
        }
    )
    laps = episodes[episodes["complete"] == 1].groupby("iteration")["time"]
    table["best_lap"], table["mean_lap"] = laps.min(), laps.mean()
    table["lap_deviation"] = laps.std()
    table = _with_evaluations(table, metrics)
    if len(reports):
        known = [c for c in _TOLD if c in reports]
        told = reports.drop_duplicates("iteration", keep="last").set_index("iteration")[known]
        table = table.join(told.apply(pd.to_numeric, errors="coerce"), how="outer")
        table[["episodes", "steps", "laps"]] = table[["episodes", "steps", "laps"]].fillna(0)
        if "mean_evaluation_progress" in table:
            missing = table["evaluation_progress"].isna()
            table.loc[missing, "evaluation_progress"] = table["mean_evaluation_progress"]
    return table.reset_index(names="iteration")


_TOLD = (
    "policy_loss",
    "value_loss",
    "entropy",
    "explained_variance",
    "approx_kl",
    "clip_fraction",
    "alpha",
    "clean_laps",
    "mean_evaluation_progress",
    "env_steps",
    "training_s",
)


def _with_evaluations(table: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    if metrics.empty or not (metrics["phase"] == "evaluation").any():
        table["evaluation_progress"], table["evaluation_laps"] = np.nan, np.nan
        return table
    trials = metrics[metrics["phase"] == "evaluation"].groupby("iteration")
    table["evaluation_progress"] = trials["completion_percentage"].mean()
    table["evaluation_laps"] = trials["is_complete"].sum()
    return table


MEASURES = (
    ("evaluation_progress", "max", "Evaluation progress", "%", "greedy laps got furthest"),
    ("completion", "max", "Completed laps", "%", "most training episodes were full laps"),
    ("mean_progress", "max", "Mean progress", "%", "training episodes got furthest on average"),
    ("best_lap", "min", "Fastest lap", "s", "the single fastest lap"),
    (
        "mean_lap",
        "min",
        "Mean lap time",
        "s",
        f"fastest on average, of at least {FEWEST_LAPS} laps",
    ),
    ("lap_deviation", "min", "Steadiest laps", "s", "lap times differ least"),
    ("mean_reward", "max", "Mean reward", "", "the reward function was paid best"),
)
"""Column, which end is good, title, unit, what it means."""


def best_iterations(iterations: pd.DataFrame) -> pd.DataFrame:
    """The best iteration by each measure that is known."""
    rows = []
    for column, end, title, unit, meaning in MEASURES:
        values = iterations[column].astype(float)
        if column in ("mean_lap", "lap_deviation"):
            values = values.where(iterations["laps"] >= FEWEST_LAPS)
        values = values.dropna()
        if values.empty:
            continue
        row = values.idxmax() if end == "max" else values.idxmin()
        rows.append(
            {
                "measure": title,
                "iteration": int(iterations.loc[row, "iteration"]),
                "value": float(values[row]),
                "unit": unit,
                "meaning": meaning,
            }
        )
    return pd.DataFrame(rows, columns=["measure", "iteration", "value", "unit", "meaning"])


def laps_of(episodes: pd.DataFrame) -> pd.DataFrame:
    """The complete laps, fastest first."""
    columns = ["unique_episode", "episode", "iteration", "time", "reward", "speed", "steps", "dist"]
    if "stream" in episodes:
        columns.insert(1, "stream")
    laps = episodes[(episodes["complete"] == 1) & (episodes["time"] > 0)]
    return laps[columns].sort_values("time", kind="stable", ignore_index=True)
