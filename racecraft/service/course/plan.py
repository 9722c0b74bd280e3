"""What the course is made of. Texts are found by these keys, and kept progress too."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "de")
"""Those whose texts are complete, by their codes; the first one stands in for others."""

CHAPTERS = ("loop", "reward", "exploration", "discount", "clip", "learner")
"""Of the lesson; each has a figure and something to try in it."""


@dataclass(frozen=True)
class Mission:
    """A part of the lab; it is done when every check was seen."""

    key: str
    checks: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Names of the checks among those of all missions."""
        return tuple(f"{self.key}.{check}" for check in self.checks)


MISSIONS = (
    Mission("garage", ("vehicle", "camera", "profile")),
    Mission("reward", ("begun", "goal")),
    Mission("training", ("started", "learnt")),
    Mission("evaluation", ("laps", "clean")),
    Mission("race", ("entered", "driven")),
    Mission("improvement", ("analysed", "cloned", "trained", "compared")),
)
"""In the order in which they build on each other."""


@dataclass(frozen=True)
class Question:
    """Of the quiz."""

    key: str
    choices: tuple[str, ...]
    right: str


QUIZ = (
    Question("agent", ("car", "track", "reward"), "car"),
    Question("reward", ("after_lap", "each_step", "by_hand"), "each_step"),
    Question("standing", ("fast", "nothing", "stands"), "stands"),
    Question("exploration", ("never", "always", "some"), "some"),
    Question("discount", ("now", "speed", "ahead"), "ahead"),
    Question("clip", ("small_steps", "faster", "reward"), "small_steps"),
    Question("evaluation", ("learns", "measures", "races"), "measures"),
    Question("change", ("one_thing", "everything", "seed"), "one_thing"),
)
"""In order; where the right choice stands is spread evenly."""


def mission_now(seen: frozenset[str]) -> Mission | None:
    """The first mission with something left to do; None when all are done.

    Args:
        seen: ids of the checks that were seen.
    """
    return next((each for each in MISSIONS if not seen.issuperset(each.ids)), None)
