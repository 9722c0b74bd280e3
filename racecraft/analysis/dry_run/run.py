"""A reward function on laps that show what it pays for, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from racecraft.analysis.dry_run.drawn import drawn_laps
from racecraft.analysis.dry_run.laps import Lap, PaidLap
from racecraft.analysis.dry_run.lines import Speeds
from racecraft.analysis.dry_run.result import DryRun
from racecraft.analysis.dry_run.verdict import judged
from racecraft.domain.limit import FastestLap
from racecraft.domain.track import Track
from racecraft.sandbox.runner import RewardRunner

DEFAULT_GAMMA = 0.99
ROWS_AT_ONCE = 500
"""Rows in one message, so that a slow function still answers in time."""


def dry_run(
    source: str,
    track: Track,
    *,
    speeds: Speeds | None = None,
    gamma: float = DEFAULT_GAMMA,
    laps: Sequence[Lap] | None = None,
    ideal: FastestLap | None = None,
) -> DryRun:
    """Ask a reward function about drawn and recorded laps, and compare what it answers.

    Args:
        source: text of the reward function; it runs in a locked process.
        track: the road, in the direction in which it is driven.
        speeds: of the drawn laps.
        gamma: what a reward one step later counts.
        laps: those of `drawn_laps`, and recorded ones if there are any; all of them with as many
            objects. By default the drawn laps of an empty road.
        ideal: the fastest lap that is possible at the speed of the fast ones, to be drawn.

    Raises:
        InvalidReward: the source cannot be used.
        RewardFailed: the function raised, took too long, or returned what is no number.
    """
    speeds = speeds or Speeds()
    laps = drawn_laps(track, speeds) if laps is None else laps
    rewards, printed = _rewards(source, track, laps)
    paid = tuple(PaidLap(lap, own, gamma) for lap, own in zip(laps, rewards, strict=True))
    return DryRun(track, speeds, gamma, paid, judged(paid, speeds), printed, ideal)


def _rewards(
    source: str, track: Track, laps: Sequence[Lap]
) -> tuple[list[np.ndarray[tuple[int], np.dtype[np.float64]]], str]:
    """(M,) rewards of each lap, and what was printed; every lap is a car of its own."""
    lengths = [len(lap) for lap in laps]
    table = np.concatenate([lap.rows for lap in laps])
    cars = np.repeat(np.arange(len(laps)), lengths)
    objects = None
    if laps[0].objects is not None:
        objects = np.concatenate([lap.objects for lap in laps if lap.objects is not None])
    rewards = np.zeros(len(table))
    with RewardRunner(source, [track], num_cars=len(laps)) as runner:
        for first in range(0, len(table), ROWS_AT_ONCE):
            part = slice(first, first + ROWS_AT_ONCE)
            met = None if objects is None else objects[part]
            rewards[part] = runner.rewards(table[part], cars[part], met)
        printed = runner.printed()
    return np.split(rewards, np.cumsum(lengths)[:-1]), printed
