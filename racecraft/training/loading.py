"""Policies out of checkpoints, ready to drive."""

from __future__ import annotations

from pathlib import Path

from racecraft.domain.errors import CorruptCheckpoint
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.spec import ModelSpec
from racecraft.training.checkpoint import load_policy, read_facts
from racecraft.training.driving import Actor
from racecraft.training.networks import ActorCritic
from racecraft.training.sac.networks import SoftActor
from racecraft.training.threads import has_fast_bf16


def load_actor(model: ModelSpec, checkpoint: Path) -> Actor:
    """The policy of a checkpoint, in the arithmetic that it was trained in.

    Raises:
        CorruptCheckpoint: the checkpoint is damaged.
    """
    facts = read_facts(checkpoint)
    uses_bf16 = bool(facts.get("uses_bf16", False)) and has_fast_bf16()
    actor: Actor
    is_soft = facts.get("algorithm") == "SAC"
    if is_soft and model.action_space.kind != "continuous":
        raise CorruptCheckpoint(
            f"The checkpoint in {checkpoint} says that it was trained with SAC, but the action "
            f"space of {model.name!r} is {model.action_space.kind}; put the right files back."
        )
    if is_soft:
        actor = SoftActor(model, uses_bf16=uses_bf16, seed=0)
    else:
        actor = ActorCritic(model, Critic.TRACK, uses_bf16=uses_bf16, seed=0)
    load_policy(checkpoint, actor.policy)
    return actor
