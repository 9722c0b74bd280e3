"""An interrupt that was swallowed somewhere is still met at the next look."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

import pytest

from racecraft.service.interrupts import remembering_interrupts


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
