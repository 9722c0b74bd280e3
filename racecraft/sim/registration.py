"""Make the environments known to Gymnasium."""

from __future__ import annotations

import gymnasium

TIME_TRIAL = "racecraft/TimeTrial-v0"
OBJECT_AVOIDANCE = "racecraft/ObjectAvoidance-v0"
HEAD_TO_HEAD = "racecraft/HeadToHead-v0"
_DESIGNS = {
    TIME_TRIAL: "TimeTrial",
    OBJECT_AVOIDANCE: "ObjectAvoidance",
    HEAD_TO_HEAD: "HeadToHead",
}


def register_environments() -> None:
    """Register every environment once; importing `racecraft.sim` does it."""
    for name, design in _DESIGNS.items():
        if name in gymnasium.registry:
            continue
        gymnasium.register(
            id=name,
            entry_point=f"racecraft.sim.env:{design}Env",
            vector_entry_point=f"racecraft.sim.vector_env:{design}VectorEnv",
        )
