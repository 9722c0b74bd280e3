"""Whether a reward function pays for what people want: fast laps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from racecraft.analysis.study.findings import Finding, Weight

FEWEST_LAPS = 8
"""Below, a correlation is luck."""
_CLEAR = 0.3


def reward_against_time(laps: pd.DataFrame) -> float | None:
    """Rank correlation of reward and lap time, -1 to 1; None with too few laps.

    Spearman's: how well "more reward" goes with "more time", whatever the curve.
    """
    used = laps[(laps["time"] > 0) & np.isfinite(laps["reward"])]
    if len(used) < FEWEST_LAPS or used["time"].nunique() < 3 or used["reward"].nunique() < 3:
        return None
    ranks = used[["reward", "time"]].rank()
    return float(np.corrcoef(ranks["reward"], ranks["time"])[0, 1])


def reward_findings(laps: pd.DataFrame, episodes: pd.DataFrame) -> list[Finding]:
    """What the rewards of laps and episodes say."""
    found = []
    ranks = reward_against_time(laps)
    if ranks is not None and ranks > _CLEAR:
        slow, fast = _halves(laps)
        found.append(
            Finding(
                Weight.WARNING,
                "reward",
                f"Your reward pays for slow laps: the slower half of the {len(laps)} laps got "
                f"{slow:.4g} on average, the faster half {fast:.4g} (rank correlation of reward "
                "and "
                f"lap time {ranks:+.2f}).",
                "A reward that is paid in every step pays longer laps more. Pay for progress per "
                "step, or add a bonus at the end of the lap that is larger the sooner it comes.",
            )
        )
    elif ranks is not None and ranks < -_CLEAR:
        found.append(
            Finding(
                Weight.GOOD,
                "reward",
                f"Your reward pays for fast laps (rank correlation of reward and lap time "
                f"{ranks:+.2f} over {len(laps)} laps).",
            )
        )
    elif ranks is not None:
        found.append(
            Finding(
                Weight.NOTE,
                "reward",
                f"Your reward pays fast and slow laps alike (rank correlation {ranks:+.2f} over "
                f"{len(laps)} laps).",
                "If lap times are what you want, let the reward rise with progress per step.",
            )
        )
    return found + _unpaid_laps(episodes)


def _halves(laps: pd.DataFrame) -> tuple[float, float]:
    """Mean reward of the slower half and of the faster half."""
    is_slow = laps["time"] > laps["time"].median()
    return float(laps.loc[is_slow, "reward"].mean()), float(laps.loc[~is_slow, "reward"].mean())


def _unpaid_laps(episodes: pd.DataFrame) -> list[Finding]:
    complete = episodes["complete"] == 1
    if complete.sum() < 3 or (~complete).sum() < 3:
        return []
    failed = episodes.loc[~complete, "reward"]
    laps = episodes.loc[complete, "reward"]
    share = float((failed > laps.median()).mean() * 100)
    if share < 10:
        return []
    return [
        Finding(
            Weight.WARNING,
            "reward",
            f"{share:.0f} % of the episodes that failed got more reward than the median lap "
            f"({laps.median():.4g}).",
            "Failing should never pay: lower what is paid in a step against what a lap is worth.",
        )
    ]
