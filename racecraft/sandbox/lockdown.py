"""Give up, for good, everything that a reward function has no use for.

Several locks, each of which would do for most attacks: limits of the kernel on memory, files and
processes, an unprivileged user, no file system and no network (landlock), and hardly any system
calls (seccomp). Where the system lacks one, the others are still taken and `Lock` says what is
missing. Linux has them all; other systems have limits only.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from contextlib import suppress
from typing import NamedTuple

from racecraft.sandbox import seccomp

NOBODY = 65534
_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SET_NO_NEW_PRIVILEGES = 1, 4, 38
_KILLED = 9
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_CLOSE_RANGE = 436
_ASK_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""Landlock version: how many rights over files it knows."""
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6


class Lock(NamedTuple):
    """What was taken from the process."""

    taken: list[str]
    missing: list[str]
    """What this system could not take, in words."""


def lock(*, memory_mb: int, parent: int) -> Lock:
    """Lock this process; nothing undoes it.

    Args:
        memory_mb: what it may still allocate.
        parent: process whose death ends this one.
    """
    taken: list[str] = []
    missing: list[str] = []
    (taken if _limit(memory_mb) else missing).append("limits on memory, files and processes")
    if not sys.platform.startswith("linux"):
        return Lock(taken, [*missing, "locks of the Linux kernel"])
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        (taken if _become_nobody() else missing).append("a user without rights")
    # Changing the user forgets the death signal, so it comes after.
    libc.prctl(_SET_DEATH_SIGNAL, _KILLED, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it died while this process was starting
    libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.syscall(_CLOSE_RANGE, 3, 0xFFFFFFFF, 0)
    if _count_threads() != 1:  # landlock holds for one thread only
        missing.append("a single thread")
    version = _landlock(libc)
    (taken if version else missing).append(
        f"no files and no network (landlock {version})" if version else "landlock"
    )
    _allow_no_more_files()
    is_filtered = seccomp.install(libc)
    (taken if is_filtered else missing).append(
        "hardly any system calls (seccomp)" if is_filtered else "seccomp"
    )
    return Lock(taken, missing)


def _limit(memory_mb: int) -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    limits = {
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    size = _address_space()
    if size:
        limits[resource.RLIMIT_AS] = size + memory_mb * 1024 * 1024
    is_whole = size > 0
    for kind, value in limits.items():
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):
            is_whole = False
    return is_whole


def _allow_no_more_files() -> None:
    """Only now, because setting up landlock takes a file descriptor for a moment."""
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def _count_threads() -> int:
    """Threads of this process; 0 where that cannot be told."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/task"))
    return 0


def _address_space() -> int:
    """Bytes of address space in use; 0 where that cannot be told."""
    with suppress(OSError, ValueError), open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _become_nobody() -> bool:
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:  # a container may know no such user
        return False
    return True


def _landlock(libc: ctypes.CDLL) -> int:
    """Forbid all files, network and signals to others; gives the kernel's version of it, or 0."""
    version = int(libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION))
    if version < 1:
        return 0
    files = (1 << max(count for since, count in _FILE_RIGHTS.items() if since <= version)) - 1
    network = 0b11 if version >= _NETWORK_SINCE else 0
    scopes = 0b11 if version >= _SCOPES_SINCE else 0
    fields = [files, network, scopes]
    known = 3 if version >= _SCOPES_SINCE else 2 if version >= _NETWORK_SINCE else 1
    rules = struct.pack(f"<{known}Q", *fields[:known])
    handle = libc.syscall(_CREATE_RULESET, rules, len(rules), 0)
    if handle < 0:
        return 0
    is_restricted = libc.syscall(_RESTRICT_SELF, handle, 0) == 0
    os.close(handle)
    return version if is_restricted else 0
