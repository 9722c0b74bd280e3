"""The reward functions that come with racecraft, by name and as source text."""

from __future__ import annotations

import difflib
from importlib import resources

from racecraft.domain.errors import NotFound

BUILTIN_REWARDS = (
    "centre-line",
    "steady-steering",
    "no-crawling",
    "stay-in-lane",
    "progress",
    "heading",
    "aim-ahead",
    "progress-per-step",
    "lap-time",
    "finish-bonus",
    "smooth-steering",
    "speed-on-straights",
    "avoid-objects",
    "racing-line",
    "fastest-lap",
    "milestones",
)
"""Names, the simplest first."""


def builtin_reward(name: str) -> str:
    """The source text of a built-in reward function, to run as it is or to change.

    Raises:
        NotFound: there is none of this name.
    """
    if name not in BUILTIN_REWARDS:
        near = difflib.get_close_matches(name, BUILTIN_REWARDS, n=1)
        guess = f"Did you mean {near[0]!r}? " if near else ""
        raise NotFound(
            f"There is no built-in reward function named {name!r}. {guess}"
            f"Choose one of {', '.join(BUILTIN_REWARDS)}, or give a file of your own."
        )
    file = resources.files("racecraft.sandbox.rewards") / f"{name.replace('-', '_')}.py"
    return file.read_text(encoding="utf-8")


def builtin_descriptions() -> dict[str, str]:
    """What each built-in reward function pays for, in one sentence, by name."""
    texts = {name: builtin_reward(name) for name in BUILTIN_REWARDS}
    # Each begins with its docstring, whose first line is that sentence.
    return {name: text.split('"""')[1].splitlines()[0] for name, text in texts.items()}
