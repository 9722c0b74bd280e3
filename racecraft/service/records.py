"""The running records of a training: one line a report, one line of log an event.

Every line is on the disk before the next iteration starts, so that whoever looks, or comes
back after a power cut, sees all that was finished.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from racecraft.domain.errors import RacecraftError, RewardFailed
from racecraft.service.files import write_whole
from racecraft.service.summaries import PROGRESS_FILE, read_progress

LOG_FILE = "training.log"


class Records:
    """`progress.jsonl` and `training.log` of one model, open while it is trained."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = (folder / LOG_FILE).open("a", encoding="utf-8")
        self._progress: TextIO | None = None

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._log.close()
        if self._progress is not None:
            self._progress.close()

    def say(self, event: str) -> None:
        """Add a line to the log."""
        self._log.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {event}\n")
        self._log.flush()

    def keep(self, report: Mapping[str, Any], printed: str = "") -> None:
        """Add a report, as plain values, to both files; what the reward printed to the log."""
        self._say_printed(printed)
        if self._progress is None:
            self._progress = self._open_progress(report["iteration"])
        values = {name: _finite(value) for name, value in report.items()}
        self._progress.write(json.dumps(values) + "\n")
        self._progress.flush()
        self.say(_line(report))

    @contextmanager
    def telling_the_end(self) -> Iterator[None]:
        """Log why the training inside the block did not come to its own end."""
        try:
            yield
        except KeyboardInterrupt:
            self.say("interrupted; the last complete iteration is kept")
            raise
        except (RacecraftError, OSError) as error:
            with suppress(OSError):  # the disk may be full
                self._say_printed(error.printed if isinstance(error, RewardFailed) else "")
                self.say(f"failed: {error}")
            raise

    def _say_printed(self, printed: str) -> None:
        for line in printed.splitlines():
            self.say(f"reward function: {line}")

    def _open_progress(self, iteration: int) -> TextIO:
        """Drop lines of iterations that are done again: a run may end between save and report."""
        path = self._folder / PROGRESS_FILE
        kept = [line for line in read_progress(self._folder) if line["iteration"] < iteration]
        write_whole(path, "".join(json.dumps(line) + "\n" for line in kept))
        return path.open("a", encoding="utf-8")


def _finite(value: Any) -> Any:
    """JSON has no word for what is not a finite number: null stands for it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _line(report: Mapping[str, Any]) -> str:
    """The most asked for figures of a report, to be read by people."""
    return (
        f"iteration {report['iteration']}: {report['env_steps']} steps, "
        f"{report['episodes']} episodes{_crashes(report)}, reward {_text(report['mean_reward'])}, "
        f"progress {_text(report['mean_progress'])} %, "
        f"evaluation {_text(report['mean_evaluation_progress'])} %, "
        f"clean laps {report['clean_laps']}, {report['steps_per_s']:.0f} steps/s, "
        f"policy loss {_text(report['policy_loss'])}, value loss {_text(report['value_loss'])}, "
        f"entropy {_text(report['entropy'])}, KL {_text(report['approx_kl'])}"
    )


def _crashes(report: Mapping[str, Any]) -> str:
    """Told where there was something to crash into, and one did."""
    return f" ({report['crashes']} crashed now)" if report.get("crashes") else ""


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
