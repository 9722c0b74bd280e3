"""Several models, or several iterations of one, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from racecraft.analysis.study.study import Study


def compare_models(studies: Sequence[Study]) -> pd.DataFrame:
    """One row a model: what it took and what it can do."""
    rows = []
    for each in studies:
        laps = each.evaluation_laps if len(each.evaluation_laps) else each.laps
        evaluated = each.evaluation_episodes
        rows.append(
            {
                "model": each.logs.name,
                "track": each.logs.world,
                "iterations": len(each.iterations),
                "episodes": len(each.episodes),
                "steps": len(each.logs.training),
                "first_lap_iteration": _first_lap(each.iterations),
                "best_mean_progress": each.iterations["mean_progress"].max()
                if len(each.iterations)
                else np.nan,
                "training_laps": int(each.episodes["complete"].sum()) if len(each.episodes) else 0,
                "best_training_lap": each.laps["time"].min() if len(each.laps) else np.nan,
                "evaluation_completion": 100.0 * evaluated["complete"].mean()
                if len(evaluated)
                else np.nan,
                "best_lap": laps["time"].min() if len(laps) else np.nan,
                "mean_lap": laps["time"].mean() if len(laps) else np.nan,
                "actions": len(each.actions) or np.nan,
            }
        )
    return pd.DataFrame(rows)


def compare_iterations(study: Study, numbers: Sequence[int]) -> pd.DataFrame:
    """The rows of some iterations, one column an iteration."""
    chosen = study.iterations[study.iterations["iteration"].isin(list(numbers))]
    return chosen.set_index("iteration").T.rename_axis("figure").reset_index()


def _first_lap(iterations: pd.DataFrame) -> float:
    if iterations.empty:
        return np.nan
    with_laps = iterations.loc[iterations["laps"].fillna(0) > 0, "iteration"]
    return float(with_laps.iloc[0]) if len(with_laps) else np.nan
