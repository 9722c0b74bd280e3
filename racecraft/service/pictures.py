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
from functools import cache
from itertools import groupby
from pathlib import Path

from racecraft.domain.episode import Step, Trial
from racecraft.domain.track import Track
from racecraft.service.summaries import read_progress

REWARD_GRAPH = "reward-graph.png"
DRIVEN_LINES = "driven-lines.png"
REPLAY = "replay.mp4"
_SLOW_IMPORTS = (
    "matplotlib.backends.backend_agg",
    "matplotlib.font_manager",
    "racecraft.analysis.replay",
    "av",
)


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
    *,
    draws_replay: bool,
) -> tuple[Path, ...]:
    """Draw what every trial drove and, side by side with that, film the best one.

    Raises:
        StorageFailed: a file cannot be written.
    """
    with ThreadPoolExecutor(1) as beside:
        film = beside.submit(_film, folder, track, trials, steps) if draws_replay else None
        lines = _draw_lines(folder, track, steps)
        return (lines,) if film is None else (lines, film.result())


def _draw_lines(folder: Path, track: Track, steps: Sequence[Step]) -> Path:
    from racecraft.analysis.figures import driven_lines

    path = folder / DRIVEN_LINES
    laps = [list(lap) for _, lap in groupby(steps, key=lambda step: step.episode)]
    driven_lines(track, laps, path)
    return path


def _film(folder: Path, track: Track, trials: Sequence[Trial], steps: Sequence[Step]) -> Path:
    from racecraft.analysis.replay import best_lap, write_replay

    return write_replay(track, best_lap(trials, steps), folder / REPLAY, title=folder.name)
