"""One car's way through the trials of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import EpisodeStatus, Step, Trial
from racecraft.domain.live.scene import Frame, LookedAt


@dataclass
class Attempt:
    """One car's way through its trials."""

    laps_wanted: int
    laps: list[Trial] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    objects: list[NDArray[np.float64]] = field(default_factory=list)
    """(O, 3) poses of what is on its road, at each of the steps."""
    frames: list[Frame | None] = field(default_factory=list)
    maps: list[LookedAt | None] = field(default_factory=list)
    counts: dict[EpisodeStatus, int] = field(default_factory=dict)
    driven: int = 0
    """Steps, pauses not counted."""
    resets: int = 0
    crashes: int = 0
    pause_s: float = 0.0
    lap_began_s: float = 0.0
    safe_progress: float = 0.0
    """Progress at the step before, where a reset puts the car back."""
    is_over: bool = False
