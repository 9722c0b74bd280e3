"""Become an ordinary user and start a program: `as_user.py USER PROGRAM ARGUMENT...`.

Only root can do this. What the program needs may lie in folders that only root may enter (the
home folder of root, for instance), so they are shown to it in a view of the file system of its own.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_NEW_MOUNTS, _BIND, _PRIVATE_EVERYWHERE = 0x20000, 0x1000 | 0x4000, 0x44000


def main() -> None:
    user, program = int(sys.argv[1]), sys.argv[2:]
    root = Path(__file__).resolve().parents[3]
    _show([root, Path(sys.prefix), Path(sys.base_prefix)])
    os.chdir(root)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    os.execv(program[0], program)


def _show(folders: list[Path]) -> None:
    """Make these folders reachable for everybody, for this process and what it starts only."""
    hidden = {folder: _closed_above(folder) for folder in folders}
    doors = {door for door in hidden.values() if door}
    if not doors:
        return
    machine = ctypes.CDLL(None, use_errno=True)
    _done(machine.unshare(_NEW_MOUNTS))
    _done(machine.mount(b"none", b"/", None, _PRIVATE_EVERYWHERE, None))
    handles = {folder: os.open(folder, os.O_PATH) for folder, door in hidden.items() if door}
    for door in doors:
        _done(machine.mount(b"none", bytes(door), b"tmpfs", 0, b"mode=755"))
    for folder, handle in handles.items():
        folder.mkdir(parents=True, exist_ok=True)
        _done(machine.mount(f"/proc/self/fd/{handle}".encode(), bytes(folder), None, _BIND, None))
        os.close(handle)


def _closed_above(folder: Path) -> Path | None:
    """The outermost folder on the way that others may not enter."""
    way = [*reversed(folder.parents), folder]
    return next((part for part in way if not part.stat().st_mode & 0o001), None)


def _done(code: int) -> None:
    if code != 0:
        problem = ctypes.get_errno()
        raise OSError(problem, os.strerror(problem))


if __name__ == "__main__":
    main()
