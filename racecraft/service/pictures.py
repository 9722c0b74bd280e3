"""Pictures and the film that a training and an evaluation leave beside the model.

Drawing needs libraries that take long to import; a training imports them on the side, so that
nobody waits for them at its end.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import groupby
from pathlib import Path

from racecraft.domain.episode import Step, Trial
from racecraft.domain.spec import ModelSpec
from racecraft.domain.track import Track
from racecraft.service.summaries import read_progress

REWARD_GRAPH = "reward-graph.png"
DRIVEN_LINES = "driven-lines.png"
REPLAY = "replay.mp4"
_SLOW_IMPORTS = ("matplotlib.backends.backend_agg", "matplotlib.font_manager", "av")


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


def draw_lines(folder: Path, track: Track, steps: Sequence[Step]) -> Path:
    """Draw what every trial of an evaluation drove.

    Raises:
        StorageFailed: the picture cannot be written.
    """
    from racecraft.analysis.figures import driven_lines

    path = folder / DRIVEN_LINES
    driven_lines(track, trials_of(steps), path)
    return path


def trials_of(steps: Sequence[Step]) -> list[list[Step]]:
    """The steps of each trial."""
    return [list(trial) for _, trial in groupby(steps, key=lambda step: step.episode)]


def best_trial(trials: Sequence[Trial]) -> Trial:
    """The fastest full lap, else the one that came furthest."""
    return min(
        trials,
        key=lambda trial: (not trial.is_clean, -trial.completion_percent, trial.time_ms),
    )
