"""What the machine has that a job could use up."""

from __future__ import annotations

import os
from pathlib import Path

_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Where Linux tells how much a container may take."""


def memory_mb() -> float | None:
    """Memory that programs may take, in 1,000,000 bytes; None where nobody knows."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
    try:
        limit = _LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        limit = "max"
    return (min(memory, int(limit)) if limit.isdigit() else memory) / 1e6
