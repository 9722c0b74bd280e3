"""Which checkpoints of a long training stay.

One every iteration would fill the disk: a small network makes several a second. So the first
hundred all stay, then every second one, from two hundred on every fourth, and so on; the best and
the last ones always do. Depends on nothing but the iteration, so the same seed keeps the same ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from racecraft.training.checkpoint import CHECKPOINTS, checkpoint_path

MOST_ITERATIONS = 100
"""Of evenly spaced iterations whose checkpoints stay; at least half as many do."""


def spacing_until(iteration: int) -> int:
    """From how many iterations one stays, when a training has come so far: 1, 2, 4, 8 and so on."""
    spacing = 1
    while iteration // spacing >= MOST_ITERATIONS:
        spacing *= 2
    return spacing


def thin_out(model_folder: Path, last: int, kept: Collection[int]) -> None:
    """Remove the checkpoints before the last one that need not stay.

    What cannot be removed stays: a training does not end for that.

    Args:
        model_folder: of the model.
        last: the newest iteration.
        kept: iterations that stay wherever they lie, such as the best one.
    """
    spacing = spacing_until(last)
    for found in (model_folder / CHECKPOINTS).iterdir():
        if not found.name.isdecimal():
            continue
        iteration = int(found.name)
        if iteration < last and iteration % spacing and iteration not in kept:
            _remove(model_folder, iteration)


def _remove(model_folder: Path, iteration: int) -> None:
    """Take a checkpoint away in one rename, so that nobody finds half of one."""
    gone = model_folder / CHECKPOINTS / f"{iteration}.before"
    shutil.rmtree(gone, ignore_errors=True)
    with suppress(OSError):
        checkpoint_path(model_folder, iteration).rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
