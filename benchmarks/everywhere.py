"""One model for roads that it never saw: train on many tracks, evaluate on others."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from racecraft.domain.errors import RacecraftError
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.presets import preset
from racecraft.tracks.library import load_track, shipped_names
from racecraft.training.checkpoint import checkpoint_path
from racecraft.training.evaluate import evaluate
from racecraft.training.ppo import train
from racecraft.training.report import IterationReport

PRESET = "everywhere"
HELD_OUT = ("granite-pass", "heron-lake", "needle-eye", "swallowtail", "tin-whistle")
"""Shipped tracks that are evaluated and not trained on: long and short, wide and narrow."""
LAPS = 3
JITTER = 0.1
"""Control intervals vary, so that the laps are not copies of each other."""


@dataclass(frozen=True)
class Drive:
    """What one model did on the tracks that it had never seen."""

    training_s: float
    env_steps: int
    is_clean: bool
    """The training stopped by itself because its laps on all of its own tracks were clean."""
    clean_tracks: int
    """Track directions on which all `LAPS` laps were clean."""
    tracks: int
    speed_mps: float
    """Centre-line speed over the clean laps."""
    missed: tuple[str, ...]
    """The other track directions."""
    failure: str = ""

    @property
    def share_percent(self) -> float:
        """Clean track directions."""
        return 100.0 * self.clean_tracks / self.tracks if self.tracks else 0.0


def drive_everywhere(seed: int, cap_s: float, extra: Path | None, threads: int = 2) -> Drive:
    """Train a model with the preset on the tracks that are not held out, and drive the others.

    Args:
        seed: of the training.
        cap_s: training time at which it ends at the latest; the best checkpoint drives then.
        extra: a folder with more tracks (.npy) to evaluate on.
        threads: processor cores of the training.
    """
    chosen = preset(PRESET)
    own = [track for track in chosen.training.tracks if track.name not in HELD_OUT]
    stop = chosen.training.stop.model_copy(update={"minutes": cap_s / 60.0})
    how = {"tracks": tuple(own), "seed": seed, "stop": stop, "threads": threads}
    training = chosen.training.model_copy(update=how)
    with tempfile.TemporaryDirectory() as name:
        folder, reports, failure = Path(name), list[IterationReport](), ""
        source = builtin_reward("progress")
        try:
            steps = train(chosen.model, training, reward_source=source, folder=folder)
            with closing(steps):  # type: ignore[type-var]
                reports.extend(steps)
        except RacecraftError as error:
            failure = str(error)
        if not reports:
            return Drive(0.0, 0, False, 0, 0, 0.0, (), failure)
        last = reports[-1]
        best = checkpoint_path(folder, last.best_iteration)
        clean, missed, speed = _drive_unseen(chosen.model, best, extra)
    return Drive(
        training_s=last.training_s,
        env_steps=last.env_steps,
        is_clean=last.is_clean,
        clean_tracks=clean,
        tracks=clean + len(missed),
        speed_mps=speed,
        missed=missed,
        failure=failure,
    )


def _drive_unseen(
    model: ModelSpec, checkpoint: Path, extra: Path | None
) -> tuple[int, tuple[str, ...], float]:
    """Clean track directions, the names of the others, and the speed of all clean laps."""
    files = sorted(extra.glob("*.npy")) if extra is not None else []
    assert set(HELD_OUT) <= set(shipped_names())
    names = [*HELD_OUT, *(str(path) for path in files)]
    clean, missed, metres, seconds = 0, list[str](), 0.0, 0.0
    for choice in (TrackChoice(name=n, is_reversed=r) for n in names for r in (False, True)):
        length_m = load_track(choice.name, is_reversed=choice.is_reversed).length_m
        asked = EvaluationSpec(track=choice, trials=LAPS, interval_jitter=JITTER)
        trials = evaluate(model, checkpoint, asked).trials
        good = [trial for trial in trials if trial.is_clean]
        metres += length_m * len(good)
        seconds += sum(trial.time_ms for trial in good) / 1000.0
        if len(good) == LAPS:
            clean += 1
        else:
            told = f"{Path(choice.name).stem}{' reversed' * choice.is_reversed}"
            missed.append(f"{told} {len(good)}/{LAPS}")
    return clean, tuple(missed), metres / seconds if seconds else 0.0
