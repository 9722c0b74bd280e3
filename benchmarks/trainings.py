"""Train until clean, then check what was learnt with fresh eyes."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from racecraft.domain.errors import RacecraftError
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.presets import PRESETS, preset, without_speed_goal
from racecraft.tracks.library import load_track
from racecraft.training.algorithms import train
from racecraft.training.checkpoint import checkpoint_path
from racecraft.training.evaluate import evaluate
from racecraft.training.examination import Examiner, Start, displaced_starts, mean_speed_mps
from racecraft.training.loading import load_actor
from racecraft.training.report import IterationReport
from racecraft.training.team import Team

LAPS, DISPLACED, UNSEEN = 5, 20, 40
UNSEEN_SEED = 1_000_000


@dataclass(frozen=True)
class Job:
    """One training that is to be timed."""

    model: ModelSpec
    training: TrainingSpec
    reward_source: str


@dataclass(frozen=True)
class Check:
    """What a checkpoint, loaded from disk again, drives."""

    clean_laps: int
    """Of `LAPS` from the start line, under the rules of an evaluation."""
    displaced_laps: int
    """Of `DISPLACED`: the starts at which a training stops, driven by a fresh examiner."""
    unseen_laps: int
    """Of `UNSEEN` others, at which no training looks (with things on the road: from the start line,
    the things at places that no training checks); told only, nothing depends on it."""
    speed_mps: float

    @property
    def is_first_met(self) -> bool:
        """Every lap from the start line was clean."""
        return self.clean_laps == LAPS

    @property
    def is_passed(self) -> bool:
        """And every one from the displaced starts."""
        return self.is_first_met and self.displaced_laps == DISPLACED


@dataclass(frozen=True)
class Run:
    """What became of a training."""

    training_s: float
    env_steps: int
    is_clean: bool
    """The training stopped by itself because its laps were clean (and fast enough)."""
    check: Check | None
    """Of the last checkpoint, when the training says that it is clean."""
    first_s: float | None = None
    """Training time when the greedy laps of an iteration were all clean for the first time."""
    first_check: Check | None = None
    """Of that iteration's checkpoint."""
    failure: str = ""

    @property
    def is_passed(self) -> bool:
        """Clean by its own account and by the check."""
        return self.is_clean and self.check is not None and self.check.is_passed

    @property
    def is_first_passed(self) -> bool:
        """There was a checkpoint with clean laps only, and it drives them again."""
        return self.first_check is not None and self.first_check.is_first_met


def job(
    preset_name: str,
    reward_source: str,
    *,
    cap_s: float,
    has_speed_goal: bool,
    track: TrackChoice | None = None,
) -> Job:
    """A preset's training with a reward and an end, as `racecraft quickstart` would make it."""
    chosen = preset(preset_name)
    stop = chosen.training.stop if has_speed_goal else without_speed_goal(chosen.training.stop)
    training = chosen.training.model_copy(
        update={
            "tracks": (track,) if track else chosen.training.tracks,
            "stop": stop.model_copy(update={"minutes": cap_s / 60.0}),
        }
    )
    return Job(chosen.model, training, reward_source)


def run(each: Job, seed: int) -> Run:
    """Train with a seed in a folder of its own, which is gone afterwards."""
    training = each.training.model_copy(update={"seed": seed})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reports: list[IterationReport] = []
        failure = ""
        try:
            source = each.reward_source
            with closing(train(each.model, training, reward_source=source, folder=folder)) as steps:  # type: ignore[type-var]
                reports.extend(steps)
        except RacecraftError as error:
            failure = str(error)
        if not reports:
            return Run(0.0, 0, is_clean=False, check=None, failure=failure)
        return _run_of(each, training, folder, reports, failure)


def warm_up() -> None:
    """One iteration of each preset, not timed: kernels are compiled and loaded afterwards."""
    for chosen in PRESETS.values():
        stop = StopCondition(env_steps=1)
        training = chosen.training.model_copy(update={"stop": stop})
        run(Job(chosen.model, training, builtin_reward("centre-line")), seed=0)


def _run_of(
    each: Job,
    training: TrainingSpec,
    folder: Path,
    reports: Sequence[IterationReport],
    failure: str,
) -> Run:
    last = reports[-1]
    first = next((r for r in reports if r.evaluation and _is_all_clean(r)), None)

    def checked(report: IterationReport) -> Check:
        return check(each.model, checkpoint_path(folder, report.iteration), training)

    return Run(
        training_s=last.training_s,
        env_steps=last.env_steps,
        is_clean=last.is_clean and not failure,
        check=checked(last) if last.is_clean else None,
        first_s=first.training_s if first else None,
        first_check=checked(first) if first else None,
        failure=failure,
    )


def _is_all_clean(report: IterationReport) -> bool:
    return all(trial.is_clean for trial in report.evaluation)


def check(model: ModelSpec, checkpoint: Path, training: TrainingSpec) -> Check:
    """Drive a checkpoint from its file: an evaluation, then displaced and unseen starts."""
    track, race = training.tracks[0], training.race
    result = evaluate(model, checkpoint, EvaluationSpec(track=track, race=race, trials=LAPS))
    road = load_track(track.name, is_reversed=track.is_reversed)
    actor = load_actor(model, checkpoint)

    def clean(starts: Sequence[Start]) -> int:
        with Team(2) as team:
            trials = Examiner(actor, model, [road], starts, team, race).examine()
        return sum(trial.is_clean for trial in trials)

    def clean_elsewhere() -> int:
        spec = EvaluationSpec(track=track, race=race, trials=UNSEEN, seed=UNSEEN_SEED)
        return sum(trial.is_clean for trial in evaluate(model, checkpoint, spec).trials)

    lengths_m = np.full(len(result.trials), road.length_m)
    return Check(
        clean_laps=sum(trial.is_clean for trial in result.trials),
        displaced_laps=clean(displaced_starts(DISPLACED)),
        unseen_laps=clean_elsewhere() if race.has_objects else clean(unseen_starts()),
        speed_mps=mean_speed_mps(result.trials, lengths_m),
    )


def unseen_starts() -> list[Start]:
    """The sequence of displaced starts goes on behind those of the check, all round the lap."""
    following = displaced_starts(DISPLACED + UNSEEN)[DISPLACED:]
    return [replace(start, lap_share=(k + 0.25) / UNSEEN) for k, start in enumerate(following)]
