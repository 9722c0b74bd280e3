"""Leases and pauses: nobody is lost who could not be heard."""

from __future__ import annotations

import pytest

from racecraft.service.jobs.hearing import GAP_S, Hearing
from racecraft.service.jobs.leases import LEASE_S
from tests.service.conftest import Clock

LOOK_S = 0.25


class Days:
    """The two clocks of a service, and a service that looks."""

    def __init__(self) -> None:
        self.day, self.steady = Clock(), Clock()
        self.steady.now_s = 5.0
        self.hearing = Hearing((self.day, self.steady))

    def go(self, seconds: float) -> bool:
        """Look for so long; gives the last answer."""
        answer = False
        for _ in range(round(seconds / LOOK_S)):
            self.day.now_s += LOOK_S
            self.steady.now_s += LOOK_S
            answer = self.hearing.is_long_enough()
        return answer


@pytest.fixture
def days() -> Days:
    made = Days()
    assert not made.hearing.is_long_enough()  # it has just begun
    return made


def test_after_a_start_workers_have_a_whole_lease_to_be_heard(days: Days) -> None:
    assert not days.go(LEASE_S - LOOK_S)
    assert days.go(LOOK_S)
    assert days.go(10 * LEASE_S)


@pytest.mark.parametrize("clock", ["day", "steady"])
def test_a_sleep_a_stop_or_a_clock_set_forward_is_a_pause(days: Days, clock: str) -> None:
    """A machine that sleeps has its time of day go on alone; a stopped process has both."""
    assert days.go(2 * LEASE_S)
    getattr(days, clock).now_s += 3600.0
    assert not days.hearing.is_long_enough()
    assert not days.go(LEASE_S - LOOK_S)
    assert days.go(LOOK_S)


def test_a_look_that_failed_is_a_pause(days: Days) -> None:
    assert days.go(2 * LEASE_S)
    days.hearing.interrupt()
    assert not days.go(LEASE_S)
    assert days.go(LOOK_S)


def test_a_hiccup_is_none(days: Days) -> None:
    assert days.go(2 * LEASE_S)
    for clock in (days.day, days.steady):
        clock.now_s += GAP_S
    assert days.hearing.is_long_enough()
    days.day.now_s -= 3600.0  # a clock set back keeps nobody waiting
    assert days.hearing.is_long_enough()
