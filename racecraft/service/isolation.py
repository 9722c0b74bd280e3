"""Whether this machine may run a reward function: locked in, or at least its owner's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.errors import InvalidReward, NotIsolated

if TYPE_CHECKING:
    from racecraft.sandbox.lockdown import Lock
    from racecraft.service.settings import Settings


_EVERY_LIBRARY = """
import numpy, scipy, shapely

def reward_function(params):
    return 1.0
"""
"""Names all the libraries that a user's text may load, because they must not spoil the locks."""


def isolation() -> Lock:
    """How well this system locks a reward function in: found out by locking one in."""
    from racecraft.sandbox.lockdown import Lock
    from racecraft.sandbox.runner import RewardRunner

    try:
        with RewardRunner(_EVERY_LIBRARY, [], 0) as runner:
            return runner.lock
    except InvalidReward as error:
        return Lock([], [f"a process that can be locked ({error})"])


def refuse_without_isolation(settings: Settings) -> None:
    """Make sure that users' code can be locked in, where the settings ask for it.

    Raises:
        NotIsolated: it cannot.
    """
    if not settings.requires_isolation:
        return
    missing = isolation().missing
    if missing:
        raise NotIsolated(
            "This system cannot lock a reward function in: it lacks "
            f"{', '.join(missing)}. Use Linux 5.13 or newer, or unset "
            "RACECRAFT_REQUIRES_ISOLATION to run code that you trust."
        )
