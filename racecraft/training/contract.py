"""What an algorithm owes to the session that runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.training.driving import Actor
from racecraft.training.rollout import Rollout
from racecraft.training.team import Team


class Algorithm(Protocol):
    """What learns in a session."""

    @property
    def actor(self) -> Actor:
        """What drives."""

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

    def state(self, folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """(arrays, plain values) of everything that changes and that a resumed training needs.

        Args:
            folder: the model folder, for what is too large to be written anew each time.

        Raises:
            StorageFailed: it could not be written there.
        """

    def load_state(
        self, folder: Path, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]
    ) -> None:
        """Take over what `state` gave.

        Raises:
            CorruptCheckpoint: something in the folder is damaged.
            KeyError, TypeError, ValueError: it is of another training.
        """


class MakeAlgorithm(Protocol):
    """An algorithm's class."""

    def __call__(
        self, model: ModelSpec, training: TrainingSpec, simulator: Simulator, team: Team
    ) -> Algorithm:
        """Fresh weights, for cars that stand at their starts."""
