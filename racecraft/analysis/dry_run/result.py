"""What a dry run found, for tables, pictures and the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from racecraft.analysis.dry_run.laps import PaidLap
from racecraft.analysis.dry_run.lines import Speeds
from racecraft.analysis.dry_run.verdict import Judgement, Mark
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.limit import FastestLap
from racecraft.domain.reward import OBJECT_COLUMN
from racecraft.domain.track import Track

OUTLIERS_PERCENT = 2.0
"""So many of the rewards may lie beyond either end of the colour scale."""


@dataclass(frozen=True, eq=False)
class DryRun:
    """A reward function on some laps."""

    track: Track
    speeds: Speeds
    gamma: float
    laps: tuple[PaidLap, ...]
    """The drawn laps, then the recorded ones."""
    verdict: tuple[Judgement, ...]
    printed: str = ""
    """What the reward function printed."""
    ideal: FastestLap | None = None
    """The fastest lap that is possible at the speed of the fast laps, if it is known."""

    @property
    def drawn(self) -> tuple[PaidLap, ...]:
        """Laps that nobody drove."""
        return tuple(paid for paid in self.laps if not paid.lap.is_recorded)

    @property
    def recorded(self) -> tuple[PaidLap, ...]:
        """Laps that a model drove, the newest first."""
        return tuple(paid for paid in self.laps if paid.lap.is_recorded)

    @property
    def has_objects(self) -> bool:
        """Boxes or bot cars are on the road."""
        return self.laps[0].lap.objects is not None

    @property
    def standing(self) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """(O, 2) middles of the boxes (m); none where nothing stands still."""
        objects = self.laps[0].lap.objects
        if objects is None or objects[0, :, OBJECT_COLUMN["speed_mps"]].any():
            return np.zeros((0, 2))
        return np.asarray(objects[0, :, :2])

    @property
    def driving_well_pays(self) -> bool:
        """No comparison found that driving badly pays as well, or better."""
        return all(judgement.mark is not Mark.BAD for judgement in self.verdict)

    @property
    def headline(self) -> str:
        """The verdict in a few words."""
        if self.driving_well_pays:
            return "Driving well pays better than driving badly."
        subjects = [one.subject for one in self.verdict if one.mark is Mark.BAD and one.subject]
        if not subjects:
            return "Every step earns the same, driven well or badly."
        return f"Driving badly pays as well, or better: {', '.join(subjects)}."

    @property
    def footnote(self) -> str:
        """What the returns in tables mean."""
        steps = round(1.0 / max(1.0 - self.gamma, 1e-4))
        fastest = (
            f"Dashed: the fastest line at up to {self.speeds.fast_mps:g} m/s; "
            f"{self.ideal.time_s:.1f} s is the limit. "
            if self.ideal is not None
            else ""
        )
        return (
            f"{fastest}Return: what lies ahead of an average step if the car drives on like this. "
            f"A later step counts {self.gamma:g} of the one before it, so about {steps:,} steps "
            f"({steps / CONTROL_HZ:,.0f} s) matter."
        )

    @property
    def scale(self) -> tuple[float, float]:
        """Ends of the colour scale: zero and all rewards but outliers lie between them."""
        rewards = np.concatenate([paid.rewards for paid in self.laps])
        low, high = np.percentile(rewards, [OUTLIERS_PERCENT, 100.0 - OUTLIERS_PERCENT])
        low, high = min(0.0, float(low)), max(0.0, float(high))
        if low == high:  # all but outliers are zero
            size = float(np.abs(rewards).max()) or 1.0
            low, high = (-size if rewards.min() < 0 else 0.0), (size if rewards.max() > 0 else 0.0)
        return (low, high) if low < high else (0.0, 1.0)

    def as_json(self) -> dict[str, Any]:
        """Plain values: the laps with their points and rewards, and the verdict."""
        return {
            "track": self.track.name,
            "is_reversed": self.track.is_reversed,
            "slow_mps": self.speeds.slow_mps,
            "fast_mps": self.speeds.fast_mps,
            "gamma": self.gamma,
            "driving_well_pays": self.driving_well_pays,
            "headline": self.headline,
            "verdict": [{"mark": one.mark.value, "message": one.message} for one in self.verdict],
            "footnote": self.footnote,
            "scale": list(self.scale),
            "boxes": np.round(self.standing, 4).tolist(),
            "laps": [_lap_values(paid) for paid in self.laps],
            "ideal": None if self.ideal is None else _ideal_values(self.ideal),
            "printed": self.printed,
        }


def _ideal_values(ideal: FastestLap) -> dict[str, Any]:
    return {
        "time_s": round(ideal.time_s, 3),
        "points": np.round(ideal.points, 4).tolist(),
        "speed_mps": np.round(ideal.speed_mps, 3).tolist(),
    }


def _lap_values(paid: PaidLap) -> dict[str, Any]:
    return {
        "name": paid.lap.name,
        "title": paid.lap.title,
        "is_recorded": paid.lap.is_recorded,
        "is_complete": paid.lap.is_complete,
        "steps": len(paid.lap),
        "time_s": round(paid.lap.time_s, 3),
        "total": paid.total,
        "mean": paid.mean,
        "discounted": paid.discounted,
        "points": np.round(paid.lap.points, 4).tolist(),
        "rewards": paid.rewards.tolist(),
    }
