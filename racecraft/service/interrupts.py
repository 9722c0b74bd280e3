"""Ctrl-C that cannot get lost, and other ends that are met like it.

Python raises KeyboardInterrupt wherever the main thread happens to be. Inside a callback of a
compiler or a finaliser it is swallowed there, and the program would go on as if nothing had been
pressed. So the signal is remembered too, and whoever loops asks `check`.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def remembering_interrupts() -> Iterator[Callable[[], None]]:
    """Gives a `check` that raises KeyboardInterrupt if one was signalled in the block."""
    pressed = threading.Event()

    def check() -> None:
        if pressed.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield check  # only the main thread may handle signals, and only it gets them
        return

    def remember(number: int, frame: FrameType | None) -> None:
        pressed.set()
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def interrupted_by_ends() -> Iterator[None]:
    """Raises KeyboardInterrupt in the block also for `kill` and for a terminal that is closed.

    A signal that is ignored, as by `nohup`, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ends = [
        each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) is signal.SIG_DFL
    ]
    for each in ends:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    finally:
        for each in ends:
            signal.signal(each, signal.SIG_DFL)
