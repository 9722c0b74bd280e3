"""The doctor: can this machine train, serve and show, and if not, what is to be done?

    finding      one line of the report
    machine      Python, cores, memory, processor, clock
    storage      the home folder: writable, room, speed, kind of disk, compiled kernels
    packages     what pip installed: complete, of the right versions, and does it load
    records      the database: readable, of which version, whose clock
    locks        what the system can take from a reward function
    browsers     which browsers are here, how old, and whether they can draw in 3D
    port         whether the console's port is free, and who else runs here

Nothing heavy is imported here: versions come from the installed packages' own records, and whether
they load is tried in a process of its own, so the doctor also answers when one of them does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.service.doctor import browsers, locks, machine, packages, port, records, storage
from racecraft.service.doctor.finding import Finding, Level

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

__all__ = ["Finding", "Level", "examine"]

_KERNEL_FOLDER = Path(__file__).parents[2] / "__pycache__"
"""Where `racecraft.sim.kernel` keeps compiled kernels, unless told otherwise."""


def examine(settings: Settings, at_port: int) -> list[Finding]:
    """All findings, in the order in which they are read; takes some seconds.

    Args:
        settings: where models, records and kernels are.
        at_port: where the console is to listen.
    """
    kernels = settings.numba_cache or _KERNEL_FOLDER
    checks: Sequence[Callable[[], Finding]] = (
        machine.python,
        machine.cores,
        machine.memory,
        machine.processor,
        lambda: machine.clock(settings.home),
        lambda: storage.room(settings.home),
        lambda: storage.home(settings.home),
        lambda: storage.kind(settings.home, has_records=settings.database_url is None),
        lambda: storage.speed(settings.home),
        lambda: records.database(settings),
        packages.requirements,
        packages.own_files,
        packages.torch,
        packages.loading,
        lambda: storage.kernel_cache(kernels),
        lambda: storage.kernels(kernels),
        lambda: locks.isolation_found(must=settings.requires_isolation),
        browsers.browser,
        browsers.webgl,
        lambda: port.free(at_port),
        lambda: port.others(settings.home),
    )
    return [check() for check in checks]
