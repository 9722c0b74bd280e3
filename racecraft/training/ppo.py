"""Proximal policy optimisation, from the first step to the last checkpoint.

`train` yields a report after each iteration: gather experience (`rollout`), improve the policy
(`learner`), drive greedy laps (`examination`), keep everything (`checkpoint`, `journal`).
Nothing that is learned depends on the clock; only the stop condition in minutes does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import CorruptCheckpoint
from racecraft.domain.spec import ModelSpec, StopCondition, TrainingSpec, check_training_fits
from racecraft.domain.track import Track
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training import checkpoint
from racecraft.training.artifacts import CheckpointEntry
from racecraft.training.examination import (
    Examination,
    Examiner,
    displaced_starts,
    even_starts,
    mean_speed_mps,
)
from racecraft.training.journal import Journal
from racecraft.training.learner import Learner, UpdateFigures
from racecraft.training.report import IterationReport
from racecraft.training.returns import ValueScale
from racecraft.training.rollout import Gatherer
from racecraft.training.team import Team
from racecraft.training.threads import has_fast_bf16

SECONDS_BETWEEN_STATES = 5.0
"""The full state is large; a training that is killed repeats at most these seconds exactly."""


@dataclass
class Progress:
    """Where a training stands; plain values, kept with the state."""

    iteration: int = 0
    """The next one."""
    env_steps: int = 0
    examined_steps: int = 0
    """Steps of greedy laps so far."""
    episodes: int = 0
    training_s: float = 0.0
    best_iteration: int = 0
    best_env_steps: int = 0
    best_score: tuple[float, ...] = (-1.0, 0.0, 0.0)


def train(
    model: ModelSpec,
    training: TrainingSpec,
    *,
    reward_source: str,
    folder: Path,
    initial: Path | None = None,
    resume: bool = False,
) -> Iterator[IterationReport]:
    """Train a model until a stop condition is met.

    Args:
        model: what to train.
        training: how; the same spec and seed give the same checkpoints to the byte.
        reward_source: text of the user's reward function.
        folder: the model folder; checkpoints and records are written there.
        initial: checkpoint folder whose policy to start from.
        resume: go on exactly from the newest saved state in `folder`.

    Yields:
        A report after each iteration; `stop_reason` is set on the last.

    Raises:
        InvalidSpec: the model cannot be trained so.
        TrackNotFound, InvalidTrack: a track cannot be used.
        InvalidReward, RewardFailed: the reward function cannot be used.
        CorruptCheckpoint: there is nothing sound to start from.
        StorageFailed: a file could not be written.
        TrainingFailed: learning cannot go on.
    """
    hyper = training.hyperparameters
    check_training_fits(model, training)
    if training.uses_bf16 is None:
        training = training.model_copy(update={"uses_bf16": has_fast_bf16()})
    tracks = [load_track(c.name, is_reversed=c.is_reversed) for c in training.tracks]
    # A thread without a car, or without a row of a minibatch, would have nothing to do.
    size = min(training.threads, hyper.num_cars, hyper.batch_size)
    # The team first comes to rest at the end, so that nobody uses a closed runner.
    with RewardRunner(reward_source, tracks, hyper.num_cars) as runner, Team(size) as team:
        session = Session(model, training, tracks, folder, team, runner)
        session.begin(initial, resume=resume)
        while session.stop_reason(None) is None:
            report = session.iterate()
            yield report
            if report.stop_reason is not None:
                return


class Session:
    """Everything that changes during one training."""

    def __init__(
        self,
        model: ModelSpec,
        training: TrainingSpec,
        tracks: list[Track],
        folder: Path,
        team: Team,
        runner: RewardRunner,
    ) -> None:
        self.model, self.training, self.folder = model, training, folder
        self.runner = runner
        self.learner = Learner(model, training, team)
        actor, hyper = self.learner.actor, training.hyperparameters
        self.simulator = Simulator(
            tracks, hyper.num_cars, car=model.car, camera=model.camera, seed=training.seed
        )
        self.gatherer = Gatherer(actor, model, hyper, self.simulator, team)
        laps = max(training.evaluation_trials, training.stop.clean_laps or 0)
        starts = [start for start in even_starts(laps) for _ in tracks]
        self.examiner = Examiner(actor, model, tracks, starts, team)
        robust = [s for s in displaced_starts(training.stop.robust_laps) for _ in tracks]
        self.robust_examiner = Examiner(actor, model, tracks, robust, team) if robust else None
        self.progress = Progress()
        self.journal: Journal
        self._saved_at = time.monotonic()

    def begin(self, initial: Path | None, *, resume: bool) -> None:
        """Start fresh, from another model's policy, or where a training was left."""
        open_rows = self._load() if resume else None
        if initial is not None and not resume:
            checkpoint.load_policy(initial, self.learner.actor.policy)
            self.learner.load_policy_weights()
        # Only now, because a new journal forgets the records of what will be driven anew.
        self.journal = self._journal(open_rows)

    def iterate(self) -> IterationReport:
        """One iteration: gather, update, examine, keep."""
        begin = time.perf_counter()
        progress = self.progress
        rollout = self.gatherer.gather(self.runner, progress.env_steps)
        self.gatherer.fill_values(self.learner.scale)
        self.runner.finish()
        figures = self.learner.update(rollout)
        steps = rollout.length * self.simulator.num_cars
        elapsed_s = time.perf_counter() - begin
        examination = self._examine() if self._is_examination_due(steps, elapsed_s) else None
        seconds = time.perf_counter() - begin
        trace, episodes = self.journal.take(rollout)
        iteration = progress.iteration
        progress.iteration += 1
        progress.env_steps += steps
        progress.episodes += episodes.count
        progress.training_s += seconds
        if examination is not None and examination.score >= progress.best_score:
            progress.best_score, progress.best_iteration = examination.score, iteration
            progress.best_env_steps = progress.env_steps
        report = IterationReport(
            iteration=iteration,
            env_steps=progress.env_steps,
            episodes=progress.episodes,
            training_s=progress.training_s,
            steps_per_s=steps / seconds,
            mean_reward=episodes.mean_reward,
            mean_progress=episodes.mean_progress,
            evaluation=examination.trials if examination else (),
            mean_evaluation_progress=examination.mean_progress if examination else None,
            best_iteration=progress.best_iteration,
            clean_laps=sum(t.is_clean for t in examination.trials) if examination else 0,
            is_clean=examination is not None and examination.is_clean,
            mean_lap_speed_mps=(examination.mean_speed_mps or None) if examination else None,
            printed=self.runner.printed(),
            stop_reason=self.stop_reason(examination),
            **_means(figures),
        )
        self.journal.write(iteration, trace, report.evaluation)
        self._keep(report)
        return report

    def stop_reason(self, examination: Examination | None) -> str | None:
        """Why the training should end now; None if it should go on."""
        stop, progress = self.training.stop, self.progress
        if examination is not None and stop.clean_laps is not None and examination.is_clean:
            return f"{stop.clean_laps} clean laps in a row"
        if stop.env_steps is not None and progress.env_steps >= stop.env_steps:
            return f"{stop.env_steps:,} environment steps"
        if stop.minutes is not None and progress.training_s >= stop.minutes * 60:
            return f"{stop.minutes:g} minutes of training"
        return None

    def _is_examination_due(self, steps: int, elapsed_s: float) -> bool:
        """Whether greedy laps have cost little enough so far, counted in steps, not seconds."""
        progress, stop = self.progress, self.training.stop
        driven = progress.env_steps + steps
        is_last = stop.env_steps is not None and driven >= stop.env_steps
        if stop.minutes is not None:
            is_last |= progress.training_s + elapsed_s >= stop.minutes * 60
        return is_last or progress.examined_steps <= self.training.evaluation_share * driven

    def _examine(self) -> Examination:
        stop: StopCondition = self.training.stop
        trials = self.examiner.examine()
        self.progress.examined_steps += self.examiner.steps
        lengths = self.simulator.pack.length_m[np.arange(len(trials)) % len(self.simulator.tracks)]
        speed = mean_speed_mps(trials, lengths)
        is_clean = all(trial.is_clean for trial in trials) and speed >= stop.min_mean_speed_mps
        if is_clean and stop.clean_laps is not None and self.robust_examiner is not None:
            robust = self.robust_examiner.examine(stops_at_failure=True)
            self.progress.examined_steps += self.robust_examiner.steps
            is_clean = all(trial.is_clean for trial in robust)
        mean_progress = float(np.mean([trial.completion_percent for trial in trials]))
        return Examination(trials, is_clean, mean_progress, speed)

    def _keep(self, report: IterationReport) -> None:
        """Write the iteration's checkpoint, and the full state when it is time."""
        actor, progress = self.learner.actor, self.progress
        facts = {
            "iteration": report.iteration,
            "env_steps": report.env_steps,
            "mean_evaluation_progress": report.mean_evaluation_progress,
            "clean_laps": report.clean_laps,
            "mean_lap_speed_mps": report.mean_lap_speed_mps,
            "network": self.model.network.value,
            "uses_bf16": self.training.uses_bf16,
        }
        checkpoint.save_policy(self.folder, report.iteration, actor.policy, facts)
        now = time.time()
        last = CheckpointEntry(
            report.iteration, report.env_steps, report.mean_evaluation_progress or 0.0, now
        )
        best = CheckpointEntry(
            progress.best_iteration, progress.best_env_steps, progress.best_score[1], now
        )
        self.journal.write_index(best, last)
        is_due = time.monotonic() - self._saved_at >= SECONDS_BETWEEN_STATES
        if report.iteration == 0 or report.stop_reason is not None or is_due:
            self._save()

    def _save(self) -> None:
        learner = self.learner
        arrays: dict[str, NDArray[Any]] = {"journal.open_rows": self.journal.open_rows}
        arrays |= {f"optimizer.{k}": v for k, v in learner.optimizer.state_arrays().items()}
        arrays |= {f"cars.{k}": v for k, v in self.simulator.state_arrays().items()}
        facts = {
            "progress": asdict(self.progress),
            "scale": asdict(learner.scale),
            "shuffle": learner.shuffle.bit_generator.state,
        }
        checkpoint.save_state(self.folder, arrays, facts)
        self._saved_at = time.monotonic()

    def _load(self) -> NDArray[np.float64]:
        """Take over the newest state; gives the rows of episodes that were under way."""
        arrays, facts = checkpoint.load_state(self.folder)
        learner = self.learner
        try:
            learner.optimizer.load_state_arrays(_part(arrays, "optimizer."))
            self.simulator.load_state_arrays(_part(arrays, "cars."))
            learner.scale = ValueScale(**facts["scale"])
            learner.shuffle.bit_generator.state = facts["shuffle"]
            self.progress = Progress(**facts["progress"])
            self.progress.best_score = tuple(self.progress.best_score)
            return arrays["journal.open_rows"]
        except (KeyError, TypeError, ValueError) as error:
            raise CorruptCheckpoint(
                f"The training state in {self.folder} does not fit this training ({error}); "
                "clone a checkpoint of the model to train on from there."
            ) from error

    def _journal(self, open_rows: NDArray[np.float64] | None) -> Journal:
        lengths = self.simulator.pack.length_m[self.simulator.cars.track]
        return Journal(
            self.folder,
            self.model,
            self.training,
            lengths,
            iteration=self.progress.iteration,
            open_rows=open_rows,
        )


def _part(arrays: dict[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def _means(figures: UpdateFigures) -> dict[str, float]:
    return {
        "policy_loss": float(np.mean(figures.policy_loss)),
        "value_loss": float(np.mean(figures.value_loss)),
        "entropy": float(np.mean(figures.entropy)),
        "approx_kl": float(np.mean(figures.approx_kl)),
        "clip_fraction": float(np.mean(figures.clip_fraction)),
        "explained_variance": figures.explained_variance,
    }
