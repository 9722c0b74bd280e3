"""What a training tells after each iteration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from racecraft.domain.episode import Trial
from racecraft.domain.spec import TrackChoice
from racecraft.training.examination import Examination
from racecraft.training.journal import EpisodeFigures
from racecraft.training.scenes import DrivenIteration


@dataclass(frozen=True)
class TrackProgress:
    """How one of several tracks went in an iteration."""

    track: str
    """As `TrackChoice` writes it, for instance `harbour-loop (reversed)`."""
    episodes: int
    """Training episodes that ended on it."""
    mean_progress: float | None
    """Mean final progress of those, percent; None when none ended."""
    mean_evaluation_progress: float | None
    """Of the greedy laps, percent; None without an evaluation."""
    laps: int
    """Greedy laps driven on it."""
    clean_laps: int


@dataclass(frozen=True)
class IterationReport:
    """Figures of one iteration: gather, update, evaluate."""

    iteration: int
    """0-based."""
    env_steps: int
    """Environment steps of the training so far."""
    episodes: int
    """Training episodes ended so far."""
    training_s: float
    """Seconds spent gathering, updating and evaluating so far."""
    steps_per_s: float
    """Environment steps over seconds, of this iteration."""
    mean_reward: float | None
    """Mean total reward of the training episodes that ended; None when none did."""
    mean_progress: float | None
    """Mean final progress of those, percent."""
    evaluation: tuple[Trial, ...]
    """Greedy laps; empty when there was no evaluation after this iteration."""
    mean_evaluation_progress: float | None
    """Mean final progress of those, percent; None when there were none."""
    best_iteration: int
    clean_laps: int
    """Greedy laps of this evaluation without leaving the track or a crash."""
    is_clean: bool
    """The stop condition's laps were all clean (and fast enough)."""
    mean_lap_speed_mps: float | None
    """Centre-line speed over the clean laps."""
    policy_loss: float | None = None
    """This and what follows are None when nothing was learnt in the iteration."""
    value_loss: float | None = None
    entropy: float | None = None
    """Mean entropy of the policy (nats)."""
    explained_variance: float | None = None
    approx_kl: float | None = None
    """PPO's, as is the next."""
    clip_fraction: float | None = None
    alpha: float | None = None
    """SAC's weight of the entropy."""
    tracks: tuple[TrackProgress, ...] = ()
    """One entry a track, in the order of the training's; empty when there is only one."""
    crashes: int = 0
    """Training episodes of this iteration that ended in a crash."""
    printed: str = ""
    """What the reward function printed, the newest part if it was much."""
    stop_reason: str | None = None
    """Why the training ended; None while it goes on."""
    episode_rewards: tuple[float, ...] = ()
    """Sum of rewards of each training episode that ended in this iteration."""
    episode_progress: tuple[float, ...] = ()
    """Final progress of each, percent."""
    driven: DrivenIteration | None = field(default=None, repr=False, compare=False)
    """What the cars drove, for viewers; it may be read until the next iteration begins."""

    def as_json(self) -> dict[str, Any]:
        """Plain values, for one line of `progress.jsonl`."""
        values = asdict(replace(self, driven=None))
        del values["printed"], values["driven"]
        for name in ("episode_rewards", "episode_progress"):
            values[name] = [float(f"{value:.6g}") for value in values[name]]
        if self.alpha is None:
            del values["alpha"]
        if not self.tracks:
            del values["tracks"]
        for trial in values["evaluation"]:
            trial["status"] = trial["status"].trace_word
        return values


def progress_by_track(
    tracks: Sequence[TrackChoice], episodes: EpisodeFigures, examination: Examination | None
) -> tuple[TrackProgress, ...]:
    """The figures of an iteration for each of several tracks; nothing when there is only one.

    Args:
        tracks: T tracks.
        episodes: what ended in training.
        examination: greedy laps, which take the tracks in turn.
    """
    if len(tracks) == 1:
        return ()
    trials = examination.trials if examination else ()
    rows = []
    for index, track in enumerate(tracks):
        ended = [p for p, t in zip(episodes.progress, episodes.tracks, strict=True) if t == index]
        laps = trials[index :: len(tracks)]
        row = TrackProgress(
            track=str(track),
            episodes=len(ended),
            mean_progress=float(np.mean(ended)) if ended else None,
            mean_evaluation_progress=(
                float(np.mean([lap.completion_percent for lap in laps])) if laps else None
            ),
            laps=len(laps),
            clean_laps=sum(lap.is_clean for lap in laps),
        )
        rows.append(row)
    return tuple(rows)
