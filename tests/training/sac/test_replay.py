"""The memory of steps: what follows what, what may be drawn, and what is kept on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.errors import CorruptCheckpoint, StorageFailed
from racecraft.sim.observations import Observations
from racecraft.training.rollout import Rollout
from racecraft.training.sac.replay import Replay
from racecraft.training.sac.segments import Segments

CARS = 3
GOING, OUT = int(EpisodeStatus.IN_PROGRESS), int(EpisodeStatus.OFF_TRACK)
LAP, LATE = int(EpisodeStatus.LAP_COMPLETE), int(EpisodeStatus.TIME_UP)


def empty_rollout(steps: int = 8) -> Rollout:
    shape = (steps, CARS)
    return Rollout(
        observations=Observations(
            np.zeros((*shape, 4, 6), np.uint8), np.zeros((*shape, 5), np.float32)
        ),
        features=np.zeros((steps + 1, CARS, 2), np.float32),
        actions=np.zeros((*shape, 2), np.float32),
        log_probs=np.zeros(shape),
        rewards=np.zeros(shape),
        values=np.zeros((steps + 1, CARS)),
        is_last=np.zeros(shape, np.bool_),
        table=np.zeros((*shape, 1)),
        status=np.full(shape, GOING),
        prepared=np.zeros((*shape, 1)),
        begins=np.zeros(shape, np.bool_),
    )


def drive(replay: Replay, steps: int, status: int = GOING) -> None:
    """Add steps that tell when and by which car they were made."""
    rollout = empty_rollout()
    for t in range(steps):
        for car in range(CARS):
            rollout.features[t, car] = (replay.count + t, car)
            rollout.observations.frames[t, car] = (replay.count + t) % 251
            rollout.observations.scans[t, car] = (replay.count + t) / 251
            rollout.rewards[t, car] = 10.0 * (replay.count + t) + car
    rollout.status[:] = status
    rollout.length = steps
    replay.add(rollout)


def told(replay: Replay, rows: np.ndarray) -> np.ndarray:
    """(B, 2) when, and which car."""
    found: np.ndarray = replay.flat("features")[rows]
    return found


def test_the_step_after_is_the_next_one_of_the_same_car() -> None:
    replay = Replay(30, empty_rollout())
    for _ in range(7):  # more than it can hold
        drive(replay, 8)
    rows = replay.choose(np.random.default_rng(0), 500)
    now, after = told(replay, rows.now), told(replay, rows.after)
    assert (after - now == [1, 0]).all()
    assert (rows.goes_on == 1.0).all()
    # All that is remembered may be drawn, but for the newest steps, whose next is not known.
    assert set(now[:, 0]) == set(range(replay.count - replay.slots, replay.count - 1))
    assert set(now[:, 1]) == set(range(CARS))
    rewards = replay.flat("rewards")[rows.now]
    assert (rewards == 10 * now[:, 0] + now[:, 1]).all()


@pytest.mark.parametrize(("status", "goes_on", "stays"), [(OUT, 0, 0), (LAP, 1, 1), (LATE, 1, 1)])
def test_nothing_follows_a_failure_and_a_cut_off_step_follows_itself(
    status: int, goes_on: int, stays: int
) -> None:
    replay = Replay(60, empty_rollout())
    drive(replay, 1, status)
    drive(replay, 1)
    rows = replay.choose(np.random.default_rng(0), 50)
    assert (rows.goes_on == goes_on).all()
    assert ((rows.after == rows.now) == stays).all()


def test_the_same_generator_draws_the_same_steps() -> None:
    replay = Replay(60, empty_rollout())
    drive(replay, 8)
    one, other = (replay.choose(np.random.default_rng(5), 20) for _ in range(2))
    assert (one.now == other.now).all()


def test_the_size_of_rewards_is_their_root_mean_square() -> None:
    replay = Replay(60, empty_rollout())
    drive(replay, 2)
    expected = np.sqrt(np.mean(np.square([0, 1, 2, 10, 11, 12])))
    assert replay.reward_size() == pytest.approx(expected)
    nothing = Replay(60, empty_rollout())
    nothing.add(replace(empty_rollout(), length=3))
    assert nothing.reward_size() == 1.0


@given(st.lists(st.integers(1, 8), min_size=1, max_size=12), st.integers(1, 5))
def test_a_memory_survives_being_kept_in_pieces(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], every: int
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    replay, segments, named = Replay(30, empty_rollout()), Segments(), []
    for k, length in enumerate(lengths):
        drive(replay, length)
        if k % every == 0 or k == len(lengths) - 1:
            named = segments.keep(replay, folder)

    again = Replay(30, empty_rollout())
    Segments().load(again, folder, named)

    assert again.count == replay.count
    for name, memory in replay.arrays().items():
        known = np.arange(max(0, replay.count - replay.slots), replay.count) % replay.slots
        assert (again.arrays()[name][known] == memory[known]).all()


def test_old_pieces_go_but_not_before_a_newer_state_is_safe(tmp_path: Path) -> None:
    pieces = [1, 8, 3, 8, 8, 2, 8, 8]
    replay, segments = Replay(30, empty_rollout()), Segments()
    named: list[list[int]] = []
    for length in pieces:
        before = named
        drive(replay, length)
        named = segments.keep(replay, tmp_path)
        # Killed now, before the new state is written, the one before it must still be whole.
        for state in (before, named):
            Segments().load(Replay(30, empty_rollout()), tmp_path, state)
    files = {path.name for path in (tmp_path / "checkpoints" / "replay").iterdir()}
    assert files == {f"{a}-{b}.safetensors" for a, b in [*before, *named]}
    assert sum(b - a for a, b in named) < sum(pieces)


def test_a_piece_that_is_missing_or_damaged_is_told(tmp_path: Path) -> None:
    replay, segments = Replay(30, empty_rollout()), Segments()
    drive(replay, 8)
    named = segments.keep(replay, tmp_path)
    (path,) = (tmp_path / "checkpoints" / "replay").iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CorruptCheckpoint, match="cannot be read"):
        Segments().load(Replay(30, empty_rollout()), tmp_path, named)
    path.unlink()
    with pytest.raises(CorruptCheckpoint, match="clone a checkpoint"):
        Segments().load(Replay(30, empty_rollout()), tmp_path, named)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("in the way")
    replay = Replay(30, empty_rollout())
    drive(replay, 8)
    with pytest.raises(StorageFailed, match="free some disk space"):
        Segments().keep(replay, tmp_path)
