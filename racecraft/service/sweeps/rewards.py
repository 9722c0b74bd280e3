"""The reward functions of a sweep: read once, so that all of its trainings are paid by the same."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from racecraft.domain.errors import NotFound
from racecraft.domain.sweep import Span, SweepSpec
from racecraft.service.documents import checked, read_reward
from racecraft.service.training_files import TrainingFile
from racecraft.service.trainings import DEFAULT_REWARD


class Rewards(BaseModel):
    """Texts of reward functions."""

    base: str
    choices: dict[str, str] = {}
    """Of those that `space` chooses from, by the name that stands there."""

    def chosen(self, name: str) -> str:
        """The text of a choice.

        Raises:
            NotFound: it is none.
        """
        if name not in self.choices:
            raise NotFound(f"The sweep has no reward {name!r}; name it in its space.")
        return self.choices[name]


def read_rewards(spec: SweepSpec, folder: Path) -> Rewards:
    """The reward functions that a sweep names.

    Args:
        spec: the sweep.
        folder: where relative paths of files start.

    Raises:
        InvalidSpec: the base does not fit.
        NotFound: there is no such reward.
    """
    base = checked(TrainingFile, spec.base)
    named = spec.space.get("reward", ())
    names = [] if isinstance(named, Span) else [str(each) for each in named]
    return Rewards(
        base=read_reward(base.reward or DEFAULT_REWARD, folder=folder),
        choices={name: read_reward(name, folder=folder) for name in names},
    )
