"""A few threads in step: everything is done once, and no failure leaves anybody waiting."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from racecraft.training.team import Team

TASKS = Path("/proc/self/task")
# Of the tests alone: after the last one, what all tests of this run shared is taken down as well.
pytestmark = pytest.mark.timeout(20, func_only=True)


@given(st.integers(1, 9), st.integers(0, 1000))
def test_the_spans_of_all_shares_cover_every_row_once(size: int, count: int) -> None:
    team = Team(size)
    spans = [team.span(share, count) for share in range(size)]
    assert [row for lo, hi in spans for row in range(lo, hi)] == list(range(count))
    assert max(hi - lo for lo, hi in spans) - min(hi - lo for lo, hi in spans) <= 1


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_share_is_worked_on_once_by_a_thread_of_its_own(size: int) -> None:
    seen: list[tuple[int, int]] = []

    def work(share: int) -> None:
        team.wait()  # nobody passes unless all are here at the same time
        seen.append((share, threading.get_ident()))

    with Team(size) as team:
        team.run(work)

    assert sorted(share for share, _ in seen) == list(range(size))
    assert len({thread for _, thread in seen}) == size


def test_nobody_passes_a_meeting_point_before_the_slowest_is_there() -> None:
    arrived: list[int] = []
    found: list[int] = []

    def work(share: int) -> None:
        for turn in range(1, 20):
            if share == turn % 3:
                time.sleep(0.002)
            arrived.append(share)
            team.wait()
            found.append(len(arrived) - 3 * turn)
            team.wait()

    with Team(3) as team:
        team.run(work)

    assert found == [0] * 57


@pytest.mark.parametrize("share_that_fails", [0, 1, 2])
def test_a_failure_comes_out_and_releases_those_who_wait(share_that_fails: int) -> None:
    def work(share: int) -> None:
        if share == share_that_fails:
            raise ZeroDivisionError(share)
        for _ in range(100):
            team.wait()

    with Team(3) as team, pytest.raises(ZeroDivisionError, match=str(share_that_fails)):
        team.run(work)


def test_of_several_failures_the_first_share_s_comes_out() -> None:
    def work(share: int) -> None:
        time.sleep(0.01 * (3 - share))
        raise LookupError(share)

    with Team(3) as team, pytest.raises(LookupError, match="0"):
        team.run(work)


def test_an_interrupt_in_the_calling_thread_comes_out_as_one() -> None:
    def work(share: int) -> None:
        if share == 0:
            raise KeyboardInterrupt
        team.wait()

    with Team(2) as team, pytest.raises(KeyboardInterrupt):
        team.run(work)


def test_a_team_works_on_after_a_failure() -> None:
    done: list[int] = []

    def working(share: int) -> None:
        team.wait()
        done.append(share)

    def failing(share: int) -> None:
        team.wait()
        if share == 1:
            raise OSError(share)
        team.wait()

    with Team(2) as team:
        for _ in range(2):
            with pytest.raises(OSError, match="1"):
                team.run(failing)
            team.run(working)

    assert sorted(done) == [0, 0, 1, 1]


def test_leaving_a_team_ends_its_threads() -> None:
    before = threading.active_count()
    with Team(4) as team:
        team.run(lambda share: team.wait())
        assert threading.active_count() == before + 3
    assert threading.active_count() == before


@pytest.mark.skipif(not TASKS.is_dir(), reason="this system does not list a process's threads")
def test_arithmetic_in_a_team_starts_no_threads_of_its_own() -> None:
    matrix = torch.ones(1500, 1500)
    # Torch is loaded already, so the environment came too late to say so.
    with Team(3) as team:
        team.run(lambda share: team.wait())
        before = len(list(TASKS.iterdir()))
        team.run(lambda share: None if (matrix @ matrix).any() else team.wait())
        assert len(list(TASKS.iterdir())) == before
