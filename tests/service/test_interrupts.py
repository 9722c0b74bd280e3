"""An interrupt that was swallowed somewhere is still met at the next look."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from racecraft.service.interrupts import interrupted_by_ends, remembering_interrupts


@pytest.fixture(autouse=True)
def ends_are_heard() -> Iterator[None]:
    """Whoever runs the tests may have these ignored, and what is ignored stays so."""
    before = {n: signal.signal(n, signal.SIG_DFL) for n in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_swallowed_interrupt_is_raised_at_the_next_look() -> None:
    with remembering_interrupts() as check:
        check()
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(1.0)
        with pytest.raises(KeyboardInterrupt):
            check()


def test_the_handler_before_is_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with remembering_interrupts():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_ends_are_met_like_ctrl_c(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    def end() -> None:
        with interrupted_by_ends():
            os.kill(os.getpid(), number)
            threading.Event().wait(1.0)

    with pytest.raises(KeyboardInterrupt):
        end()
    assert signal.getsignal(number) is before


def test_an_end_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupted_by_ends():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
