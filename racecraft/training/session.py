"""A training from the first step to the last checkpoint, whatever the algorithm.

`run` yields a report after each iteration: the algorithm gathers experience and improves its
policy, the session drives greedy laps (`examination`) and keeps everything (`checkpoint`,
`journal`). Nothing that is learned depends on the clock; only the stop condition in minutes does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import CorruptCheckpoint, RacecraftError
from racecraft.domain.spec import ModelSpec, TrainingSpec, check_training_fits
from racecraft.domain.track import Track
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.tracks.racing_lines import with_racing_lines
from racecraft.training import checkpoint
from racecraft.training.artifacts import CheckpointEntry
from racecraft.training.contract import MakeAlgorithm
from racecraft.training.examination import Examination
from racecraft.training.examiners import Examiners
from racecraft.training.journal import Journal
from racecraft.training.report import IterationReport, progress_by_track
from racecraft.training.scenes import DrivenIteration
from racecraft.training.team import Team
from racecraft.training.thinning import thin_out
from racecraft.training.threads import has_fast_bf16

SECONDS_BETWEEN_STATES = 5.0
"""The full state is large; a training that is killed repeats at most these seconds exactly."""


@dataclass(frozen=True)
class Order:
    """What is to be trained, and where."""

    model: ModelSpec
    training: TrainingSpec
    reward_source: str
    """Text of the user's reward function."""
    folder: Path
    """The model folder; checkpoints and records are written there."""
    initial: Path | None = None
    """Checkpoint folder whose policy to start from."""
    is_resumed: bool = False
    """Go on exactly from the newest saved state in `folder`."""


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


def run(order: Order, make_algorithm: MakeAlgorithm) -> Iterator[IterationReport]:
    """Train until a stop condition is met; arguments, reports and errors as `algorithms.train`."""
    training = order.training
    hyper = training.hyperparameters
    check_training_fits(order.model, training)
    if training.uses_bf16 is None:
        training = training.model_copy(update={"uses_bf16": has_fast_bf16()})
    tracks = [load_track(c.name, is_reversed=c.is_reversed) for c in training.tracks]
    tracks = with_racing_lines(tracks, order.folder)
    # A thread without a car, or without a row of a minibatch, would have nothing to do.
    size = min(training.threads, hyper.num_cars, hyper.batch_size)
    # The team first comes to rest at the end, so that nobody uses a closed runner.
    with (
        RewardRunner(order.reward_source, tracks, hyper.num_cars) as runner,
        Team(size) as team,
    ):
        session = Session(replace(order, training=training), tracks, team, runner, make_algorithm)
        session.begin()
        while session.stop_reason(None) is None:
            report = session.iterate()
            try:
                yield report
            except GeneratorExit:
                session.leave()
                raise
            if report.stop_reason is not None:
                return


class Session:
    """Everything that changes during one training."""

    def __init__(
        self,
        order: Order,
        tracks: list[Track],
        team: Team,
        runner: RewardRunner,
        make_algorithm: MakeAlgorithm,
    ) -> None:
        model, training = order.model, order.training
        self.order, self.model, self.training, self.folder = order, model, training, order.folder
        self.runner = runner
        hyper = training.hyperparameters
        self.simulator = Simulator(
            tracks,
            hyper.num_cars,
            car=model.car,
            camera=model.camera,
            lidar=model.lidar,
            obstacles=training.race.obstacles,
            bots=training.race.bots,
            randomisation=training.randomisation,
            seed=training.seed,
        )
        self.algorithm = make_algorithm(model, training, self.simulator, team)
        self.examiners = Examiners(self.algorithm.actor, model, training, tracks, team)
        self.progress = Progress()
        self.journal: Journal
        self._saved_at = time.monotonic()
        self._saved_iteration = 0

    def begin(self) -> None:
        """Start fresh, from another model's policy, or where a training was left."""
        open_rows = self._load() if self.order.is_resumed else None
        if self.order.initial is not None and not self.order.is_resumed:
            self.algorithm.load_policy(self.order.initial)
        # Only now, because a new journal forgets the records of what will be driven anew.
        self.journal = self._journal(open_rows)

    def iterate(self) -> IterationReport:
        """One iteration: gather, update, examine, keep."""
        begin = time.perf_counter()
        progress = self.progress
        rollout, figures = self.algorithm.iterate(self.runner, progress.env_steps)
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
            crashes=episodes.crashes,
            evaluation=examination.trials if examination else (),
            mean_evaluation_progress=examination.mean_progress if examination else None,
            best_iteration=progress.best_iteration,
            clean_laps=sum(t.is_clean for t in examination.trials) if examination else 0,
            is_clean=examination is not None and examination.is_clean,
            mean_lap_speed_mps=(examination.mean_speed_mps or None) if examination else None,
            tracks=progress_by_track(self.training.tracks, episodes, examination),
            printed=self.runner.printed(),
            stop_reason=self.stop_reason(examination),
            episode_rewards=episodes.rewards,
            episode_progress=episodes.progress,
            driven=DrivenIteration(iteration, rollout, self.simulator, self.algorithm.actor),
            **figures,
        )
        self.journal.write(iteration, trace, report.evaluation)
        self._keep(report)
        return report

    def leave(self) -> None:
        """Save the full state, if it is behind; whoever goes on repeats nothing."""
        if self._saved_iteration < self.progress.iteration:
            # The one of before is still there, and only a few seconds older.
            with suppress(OSError, RacecraftError):
                self._save()

    def stop_reason(self, examination: Examination | None) -> str | None:
        """Why the training should end now; None if it should go on."""
        stop, progress = self.training.stop, self.progress
        if examination is not None and stop.clean_laps is not None and examination.is_clean:
            return f"{stop.clean_laps} clean laps in a row"
        if stop.env_steps is not None and progress.env_steps >= stop.env_steps:
            return f"{stop.env_steps:,} environment steps"
        if stop.minutes is not None and progress.training_s >= stop.minutes * 60:
            unit = "minute" if stop.minutes == 1 else "minutes"
            return f"{stop.minutes:g} {unit} of training"
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
        examination = self.examiners.examine(self.progress.best_score)
        self.progress.examined_steps += self.examiners.steps
        return examination

    def _keep(self, report: IterationReport) -> None:
        """Write the iteration's checkpoint, and the full state when it is time."""
        progress = self.progress
        facts = {
            "iteration": report.iteration,
            "env_steps": report.env_steps,
            "mean_evaluation_progress": report.mean_evaluation_progress,
            "clean_laps": report.clean_laps,
            "mean_lap_speed_mps": report.mean_lap_speed_mps,
            "algorithm": self.training.hyperparameters.algorithm,
            "network": self.model.network.value,
            "uses_bf16": self.training.uses_bf16,
        }
        checkpoint.save_policy(self.folder, report.iteration, self.algorithm.actor.policy, facts)
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
        arrays: dict[str, NDArray[Any]] = {"journal.open_rows": self.journal.open_rows}
        arrays |= {f"cars.{k}": v for k, v in self.simulator.state_arrays().items()}
        learnt, facts = self.algorithm.state(self.folder)
        facts = {"progress": asdict(self.progress), **facts}
        checkpoint.save_state(self.folder, arrays | learnt, facts)
        self._saved_at = time.monotonic()
        self._saved_iteration = self.progress.iteration
        # Only now: what is gone is not needed by the state that a killed training goes on from.
        thin_out(self.folder, self.progress.iteration - 1, [self.progress.best_iteration])

    def _load(self) -> NDArray[np.float64]:
        """Take over the newest state; gives the rows of episodes that were under way."""
        arrays, facts = checkpoint.load_state(self.folder)
        try:
            self.algorithm.load_state(self.folder, arrays, facts)
            self.simulator.load_state_arrays(checkpoint.part(arrays, "cars."))
            self.progress = Progress(**facts["progress"])
            self.progress.best_score = tuple(self.progress.best_score)
            return arrays["journal.open_rows"]
        except (KeyError, TypeError, ValueError) as error:
            raise CorruptCheckpoint(
                f"The training state in {self.folder} does not fit this training ({error}); "
                "clone a checkpoint of the model to train on from there."
            ) from error

    def _journal(self, open_rows: NDArray[np.float64] | None) -> Journal:
        return Journal(
            self.folder,
            self.model,
            self.training,
            self.simulator.tracks,
            iteration=self.progress.iteration,
            open_rows=open_rows,
        )
