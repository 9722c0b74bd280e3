"""Pictures and the film that a training and an evaluation leave beside the model.

Drawing needs libraries that take long to import; a training imports them on the side, so that
nobody waits for them at its end.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import Enum
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import Step, Trial
from racecraft.domain.track import Track
from racecraft.service.summaries import read_progress

Poses = NDArray[np.float64]

REWARD_GRAPH = "reward-graph.png"
DRIVEN_LINES = "driven-lines.png"
REPLAY = "replay.mp4"
_SLOW_IMPORTS = (
    "matplotlib.backends.backend_agg",
    "matplotlib.font_manager",
    "racecraft.analysis.replay",
    "av",
)


class Pictures(Enum):
    """What is drawn of an evaluation."""

    NONE = "none"
    LINES = "lines"
    FILM = "film"
    """The driven lines, and a film of the best lap."""


@cache
def prepare_pictures() -> None:
    """Begin to import what drawing needs, on the side; the second call does nothing."""
    threading.Thread(target=_import_slowly, name="prepare pictures", daemon=True).start()


def _import_slowly() -> None:
    for module in _SLOW_IMPORTS:
        with suppress(ImportError):  # whoever needs it will say so
            importlib.import_module(module)


def draw_training(folder: Path) -> Path:
    """Draw the reward graph of the reports so far.

    Raises:
        StorageFailed: the picture cannot be written.
    """
    from racecraft.analysis.figures import reward_graph

    path = folder / REWARD_GRAPH
    reward_graph(read_progress(folder), path)
    return path


def draw_evaluation(
    folder: Path,
    track: Track,
    trials: Sequence[Trial],
    steps: Sequence[Step],
    objects: Sequence[Poses],
    wanted: Pictures = Pictures.FILM,
) -> tuple[Path, ...]:
    """Draw what every trial drove and, side by side with that, film the best one.

    Args:
        folder: of the model.
        track: where it drove.
        trials: what became of each trial.
        steps: the rows of all of them.
        objects: for each episode (rows, O, 4) x, y (m), yaw (rad) and kind of what was on its road.
        wanted: what of it.

    Raises:
        StorageFailed: a file cannot be written.
    """
    if wanted is Pictures.NONE:
        return ()
    films = wanted is Pictures.FILM
    with ThreadPoolExecutor(1) as beside:
        film = beside.submit(_film, folder, track, trials, steps, objects) if films else None
        lines = _draw_lines(folder, track, steps, objects)
        return (lines,) if film is None else (lines, film.result())


def _draw_lines(
    folder: Path, track: Track, steps: Sequence[Step], objects: Sequence[Poses]
) -> Path:
    from racecraft.analysis.figures import driven_lines

    path = folder / DRIVEN_LINES
    laps = [list(lap) for _, lap in groupby(steps, key=lambda step: step.episode)]
    driven_lines(track, laps, path, boxes=_standing(objects))
    return path


def _standing(objects: Sequence[Poses]) -> Poses:
    """(O, 3) what stood at the same places in every step of every episode."""
    every = np.concatenate([np.zeros((0, *objects[0].shape[1:])), *objects])
    stands = (every == every[:1]).all(axis=(0, 2))
    return every[0, stands, :3] if len(every) else np.zeros((0, 3))


def _film(
    folder: Path,
    track: Track,
    trials: Sequence[Trial],
    steps: Sequence[Step],
    objects: Sequence[Poses],
) -> Path:
    from racecraft.analysis.replay import best_lap, write_replay

    lap = best_lap(trials, steps)
    met = objects[lap[0].episode] if lap else None
    return write_replay(track, lap, folder / REPLAY, title=folder.name, objects=met)
