"""What a training tells after each iteration."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from racecraft.domain.episode import Trial


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
    """Greedy laps of this evaluation that stayed on the track to the end."""
    is_clean: bool
    """The stop condition's laps were all clean (and fast enough)."""
    mean_lap_speed_mps: float | None
    """Centre-line speed over the clean laps."""
    policy_loss: float
    value_loss: float
    entropy: float
    """Mean entropy of the policy (nats)."""
    approx_kl: float
    clip_fraction: float
    explained_variance: float
    printed: str = ""
    """What the reward function printed, the newest part if it was much."""
    stop_reason: str | None = None
    """Why the training ended; None while it goes on."""

    def as_json(self) -> dict[str, Any]:
        """Plain values, for one line of `progress.jsonl`."""
        values = asdict(self)
        del values["printed"]
        for trial in values["evaluation"]:
            trial["status"] = trial["status"].trace_word
        return values
