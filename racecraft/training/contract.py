"""What an algorithm owes to the session that runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.training.networks import ActorCritic
from racecraft.training.rollout import Rollout
from racecraft.training.team import Team


class Algorithm(Protocol):
    """What learns in a session."""

    actor: ActorCritic

    def iterate(self, runner: RewardRunner, env_steps: int) -> tuple[Rollout, dict[str, float]]:
        """Gather experience and improve the policy with it.

        Args:
            runner: the user's reward function.
            env_steps: steps of the training so far.

        Returns:
            (what was driven, figures of the update by their names in `IterationReport`).

        Raises:
            TrainingFailed: learning cannot go on.
        """

    def load_policy(self, folder: Path) -> None:
        """Begin with the policy of a checkpoint.

        Raises:
            CorruptCheckpoint: the files are damaged, or belong to another network.
        """

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """(arrays, plain values) of everything that changes and that a resumed training needs."""

    def load_state(self, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]) -> None:
        """Take over what `state` gave.

        Raises:
            KeyError, TypeError, ValueError: it is of another training.
        """


class MakeAlgorithm(Protocol):
    """An algorithm's class."""

    def __call__(
        self, model: ModelSpec, training: TrainingSpec, simulator: Simulator, team: Team
    ) -> Algorithm:
        """Fresh weights, for cars that stand at their starts."""
