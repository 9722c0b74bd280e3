"""Make the environments known to Gymnasium."""

from __future__ import annotations

import gymnasium

TIME_TRIAL = "racecraft/TimeTrial-v0"


def register_environments() -> None:
    """Register every environment once; importing `racecraft.sim` does it."""
    if TIME_TRIAL in gymnasium.registry:
        return
    gymnasium.register(
        id=TIME_TRIAL,
        entry_point="racecraft.sim.env:TimeTrialEnv",
        vector_entry_point="racecraft.sim.vector_env:TimeTrialVectorEnv",
    )
