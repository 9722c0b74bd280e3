"""The greedy laps of one training: which are driven, what they cost, what they say.

Every track is driven. What is asked for on one track alone (`evaluation_trials` laps) is shared
out when there are several, with at least one lap on each, so that a look at the policy costs
about as much as there is road. The laps that may end the training are asked of every track; they
are driven only when no track failed before, and given up at the first failure. So are the strict
laps, which are asked of a policy that would replace the best one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from racecraft.domain.episode import Trial
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.domain.track import Track
from racecraft.training.driving import Actor
from racecraft.training.examination import (
    Examination,
    Examiner,
    Start,
    displaced_starts,
    even_starts,
    mean_speed_mps,
)
from racecraft.training.team import Team

_MOST_LAPS = 100_000
"""More than any examiner drives, so that no two of them draw the same layouts."""


class Examiners:
    """Those who look at the policy of one training."""

    def __init__(
        self,
        actor: Actor,
        model: ModelSpec,
        training: TrainingSpec,
        tracks: Sequence[Track],
        team: Team,
    ) -> None:
        self.stop, self.tracks = training.stop, tracks
        wanted = self.stop.clean_laps or 0
        laps = laps_on_each(training, len(tracks))

        def examiner(number: int, starts: Sequence[Start]) -> Examiner | None:
            on_each = [start for start in starts for _ in tracks]
            if not on_each:
                return None
            made = Examiner(actor, model, tracks, on_each, team, training.race)
            # Laps that confirm others must not meet the boxes of those.
            made.layout_seed += number * _MOST_LAPS
            return made

        self._first = examiner(0, even_starts(laps))
        self._confirming = examiner(1, even_starts(wanted)) if wanted > laps else None
        self._robust = examiner(2, displaced_starts(self.stop.robust_laps if wanted else 0))
        self._strict = examiner(3, displaced_starts(training.strict_laps))
        self.steps = 0
        """Steps of all cars in the newest examination."""

    def examine(self, best_score: tuple[float, ...] = ()) -> Examination:
        """Drive greedy laps on every track.

        Args:
            best_score: of the best checkpoint so far. One that would be better has to drive the
                strict laps too, where the training asks for them, or it does not count as clean.
        """
        assert self._first is not None
        trials = self._first.examine()
        self.steps = self._first.steps
        lengths = np.array([track.length_m for track in self.tracks])
        speed = mean_speed_mps(trials, lengths[np.arange(len(trials)) % len(self.tracks)])
        is_clean = all(trial.is_clean for trial in trials)
        is_clean = is_clean and speed >= self.stop.min_mean_speed_mps
        for examiner in (self._confirming, self._robust):
            if is_clean and examiner is not None:
                is_clean = all(t.is_clean for t in examiner.examine(stops_at_failure=True))
                self.steps += examiner.steps
        mean_progress = float(np.mean([trial.completion_percent for trial in trials]))
        found = Examination(trials, is_clean, mean_progress, speed)
        if self._strict is not None and is_clean and found.score >= best_score:
            is_strict = all(t.is_clean for t in self._strict.examine(stops_at_failure=True))
            self.steps += self._strict.steps
            found = replace(found, is_clean=is_strict)
        return found


def laps_on_each(training: TrainingSpec, tracks: int) -> int:
    """How many greedy laps every look at the policy drives on each track."""
    wanted = training.stop.clean_laps or 0
    if tracks == 1:
        return max(training.evaluation_trials, wanted)
    return max(-(-training.evaluation_trials // tracks), 1)


def trials_of_track(trials: Sequence[Trial], track: int, tracks: int) -> tuple[Trial, ...]:
    """The laps of one track among those of all, which take the tracks in turn."""
    return tuple(replace(t, trial=n + 1) for n, t in enumerate(trials[track::tracks]))
