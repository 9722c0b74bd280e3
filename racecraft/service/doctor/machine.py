"""The machine itself: Python, cores, memory, processor, clock."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from racecraft.service.doctor.finding import Finding, bad, fine, warn
from racecraft.service.machine import memory_mb

_NEEDED_PYTHON = (3, 11)
_GIB = 2**30
_MOST_SKEW_S = 300.0
"""Of a file's time of change; copying between machines leaves some seconds."""
CPUINFO = Path("/proc/cpuinfo")


def python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Finding:
    """Whether Python is new enough, and is made for this processor."""
    text = ".".join(str(part) for part in version)
    if version[:2] < _NEEDED_PYTHON:
        return bad(
            "python",
            f"Python {text} is too old.",
            "Install Python 3.11 or newer, and racecraft with it.",
        )
    if sys.maxsize < 2**32:
        return bad(
            "python",
            f"This Python {text} is one of 32 bits, for which there is no PyTorch.",
            "Install a Python of 64 bits.",
        )
    return fine("python", f"Python {text} on {platform.system()} {platform.machine()}.")


def cores() -> Finding:
    """How many processor cores may be used."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if (count or 1) < 2:
        return warn(
            "cores",
            "One processor core may be used.",
            "Trainings are made for two or more; expect about twice the time.",
        )
    return fine("cores", f"{count} processor cores may be used.")


def memory(total_mb: Callable[[], float | None] = memory_mb) -> Finding:
    """Memory that there is, and that nobody else uses."""
    known = total_mb()
    if known is None:
        return warn("memory", "The size of the memory is not known.", "Have 4 GiB.")
    total = known * 1e6 / _GIB
    free = min(total, psutil.virtual_memory().available / _GIB)
    if total < 3.5:
        return warn(
            "memory",
            f"{total:.1f} GiB of memory.",
            "Trainings want 4 GiB: train with the light network, one job at a time (--slots 1).",
        )
    if free < 1.0:
        return warn(
            "memory",
            f"{total:.1f} GiB of memory, of which others have left {free:.1f} GiB.",
            "A training takes about 1 GiB; close other programs first.",
        )
    return fine("memory", f"{total:.1f} GiB of memory, {free:.1f} GiB of it free.")


def processor(cpuinfo: Path = CPUINFO) -> Finding:
    """What the processor can do at once, as far as the system tells."""
    try:
        text = cpuinfo.read_text(encoding="utf-8")
    except OSError:
        return fine("processor", "The processor's extensions are not known here.")
    flags = set(next((line for line in text.splitlines() if line.startswith("flags")), "").split())
    known = {"avx512f": "AVX-512", "amx_tile": "AMX", "avx512_bf16": "bf16", "amx_bf16": "AMX bf16"}
    found = [name for flag, name in known.items() if flag in flags]
    if found:
        return fine("processor", f"The processor has {', '.join(found)}.")
    if flags and "avx2" not in flags:
        lacking = "AVX2" if "avx" in flags else "AVX"
        return warn(
            "processor",
            f"The processor has no {lacking}.",
            "Trainings take several times as long. In a virtual machine, hand the host's "
            "processor through (for QEMU: -cpu host).",
        )
    return fine(
        "processor",
        "The processor has neither AVX-512 nor AMX.",
        "Trainings work; newer processors are about twice as fast.",
    )


def clock(home: Path, now_s: Callable[[], float] = time.time) -> Finding:
    """Whether the clock can be right: files from tomorrow and a program from tomorrow say no.

    Leases of jobs, ends of races and sessions go by it.
    """
    now = now_s()
    newest = max((_changed_s(file) for file in (Path(__file__), *_recent(home))), default=0.0)
    told = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
    if newest - now > _MOST_SKEW_S:
        return warn(
            "clock",
            f"The clock says {told}, but there are files that were changed "
            f"{_span(newest - now)} later.",
            "Set the clock (Linux: timedatectl set-ntp true); jobs, races and sign-ins go by it.",
        )
    return fine("clock", f"The clock says {told}, {time.strftime('%Z', time.localtime(now))}.")


def _recent(home: Path) -> list[Path]:
    try:
        return [*home.iterdir(), *(home / "models").glob("*/*.json")]
    except OSError:
        return []


def _changed_s(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _span(seconds: float) -> str:
    days, hours = divmod(round(seconds / 3600), 24)
    if days:
        return f"{days} days"
    return f"{hours} hours" if hours else f"{round(seconds / 60)} minutes"
