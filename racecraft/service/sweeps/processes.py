"""Trials in processes of their own, which end when the sweep does, however it ends."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from racecraft.domain.sweep import Status, SweepResult
from racecraft.service.documents import checked, read_values
from racecraft.service.files import storage, write_whole
from racecraft.service.sweeps.trial import Order

_PATIENCE_S = 10.0
"""How long a trial may take to end on Ctrl-C."""


class TrialProcess:
    """A trial that runs."""

    def __init__(self, order: Order, target: Path) -> None:
        """Start it.

        Args:
            order: what it is.
            target: the file for its result.

        Raises:
            StorageFailed: its log cannot be written.
        """
        self.order, self._target = order, target
        self._log = target.with_suffix(".log")
        order.target.unlink(missing_ok=True)
        self._started_s = time.monotonic()
        with storage(self._log), self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "racecraft.service.sweeps.trial"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the sweep, which then ends its trials
            )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            # It stays open: its end tells the trial that nobody waits for it any more.
            self._process.stdin.write(order.model_dump_json().encode() + b"\n")
            self._process.stdin.flush()

    def result(self) -> SweepResult | None:
        """Its result, which is kept then; None while it runs.

        Raises:
            StorageFailed: it cannot be kept.
        """
        code = self._process.poll()
        if code is None:
            return None
        took_s = round(time.monotonic() - self._started_s, 3)
        made = self.order.target
        has_told = made.is_file()
        found = checked(SweepResult, read_values(made)) if has_told else self._failure(code)
        result = found.model_copy(update={"took_s": took_s})
        write_whole(self._target, result.model_dump_json(indent=2) + "\n")
        made.unlink(missing_ok=True)
        self._close()
        return result

    def end(self) -> None:
        """Stop it; what it did is done again when the sweep goes on."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _failure(self, code: int) -> SweepResult:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        words = lines[-1] if lines else "it said nothing"
        return SweepResult(
            trial=self.order.trial,
            status=Status.FAILED,
            model=self.order.model,
            problem=f"The process of the training ended with code {code}: {words}",
        )

    def _close(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
