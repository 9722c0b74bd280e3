"""What entropy, KL, losses and explained variance say, in plain words.

Limits are rules of thumb of people who train with PPO, not laws; each sentence tells the number
that was met.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from racecraft.analysis.study.findings import Finding, Weight

_COLLAPSED = 0.1
"""Share of the highest entropy below which a policy hardly tries anything new."""
_LARGE_KL = 0.05
_LARGE_CLIP = 0.4
_POOR_EXPLANATION = 0.2
_DROP_PERCENT = 15.0
"""Points of evaluation progress that a training has lost since its best iteration."""
_STILL_RISING = 0.15


def learning_findings(iterations: pd.DataFrame, actions: int) -> list[Finding]:
    """What the figures of the iterations say.

    Args:
        iterations: as of `iterations_of`.
        actions: how many there are in the list; 0 for ranges.
    """
    found = []
    for finding in (
        _entropy(iterations, actions),
        _divergence(iterations),
        _clipping(iterations),
        _explanation(iterations),
        _value_loss(iterations),
        _not_a_number(iterations),
        _progress(iterations),
        _laps(iterations),
    ):
        if finding is not None:
            found.append(finding)
    return found


def _column(iterations: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Values of a column by iteration; empty if it is not known."""
    if name not in iterations:
        return pd.Series(dtype=float)
    return iterations.set_index("iteration")[name].astype(float).dropna()


def _entropy(iterations: pd.DataFrame, actions: int) -> Finding | None:
    entropy = _column(iterations, "entropy")
    if len(entropy) < 3 or actions < 2:
        return None
    highest = float(np.log(actions))
    low = entropy[entropy < _COLLAPSED * highest]
    if low.empty:
        if entropy.iloc[-1] > 0.9 * highest and len(entropy) >= 10:
            return Finding(
                Weight.WARNING,
                "learning",
                f"The policy still tries everything: its entropy is {entropy.iloc[-1]:.2f} of at "
                "most "
                f"{highest:.2f} after {len(entropy)} iterations.",
                "Nothing was learnt yet. Lower the entropy coefficient, raise the learning rate, "
                "or "
                "look whether the reward tells good steps from bad ones.",
            )
        return None
    first = int(low.index[0])
    progress = _column(iterations, "mean_progress")
    reached = float(progress.get(first, np.nan))
    if progress.empty or not reached < 80.0:
        return Finding(
            Weight.NOTE,
            "learning",
            f"The policy is sure of itself since iteration {first}: its entropy fell below "
            f"{_COLLAPSED:.0%} of the highest ({highest:.2f}), at {reached:.0f} % mean progress.",
            "That is as it should be when laps are clean; from here on it will change little.",
        )
    return Finding(
        Weight.WARNING,
        "learning",
        f"Exploration collapsed at iteration {first}: the entropy fell to {low.iloc[0]:.2f} (of at "
        f"most {highest:.2f}) while the mean progress was only {reached:.0f} %.",
        "The policy stopped trying things before it could drive. Raise the entropy coefficient, "
        "lower the learning rate or the number of epochs, and train anew.",
    )


def _divergence(iterations: pd.DataFrame) -> Finding | None:
    divergence = _column(iterations, "approx_kl").abs()
    if len(divergence) < 3:
        return None
    large = divergence[divergence > _LARGE_KL]
    if len(large) < max(3, 0.2 * len(divergence)):
        return None
    return Finding(
        Weight.WARNING,
        "learning",
        f"Updates are too large: the policy changed by a KL divergence above {_LARGE_KL} in "
        f"{len(large)} of {len(divergence)} iterations (most in iteration "
        f"{int(divergence.idxmax())}, {divergence.max():.3f}).",
        "Lower the learning rate or the number of epochs, or take more episodes between updates.",
    )


def _clipping(iterations: pd.DataFrame) -> Finding | None:
    clipped = _column(iterations, "clip_fraction")
    if len(clipped) < 3 or clipped.tail(10).mean() < _LARGE_CLIP:
        return None
    return Finding(
        Weight.NOTE,
        "learning",
        f"{clipped.tail(10).mean():.0%} of the steps in the last iterations hit PPO's limit on "
        "change.",
        "Much of what was gathered is not used: lower the learning rate or the number of epochs.",
    )


def _explanation(iterations: pd.DataFrame) -> Finding | None:
    explained = _column(iterations, "explained_variance")
    if len(explained) < 5:
        return None
    late = float(explained.tail(max(3, len(explained) // 5)).median())
    if late >= _POOR_EXPLANATION:
        return None
    return Finding(
        Weight.WARNING,
        "learning",
        f"The value function foresees little: at the end it explains {late:.0%} of how rewards "
        "turn out.",
        "Without it learning is mostly luck. A reward with fewer jumps is easier to foresee, and "
        "so "
        "is a lower discount factor (0.95 to 0.99).",
    )


def _value_loss(iterations: pd.DataFrame) -> Finding | None:
    losses = _column(iterations, "value_loss")
    if len(losses) < 10:
        return None
    before, after = float(losses.head(5).median()), float(losses.tail(5).median())
    if before <= 0 or after < 20 * before:
        return None
    return Finding(
        Weight.NOTE,
        "learning",
        f"The loss of the value function grew from {before:.3g} to {after:.3g}.",
        "Rewards have become much larger than at first, for instance by a bonus at the end of "
        "laps; "
        "smaller numbers are learnt more evenly.",
    )


def _not_a_number(iterations: pd.DataFrame) -> Finding | None:
    for name in ("policy_loss", "value_loss", "entropy"):
        if name not in iterations:
            continue
        values = iterations[name].astype(float).to_numpy()
        odd = np.flatnonzero(np.isinf(values))
        if len(odd):
            return Finding(
                Weight.WARNING,
                "learning",
                f"The {name.replace('_', ' ')} is no number since iteration "
                f"{int(iterations['iteration'].iloc[odd[0]])}.",
                "Learning has broken down: clone an earlier checkpoint and lower the learning "
                "rate.",
            )
    return None


def _progress(iterations: pd.DataFrame) -> Finding | None:
    progress = _column(iterations, "evaluation_progress")
    where = "evaluation"
    if len(progress) < 5:
        progress, where = _column(iterations, "mean_progress"), "training"
    if len(progress) < 8:
        return None
    smooth = progress.rolling(3, min_periods=1).mean()
    best, last = int(smooth.idxmax()), float(smooth.iloc[-1])
    lost = float(smooth.max()) - last
    if lost > _DROP_PERCENT:
        return Finding(
            Weight.WARNING,
            "learning",
            f"The model got worse after iteration {best}: {where} progress fell from "
            f"{smooth.max():.0f} % to {last:.0f} %.",
            f"Use the checkpoint of iteration {best}, and clone that one with a lower learning "
            "rate "
            "to train on.",
        )
    third = max(2, len(smooth) // 3)
    gained = last - float(smooth.iloc[-third])
    if smooth.max() < 95.0 and gained > 100 * _STILL_RISING:
        return Finding(
            Weight.NOTE,
            "learning",
            f"It was still getting better when it ended: {gained:+.0f} points of {where} progress "
            "in "
            "the last third.",
            "Train on.",
        )
    if smooth.max() < 95.0 and abs(gained) < 3 and len(progress) >= 15:
        return Finding(
            Weight.NOTE,
            "learning",
            f"Nothing changed in the last third: {where} progress stays at about {last:.0f} %.",
            "More time will not help; change the reward, the actions or the hyperparameters.",
        )
    return None


def _laps(iterations: pd.DataFrame) -> Finding | None:
    if iterations.empty:
        return None
    laps = iterations.set_index("iteration")["laps"].fillna(0)
    greedy = iterations.set_index("iteration")["evaluation_laps"].fillna(0)
    if laps.sum() == 0 and greedy.sum() > 0:
        return Finding(
            Weight.GOOD,
            "driving",
            f"The first complete lap came in the evaluation after iteration "
            f"{int(greedy.index[greedy.to_numpy() > 0][0])}; there were {int(greedy.sum())} in "
            "all.",
        )
    if laps.sum() == 0:
        return Finding(
            Weight.WARNING,
            "driving",
            "No training episode was a complete lap.",
            "Begin with lower speeds or an easier track, and see where cars leave the road.",
        )
    first = int(laps.index[laps.to_numpy() > 0][0])
    return Finding(
        Weight.GOOD,
        "driving",
        f"The first complete lap came in iteration {first}; there were {int(laps.sum())} in all.",
    )
