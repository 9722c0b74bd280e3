"""Episodes that span iterations are kept together, and every one is written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.simtrace import steps_from_csv
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.journal import Journal
from racecraft.training.networks import ActorCritic
from racecraft.training.rollout import Gatherer, Rollout
from racecraft.training.team import Team

CARS = 8


@pytest.fixture
def training(small: Callable[..., TrainingSpec]) -> TrainingSpec:
    return small(128, num_cars=CARS, num_episodes_between_training=100, practice_share=0.0)


@pytest.fixture
def rollouts(model: ModelSpec, training: TrainingSpec) -> Iterator[Callable[[], Rollout]]:
    """Each call gathers the next one; the arrays are the same every time, as in a training."""
    simulator = Simulator([load_track("thimble")], CARS, camera=model.camera, seed=3)
    actor = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=3)
    reward = builtin_reward("centre-line")
    with Team(1) as team, RewardRunner(reward, simulator.tracks, CARS) as runner:
        gatherer = Gatherer(actor, training.hyperparameters, simulator, team)

        def gather() -> Rollout:
            rollout = gatherer.gather(runner, 0)
            runner.finish()
            return rollout

        yield gather


@pytest.fixture
def journal(tmp_path: Path, model: ModelSpec, training: TrainingSpec) -> Callable[..., Journal]:
    def make(**where: object) -> Journal:
        tracks = [load_track("thimble")]
        return Journal(tmp_path, model, training, tracks, **where)  # type: ignore[arg-type]

    return make


def test_every_step_and_prepare_row_is_in_a_trace_once_or_still_open(
    journal: Callable[..., Journal], rollouts: Callable[[], Rollout]
) -> None:
    book = journal()
    rows = steps = episodes = 0
    reward = 0.0
    for _ in range(12):
        rollout = rollouts()
        trace, figures = book.take(rollout)
        rows += len(trace)
        episodes += figures.count
        steps += rollout.actions.size + int(rollout.begins.sum())
        reward += float(rollout.rewards.sum()) - float(trace.reward.sum())
        assert figures.count == int(rollout.is_last.sum()) == int(trace.is_done.sum())
        assert rows + len(book.open_rows) == steps
    assert episodes > 5
    assert reward == pytest.approx(book.open_rows[:, -3].sum())


def test_a_trace_holds_whole_episodes_step_by_step(
    journal: Callable[..., Journal], rollouts: Callable[[], Rollout]
) -> None:
    book = journal()
    spanning = 0
    for _ in range(12):
        trace, figures = book.take(rollouts())
        if not figures.count:
            assert len(trace) == 0
            assert figures.mean_reward is figures.mean_progress is None
            continue
        ends = np.flatnonzero(trace.is_done)
        starts = np.concatenate([[0], ends[:-1] + 1])
        sums, progress = [], []
        for start, end in zip(starts, ends, strict=True):
            episode = trace.take(slice(start, end + 1))
            assert episode.steps.tolist() == list(range(1, end - start + 2))
            assert episode.status[0] == EpisodeStatus.PREPARE
            assert (episode.status[1:-1] == EpisodeStatus.IN_PROGRESS).all()
            assert episode.status[-1] not in (EpisodeStatus.PREPARE, EpisodeStatus.IN_PROGRESS)
            assert np.diff(episode.time_s) == pytest.approx(np.full(end - start, 1 / 15))
            assert (np.hypot(np.diff(episode.x_m), np.diff(episode.y_m)) < 0.1).all()
            spanning += len(episode) > 8 + 1
            sums.append(episode.reward.sum())
            progress.append(episode.progress_percent[-1])
        assert figures.mean_reward == pytest.approx(np.mean(sums))
        assert figures.mean_progress == pytest.approx(np.mean(progress))
    assert spanning > 3


def test_a_journal_goes_on_from_the_open_rows_of_the_one_before(
    journal: Callable[..., Journal], rollouts: Callable[[], Rollout]
) -> None:
    first = journal()
    for _ in range(4):
        first.take(rollouts())
    second = journal(iteration=4, open_rows=first.open_rows.copy())
    assert len(first.open_rows) > CARS

    for _ in range(4):
        rollout = rollouts()
        mine, mine_figures = first.take(rollout)
        theirs, their_figures = second.take(rollout)
        assert mine.steps.tolist() == theirs.steps.tolist()
        assert mine.x_m.tolist() == theirs.x_m.tolist()
        assert mine_figures == their_figures


def test_what_was_taken_is_what_is_written(
    tmp_path: Path,
    journal: Callable[..., Journal],
    rollouts: Callable[[], Rollout],
    model: ModelSpec,
) -> None:
    book = journal()
    for iteration in range(4):
        trace, _ = book.take(rollouts())
        book.write(iteration, trace, ())
        if len(trace):
            break

    text = (tmp_path / "training-simtrace" / f"{iteration}-iteration.csv").read_text()
    steps = steps_from_csv(text)

    assert [step.steps for step in steps] == trace.steps.tolist()
    assert [step.reward for step in steps] == trace.reward.tolist()
    driven = [step for step in steps if step.status is not EpisodeStatus.PREPARE]
    angles = model.action_space.steering_deg
    for step in driven:
        assert np.degrees(step.steering_rad) == pytest.approx(angles[step.action])
        assert step.speed_mps == 1.0
    assert steps[0].track_length_m == pytest.approx(load_track("thimble").length_m)


def test_a_new_journal_forgets_only_what_will_be_driven_anew(
    tmp_path: Path, journal: Callable[..., Journal], rollouts: Callable[[], Rollout]
) -> None:
    book = journal()
    for iteration in range(10):
        trace, _ = book.take(rollouts())
        book.write(iteration, trace, ())
    folder = tmp_path / "training-simtrace"
    before = {path.name for path in folder.iterdir()}

    journal(iteration=6)

    after = {path.name for path in folder.iterdir()}
    assert after == {name for name in before if int(name.split("-")[0]) < 6}
    assert before != after
