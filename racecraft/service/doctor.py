"""The doctor: can this machine train, and how fast?

Nothing heavy is imported here: versions come from the installed packages' own records, so the
doctor also answers when one of them does not load.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.service.isolation import isolation
from racecraft.service.machine import memory_mb

if TYPE_CHECKING:
    from racecraft.service.settings import Settings


_GIB = 2**30
_NEEDED_PYTHON = (3, 11)
_KERNEL_FOLDER = Path(__file__).parent.parent / "__pycache__"
"""Where `racecraft.sim.kernel` keeps compiled kernels, unless told otherwise."""


class Level(StrEnum):
    """How good a finding is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    level: Level
    sentence: str
    advice: str = ""


def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which they are read."""
    kernels = settings.numba_cache or _KERNEL_FOLDER
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _cores,
        _memory,
        lambda: _disk(settings.home),
        lambda: _home(settings.home),
        _processor,
        lambda: _package("torch", "PyTorch", Level.BAD, "trainings"),
        lambda: _package("numba", "Numba", Level.BAD, "the simulator"),
        lambda: _kernel_cache(kernels),
        lambda: _kernels(kernels),
        _isolation,
        lambda: _package("av", "PyAV", Level.WARN, "replay films in MP4"),
    )
    return [check() for check in checks]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < _NEEDED_PYTHON:
        return Finding("python", Level.BAD, f"Python {version} is too old.", "Install Python 3.11.")
    return Finding("python", Level.OK, f"Python {version}.")


def _cores() -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if (count or 1) < 2:
        return Finding(
            "cores",
            Level.WARN,
            "One processor core may be used.",
            "Trainings are made for two or more; expect about twice the time.",
        )
    return Finding("cores", Level.OK, f"{count} processor cores may be used.")


def _memory() -> Finding:
    memory = memory_mb()
    if memory is None:
        return Finding("memory", Level.WARN, "The size of the memory is not known.", "Have 4 GiB.")
    total = memory * 1e6 / _GIB
    if total < 3.5:
        return Finding(
            "memory",
            Level.WARN,
            f"{total:.1f} GiB of memory.",
            "Trainings want 4 GiB; close others.",
        )
    return Finding("memory", Level.OK, f"{total:.1f} GiB of memory.")


def _disk(home: Path) -> Finding:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free / _GIB
    if free < 0.2:
        advice = "A model takes up to 0.2 GiB; free some space or set RACECRAFT_HOME elsewhere."
        return Finding("disk", Level.BAD, f"{free:.2f} GiB are free at {there}.", advice)
    if free < 2:
        return Finding(
            "disk",
            Level.WARN,
            f"{free:.1f} GiB are free at {there}.",
            "Delete models now and then.",
        )
    return Finding("disk", Level.OK, f"{free:.1f} GiB are free at {there}.")


def _home(home: Path) -> Finding:
    """Look without leaving a folder behind: try the nearest one that exists."""
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    problem = _write_problem(there)
    if problem:
        advice = "Change its permissions, or set RACECRAFT_HOME to a folder of yours."
        return Finding("home", Level.BAD, f"{there} cannot be written: {problem}.", advice)
    return Finding("home", Level.OK, f"Models are kept in {home}.")


def _processor() -> Finding:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return Finding("processor", Level.OK, "The processor's extensions are not known here.")
    flags = set(next((line for line in text.splitlines() if line.startswith("flags")), "").split())
    known = {"avx512f": "AVX-512", "amx_tile": "AMX", "avx512_bf16": "bf16", "amx_bf16": "AMX bf16"}
    found = [name for flag, name in known.items() if flag in flags]
    if found:
        return Finding("processor", Level.OK, f"The processor has {', '.join(found)}.")
    level = Level.OK if "avx2" in flags or not flags else Level.WARN
    return Finding(
        "processor",
        level,
        "The processor has neither AVX-512 nor AMX.",
        "Trainings work; newer processors are about twice as fast.",
    )


def _package(module: str, title: str, level: Level, use: str) -> Finding:
    if util.find_spec(module) is None:
        return Finding(
            module, level, f"{title} is missing; {use} need it.", f"Run `pip install {module}`."
        )
    return Finding(module, Level.OK, f"{title} {metadata.version(module)}.")


def _isolation() -> Finding:
    lock = isolation()
    if lock.missing:
        return Finding(
            "isolation",
            Level.WARN,
            f"Reward functions are not locked in completely: {', '.join(lock.missing)} missing.",
            "Run only code that you trust.",
        )
    sentence = f"Reward functions are locked in: {', '.join(lock.taken)}."
    return Finding("isolation", Level.OK, sentence)


def _kernel_cache(folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    problem = _write_problem(there)
    if problem:
        return Finding(
            "kernel cache",
            Level.WARN,
            f"Compiled kernels cannot be kept in {folder}: {problem}.",
            "Every start compiles again; set NUMBA_CACHE_DIR to a folder of yours.",
        )
    return Finding("kernel cache", Level.OK, f"Compiled kernels are kept in {folder}.")


def _kernels(folder: Path) -> Finding:
    count = len([file for kept in folder.glob("kernels-*") for file in kept.rglob("*.nbi")])
    if not count:
        return Finding(
            "kernels",
            Level.WARN,
            "The simulator is not compiled yet.",
            "The first training does it and takes up to a minute longer.",
        )
    return Finding("kernels", Level.OK, f"{count} kernels of the simulator are compiled.")


def _write_problem(folder: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or str(error)
