"""Measure how near trained models come to the physical limit: `make pace`.

A figure is the best of three clean laps in a row, from a standing start, over the limit of the
same car and track; the median over seeds that were not used for tuning. A training that leaves no
checkpoint with three clean laps counts as failed, with the time of no lap.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.measuring import common_arguments, measure_all, results_file
from benchmarks.table import Row, number
from racecraft.analysis.fastest_lap import fastest_lap
from racecraft.domain.errors import RacecraftError
from racecraft.domain.spec import EvaluationSpec, TrackChoice
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.presets import preset
from racecraft.tracks.library import load_track, shipped_names
from racecraft.training.algorithms import train
from racecraft.training.checkpoint import checkpoint_path
from racecraft.training.evaluate import evaluate
from racecraft.training.report import IterationReport

LAPS = 3
MINUTES = {"fast": 1.0, "champion": 10.0}
TARGETS = {"fast": 1.40, "champion": 1.10}
"""On the track that they were set for, the wide one of 2019."""
OTHERS_TARGET = 1.30
"""Of champion, on every other track."""
TARGET_TRACK = "reInvent2019_track"
TRACKS = ("fox-hollow", "harbour-loop", "swallowtail")


@dataclass(frozen=True)
class Plan:
    """What to train, and for how long."""

    seeds: tuple[int, ...]
    tracks: tuple[str, ...]
    minutes: float | None = None
    """Instead of the preset's."""
    threads: int = 2


@dataclass(frozen=True)
class Drive:
    """One training and the laps of its best checkpoint."""

    ratio: float | None
    """Best of the laps over the limit; None when not all of them were clean."""
    training_s: float
    env_steps: int
    best_s: float = 0.0
    """Training time of that checkpoint."""
    failure: str = ""

    def __str__(self) -> str:
        told = "no clean laps" if self.ratio is None else f"{self.ratio:.3f} × the limit"
        steps = f"{self.env_steps:,} steps in {self.training_s:.0f} s"
        return f"{told}, {steps}, best after {self.best_s:.0f} s {self.failure}".rstrip()


def drive(preset_name: str, track: str, seed: int, plan: Plan) -> Drive:
    """Train with a preset and drive the best checkpoint."""
    chosen, choice = preset(preset_name), TrackChoice(name=track)
    minutes = plan.minutes or MINUTES[preset_name]
    training = chosen.training.model_copy(
        update={
            "tracks": (choice,),
            "seed": seed,
            "threads": plan.threads,
            "stop": chosen.training.stop.model_copy(update={"minutes": minutes}),
        }
    )
    limit_s = fastest_lap(load_track(track), chosen.model.car).time_s
    reports: list[IterationReport] = []
    failure = ""
    with tempfile.TemporaryDirectory() as name:
        folder, source = Path(name), builtin_reward(chosen.reward)
        try:
            steps = train(chosen.model, training, reward_source=source, folder=folder)
            with closing(steps):  # type: ignore[type-var]
                reports.extend(steps)
        except RacecraftError as error:
            failure = str(error)
        if not reports:
            return Drive(None, 0.0, 0, failure=failure)
        last = reports[-1]
        asked = EvaluationSpec(track=choice, trials=LAPS, is_continuous=True)
        trials = evaluate(chosen.model, checkpoint_path(folder, last.best_iteration), asked).trials
    is_clean = len(trials) == LAPS and all(trial.is_clean for trial in trials)
    best = min(trial.time_ms for trial in trials) / 1000.0 / limit_s
    when_s = reports[last.best_iteration].training_s
    return Drive(best if is_clean else None, last.training_s, last.env_steps, when_s, failure)


def pace_rows(plan: Plan, preset_name: str) -> list[Row]:
    """One row a track."""
    rows = []
    for track in plan.tracks:
        drives = []
        for seed in plan.seeds:
            drives.append(drive(preset_name, track, seed, plan))
            print(f"  {Path(track).stem}, seed {seed}: {drives[-1]}", flush=True)
        rows.append(row_of(preset_name, track, drives, plan))
    return rows


def row_of(preset_name: str, track: str, drives: Sequence[Drive], plan: Plan) -> Row:
    """The median of what was clean, and how many were not."""
    ratios = [each.ratio for each in drives if each.ratio is not None]
    name, minutes = Path(track).stem, plan.minutes or MINUTES[preset_name]
    target = TARGETS[preset_name] if name == TARGET_TRACK else None
    if target is None and preset_name == "champion":
        target = OTHERS_TARGET
    steps = statistics.median(each.env_steps for each in drives)
    spread = f"{min(ratios):.3f}–{max(ratios):.3f}" if ratios else "none clean"
    return Row(
        name=f"{preset_name}, {name}, {number(minutes)} min: best of three clean laps in a row",
        value=round(statistics.median(ratios), 3) if ratios else None,
        unit="× limit",
        target=target,
        sense="<=",
        note=f"{len(ratios)} of {len(drives)} seeds clean; {spread}; median {steps:,.0f} env steps "
        f"with {plan.threads} threads",
        failures=len(drives) - len(ratios),
    )


def main() -> None:
    """Measure what was asked for."""
    parser = common_arguments("Measure how near models come to the physical limit.", MINUTES)
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each row")
    parser.add_argument("--first-seed", type=int, default=100, help="they count on from here")
    parser.add_argument("--threads", type=int, default=2, help="processor cores of a training")
    parser.add_argument("--minutes", type=float, help="training time instead of the preset's")
    parser.add_argument("--track", nargs="+", help="these instead of three shipped ones")
    parser.add_argument("--all", action="store_true", help="every shipped track")
    parser.add_argument("--extra", type=Path, help="folder with more tracks (.npy)")
    given = parser.parse_args()
    tracks = given.track or (shipped_names() if given.all else TRACKS)
    extra = sorted(given.extra.glob("*.npy")) if given.extra is not None else []
    count = 1 if given.quick else given.seeds
    plan = Plan(
        seeds=tuple(range(given.first_seed, given.first_seed + count)),
        tracks=(*tracks, *(str(path) for path in extra)),
        minutes=0.05 if given.quick else given.minutes,
        threads=given.threads,
    )
    measure: list[tuple[str, Callable[[], list[Row]]]] = [
        (name, partial(pace_rows, plan, name)) for name in given.only or MINUTES
    ]
    measure_all(measure, results_file(given))


if __name__ == "__main__":
    main()
