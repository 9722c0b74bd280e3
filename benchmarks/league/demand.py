"""What the racers of an online league ask for in a week.

All of it is assumed, and told with the results: how many are active, how often they train and
submit, when in the day, and how many wait until the last evening before the race closes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOUR_S, DAY_S = 3_600.0, 86_400.0
WEEK_S = 7 * DAY_S


@dataclass(frozen=True)
class Habits:
    """Of one racer, on average."""

    trainings: float = 3.0
    """A week."""
    submissions: float = 5.0
    """A week."""
    tuning_share: float = 0.3
    """Of the trainings, those that run for `tuning_s`; the others end with clean laps."""
    tuning_s: float = 600.0
    rush_share: float = 0.3
    """Of everything, what comes in the last `rush_s` before the race closes."""
    rush_s: float = 6 * HOUR_S
    evening: float = 0.8
    """How much more than the mean is asked for in the evening, and less in the morning: 0 to 1."""
    watching: float = 0.01
    """Share of the racers who have the console open at the busiest time."""
    models: float = 5.0
    """That each keeps."""


@dataclass(frozen=True)
class Demand:
    """Jobs of a week, in the order in which they are asked for."""

    arrivals_s: NDArray[np.float64]
    """(N,) after the beginning of the week, rising."""
    service_s: NDArray[np.float64]
    """(N,) core seconds of each."""


def demand_of(
    racers: int,
    habits: Habits,
    training_s: NDArray[np.float64],
    submission_s: float,
    rng: np.random.Generator,
) -> Demand:
    """Draw a week.

    Args:
        racers: how many are active.
        habits: of each.
        training_s: (M,) measured times of trainings that end with clean laps, to be drawn from.
        submission_s: of a drive for a race.
        rng: draws.
    """
    trainings = int(rng.poisson(racers * habits.trainings))
    submissions = int(rng.poisson(racers * habits.submissions))
    lengths = rng.choice(training_s, trainings)
    lengths[rng.random(trainings) < habits.tuning_share] = habits.tuning_s
    service = np.concatenate([lengths, np.full(submissions, submission_s)])
    arrivals = _moments(len(service), habits, rng)
    order = np.argsort(arrivals)
    return Demand(arrivals[order], service[order])


def _moments(count: int, habits: Habits, rng: np.random.Generator) -> NDArray[np.float64]:
    """(N,) when somebody asks: a wave over each day, and a rush at the end of the week."""
    # A wave that is highest in the evening, by taking or refusing what is drawn evenly.
    moments = np.empty(0)
    while len(moments) < count:
        drawn = rng.uniform(0.0, WEEK_S, 2 * count + 16)
        hour = drawn % DAY_S / DAY_S * 2 * np.pi
        height = 1.0 - habits.evening * np.sin(hour)  # most at 18 o'clock
        taken = rng.uniform(0.0, 1.0 + habits.evening, len(drawn)) < height
        moments = np.concatenate([moments, drawn[taken]])
    moments = moments[:count]
    late = rng.random(count) < habits.rush_share
    moments[late] = rng.uniform(WEEK_S - habits.rush_s, WEEK_S, int(late.sum()))
    return moments
