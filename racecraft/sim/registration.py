"""Make the environments known to Gymnasium."""

from __future__ import annotations

import gymnasium

TIME_TRIAL = "racecraft/TimeTrial-v0"
OBJECT_AVOIDANCE = "racecraft/ObjectAvoidance-v0"


def register_environments() -> None:
    """Register every environment once; importing `racecraft.sim` does it."""
    for name, design in ((TIME_TRIAL, "TimeTrial"), (OBJECT_AVOIDANCE, "ObjectAvoidance")):
        if name in gymnasium.registry:
            continue
        gymnasium.register(
            id=name,
            entry_point=f"racecraft.sim.env:{design}Env",
            vector_entry_point=f"racecraft.sim.vector_env:{design}VectorEnv",
        )
