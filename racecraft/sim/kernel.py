"""`njit` for racecraft's kernels, with a disk cache that notices every change.

Numba keeps compiled kernels on disk but looks only at the file of the outermost one: after an
update that changes a kernel that it calls, or a constant of the domain, it would go on with the
old machine code. Here the cache lies in a folder named after the sources of the simulator.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from platformdirs import user_cache_path

_PACKAGE = Path(__file__).parents[1]
_SOURCES = ("domain", "sim")
"""Where kernels call each other across files; of its own file numba notices every change."""
_PREFIX = "kernels-"


def njit(**options: Any) -> Callable[[Any], Any]:
    """`numba.njit(**options)`; with `cache=True` compiled code lies in `cache_folder()`."""

    def compile_lazily(function: Any) -> Any:
        before = config.CACHE_DIR
        if options.get("cache"):
            # Numba settles where a kernel's cache lies when it is decorated, so this reaches
            # no other library's kernels.
            config.CACHE_DIR = str(cache_folder())
        try:
            return numba.njit(**options)(function)
        finally:
            config.CACHE_DIR = before

    return compile_lazily


@cache
def cache_folder() -> Path:
    """Folder of compiled kernels: beside the package, or in the user's cache if need be."""
    name = _PREFIX + _fingerprint()
    for base in (_PACKAGE / "__pycache__", user_cache_path("racecraft")):
        folder = Path(config.CACHE_DIR or base) / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".writable").touch()
        except OSError:
            continue
        for old in folder.parent.glob(_PREFIX + "*"):
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
        return folder
    return user_cache_path("racecraft") / name


def _fingerprint() -> str:
    """A hash of every source file that a kernel may be compiled from."""
    digest = hashlib.sha256()
    for part in _SOURCES:
        for file in sorted((_PACKAGE / part).rglob("*.py")):
            digest.update(str(file.relative_to(_PACKAGE)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
