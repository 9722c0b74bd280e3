"""The home folder and its disk, and the folder of compiled kernels."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from racecraft.service.doctor.finding import Finding, bad, fine, warn

_GIB = 2**30
_LITTLE_GIB, _TOO_LITTLE_GIB = 2.0, 0.2
_PIECES, _PIECE = 12, bytes(8192)
"""What is written to see how fast the disk is: as much as some records and a checkpoint's head."""
_SLOW_MS = 60.0
"""A disk in a desktop computer takes 5 to 20 ms to keep something for good, an SSD 1 to 5 ms."""
_TRY_S = 2.0
_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "drvfs", "fuse.sshfs", "afpfs", "vboxsf"}
"""File systems of other machines, and Windows' drives in WSL: their locks and speed are poor."""
MOUNTS = Path("/proc/mounts")


def nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that exists: looking leaves no folder behind."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def free_bytes(folder: Path) -> int:
    """Free space on the disk of a folder."""
    return shutil.disk_usage(folder).free


def room(home: Path, free_bytes: Callable[[Path], int] = free_bytes) -> Finding:
    """Free space where models will lie."""
    there = nearest(home)
    free = free_bytes(there) / _GIB
    if free < _TOO_LITTLE_GIB:
        advice = "A model takes up to 0.2 GiB; free some space or set RACECRAFT_HOME elsewhere."
        return bad("disk", f"{free:.2f} GiB are free at {there}.", advice)
    if free < _LITTLE_GIB:
        advice = "A model takes up to 0.2 GiB; delete some now and then (racecraft models delete)."
        return warn("disk", f"{free:.1f} GiB are free at {there}.", advice)
    return fine("disk", f"{free:.1f} GiB are free at {there}.")


def home(folder: Path) -> Finding:
    """Whether models can be kept."""
    there = nearest(folder)
    problem = "it is not a folder" if not there.is_dir() else _write_problem(there)
    if problem:
        advice = "Change its permissions, or set RACECRAFT_HOME to a folder of yours."
        return bad("home", f"{there} cannot be written: {problem}.", advice)
    if folder.is_dir() and hasattr(os, "getuid") and folder.stat().st_uid not in (0, os.getuid()):
        advice = "Run racecraft as one user only, or set RACECRAFT_HOME to a folder of yours."
        return warn("home", f"{folder} belongs to another user.", advice)
    return fine("home", f"Models are kept in {folder}.")


def kind(folder: Path, *, has_records: bool = True, mounts: Path = MOUNTS) -> Finding:
    """Whether the disk is of this machine: a SQLite file among its files wants that.

    Args:
        folder: the home.
        has_records: the records are a file in it, and not in PostgreSQL.
        mounts: where Linux tells what is mounted.
    """
    name = _file_system(nearest(folder), mounts)
    if name in _REMOTE and has_records:
        return warn(
            "file system",
            f"{folder} lies on {name}, a file system of another machine or system.",
            "Records may be damaged when two programs write; set RACECRAFT_HOME to a folder on a "
            "disk of this machine, or keep the records in PostgreSQL (RACECRAFT_DATABASE_URL).",
        )
    return fine("file system", f"The disk is {name if name in _REMOTE else 'of this machine'}.")


def speed(folder: Path, clock: Callable[[], float] = time.perf_counter) -> Finding:
    """How long it takes until something is kept for good."""
    there = nearest(folder)
    times_ms: list[float] = []
    begun = clock()
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            while len(times_ms) < _PIECES and clock() - begun < _TRY_S:
                before = clock()
                file.write(_PIECE)
                file.flush()
                os.fsync(file.fileno())
                times_ms.append((clock() - before) * 1000.0)
    except OSError:
        return warn(
            "disk speed",
            f"The speed of the disk at {there} could not be tried.",
            "See what is said about the home folder.",
        )
    median_ms = statistics.median(times_ms)
    told = f"Keeping a record for good takes {median_ms:.1f} ms at {there}."
    if median_ms > _SLOW_MS:
        advice = "The console and trainings will wait for it; set RACECRAFT_HOME to a faster disk."
        return warn("disk speed", told, advice)
    return fine("disk speed", told)


def kernel_cache(folder: Path) -> Finding:
    """Whether compiled kernels can be kept."""
    problem = _write_problem(nearest(folder))
    if problem:
        return warn(
            "kernel cache",
            f"Compiled kernels cannot be kept in {folder}: {problem}.",
            "They are kept in your cache folder if that can be written, else every start compiles "
            "again; set NUMBA_CACHE_DIR to a folder of yours.",
        )
    return fine("kernel cache", f"Compiled kernels are kept in {folder}.")


def kernels(folder: Path) -> Finding:
    """Whether the simulator is compiled yet."""
    count = len([file for kept in folder.glob("kernels-*") for file in kept.rglob("*.nbi")])
    if not count:
        return warn(
            "kernels",
            "The simulator is not compiled yet.",
            "The first training does it and takes up to a minute longer.",
        )
    return fine("kernels", f"The simulator is compiled ({count} kernels).")


def _file_system(folder: Path, mounts: Path) -> str:
    """Kind of the file system that a folder lies on; empty where nobody knows."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        rows = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    places = {Path(row[1].replace(r"\040", " ")): row[2] for row in rows if len(row) > 2}
    here = folder.resolve()
    return next((places[place] for place in (here, *here.parents) if place in places), "")


def _write_problem(folder: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or str(error)
