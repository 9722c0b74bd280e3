"""The locked process: reads batches of reward inputs, answers with rewards.

    python -s -P -S -c "...; main()"  <- setup, batches          (stdin)
                                      -> ready, rewards, errors  (stdout)

It is started with an empty environment, loads the libraries that the user's text names, locks
itself (`lockdown`) and only then looks at the text. Whatever it says afterwards may be the
user's words, so the other side (`channel`, `runner`) checks every answer.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

from racecraft.sandbox import imports
from racecraft.sandbox.evaluator import Evaluator
from racecraft.sandbox.frames import HEADER, packed, unpacked
from racecraft.sandbox.limits import OUT_OF_MEMORY
from racecraft.sandbox.lockdown import lock
from racecraft.sandbox.printed import Printed
from racecraft.sandbox.source import TooSlow

_IN, _OUT = 0, 1


def main() -> NoReturn:
    """Serve one user's text until the other side closes the pipe."""
    _refuse_interrupts()
    setup = _read()
    imports.load(imports.modules_to_load(setup["source"]))
    if setup["reads"]:
        importlib.import_module("racecraft.sandbox.reading")
    printed = Printed(setup["printed_characters"])
    sys.stdout = sys.stderr = printed
    evaluator = Evaluator(printed)
    Watch(evaluator, setup["call_s"])
    gc.collect()
    gc.freeze()
    taken, missing = lock(memory_mb=setup["memory_mb"], parent=setup["parent"])
    _answer({"taken": taken, "missing": missing})
    while True:
        try:
            _answer(evaluator.answer(_read()))
        except MemoryError:  # the user's code holds all of it
            os._exit(OUT_OF_MEMORY)


class Watch:
    """Ends calls that burn too much processor time.

    A timer of the kernel ticks while this process computes. A tick that finds the same call
    under way as the one before raises `TooSlow` in it; if the user's code swallows that, the
    next one ends the process, with the same words.
    """

    def __init__(self, evaluator: Evaluator, call_s: float) -> None:
        self._evaluator = evaluator
        self._seen, self._warned = -1, -1
        signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, call_s, call_s)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        call = self._evaluator.calls
        if not self._evaluator.is_busy or call != self._seen:
            self._seen = call
            return
        error = TooSlow(frame)
        if call == self._warned:
            _answer(self._evaluator.slow(error))
            os._exit(1)
        self._warned = call
        raise error


def _refuse_interrupts() -> None:
    """Ctrl-C is for the training, which then ends this process in good order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _read() -> dict[str, Any]:
    (size,) = HEADER.unpack(_exactly(HEADER.size))
    return unpacked(_exactly(size))


def _exactly(count: int) -> bytes:
    parts = []
    while count:
        part = os.read(_IN, min(count, 1 << 20))
        if not part:
            os._exit(0)  # nobody is there any more
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _answer(message: dict[str, Any]) -> None:
    rest = memoryview(packed(message))
    while rest:
        rest = rest[os.write(_OUT, rest) :]
