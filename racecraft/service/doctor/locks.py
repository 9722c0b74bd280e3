"""What the system can take from a reward function, and why not more."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from racecraft.service.doctor.finding import Finding, bad, fine, warn
from racecraft.service.isolation import isolation

if TYPE_CHECKING:
    from racecraft.sandbox.lockdown import Lock

_LANDLOCK_SINCE = (5, 13)


def isolation_found(
    *,
    must: bool = False,
    look: Callable[[], Lock] = isolation,
    system: str = sys.platform,
    release: str = platform.release(),
) -> Finding:
    """How well reward functions are locked in.

    Args:
        must: nothing may run without all locks here (RACECRAFT_REQUIRES_ISOLATION).
        look: locks a process in and tells how far it came.
        system: as `sys.platform` tells it.
        release: version of the kernel.
    """
    found = look()
    if not found.missing:
        return fine("isolation", f"Reward functions are locked in: {', '.join(found.taken)}.")
    lacking = ", ".join(found.missing)
    sentence = f"Reward functions are not locked in completely: {lacking} missing."
    advice = _advice(found.missing, system, release)
    if must:
        return bad("isolation", f"{sentence} None will be run here.", advice)
    return warn("isolation", sentence, f"Run only code that you trust. {advice}")


def _advice(missing: list[str], system: str, release: str) -> str:
    if not system.startswith("linux"):
        return "Linux has all the locks; Windows has it as WSL 2, macOS in a virtual machine."
    if "landlock" in missing and _version(release) < _LANDLOCK_SINCE:
        return f"The kernel is {release}; from 5.13 on it has landlock."
    if {"landlock", "seccomp"} & set(missing):
        return (
            f"The kernel ({release}) is new enough, so something keeps it from being used: a "
            "container's own profile (allow landlock_* and seccomp there), or the boot option "
            "lsm= without landlock."
        )
    return "See the security model in the documentation."


def _version(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release)[:2]) or (0,)
