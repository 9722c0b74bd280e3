"""Work on files that may be anybody's, done by a process of its own: the side of who asks.

So a server never loads pandas or matplotlib, and an archive that was made to do harm takes nothing
but that process with it. What it does is told by `racecraft.analysis.apart`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import IO, Any

import structlog

from racecraft.domain import errors
from racecraft.domain.errors import InvalidInput, RacecraftError, StorageFailed

MOST_S = 180.0
"""How long the work may take."""
MOST_ANSWER_BYTES = 2_000_000
_LAST_WORDS = 20_000
"""Bytes at the end of what the process complained about; its error is the last line."""
_log = structlog.stdlib.get_logger("racecraft.apart")


def do_apart(
    module: str, order: Mapping[str, Any], *, what: str, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Let a process do some work, and give its answer.

    Args:
        module: of ours, to be run.
        order: what is to be done, as it can be written as JSON.
        what: the work, as the beginning of a sentence.
        names: for paths in sentences, what people know them by.

    Raises:
        RacecraftError: what the work met.
        InvalidInput: there is too much to tell.
        StorageFailed: it took too long, or failed by a mistake of ours.
    """
    # Files, so that never more of them is in memory than is wanted.
    with tempfile.TemporaryFile() as answers, tempfile.TemporaryFile() as complaints:
        try:
            done = subprocess.run(
                [sys.executable, "-m", module],
                input=json.dumps(order).encode() + b"\n",
                stdout=answers,
                stderr=complaints,
                timeout=MOST_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise StorageFailed(
                f"{what} took more than {MOST_S:.0f} s; do it with the command line, on a machine "
                "with less to do."
            ) from error
        if done.returncode:
            raise _error(_end_of(complaints), done.returncode, what, names or {})
        answers.seek(0)
        told = answers.read(MOST_ANSWER_BYTES + 1)
    if len(told) > MOST_ANSWER_BYTES:
        raise InvalidInput(
            f"{what} has more than {MOST_ANSWER_BYTES // 1_000_000} MB to tell; give fewer files."
        )
    answer: dict[str, Any] = json.loads(told)
    return answer


def _end_of(complaints: IO[bytes]) -> str:
    complaints.seek(max(complaints.seek(0, 2) - _LAST_WORDS, 0))
    return complaints.read().decode("utf-8", "replace")


def _error(told: str, code: int, what: str, names: Mapping[str, str]) -> RacecraftError:
    """The error that the other process met."""
    lines = told.strip().splitlines()
    try:
        said = json.loads(lines[-1])
        kind, sentence = getattr(errors, said["error"]), str(said["message"])
    except (IndexError, ValueError, KeyError, TypeError, AttributeError):
        _log.error("a process apart failed", what=what, code=code, told=told)
        return StorageFailed(
            f"{what} failed by a mistake of this program (it ended with {code}); the log of the "
            "service says more. Ask whoever runs it to report that."
        )
    for path, name in names.items():
        sentence = sentence.replace(path, name)
    is_ours = isinstance(kind, type) and issubclass(kind, RacecraftError)
    return kind(sentence) if is_ours else InvalidInput(sentence)
