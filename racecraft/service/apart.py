"""Work on files that may be anybody's, done by a process of its own: the side of who asks.

So a server never loads pandas or matplotlib, and an archive that was made to do harm takes nothing
but that process with it. What it does is told by `racecraft.analysis.apart`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from racecraft.domain import errors
from racecraft.domain.errors import InvalidInput, RacecraftError, StorageFailed

MOST_S = 180.0
"""How long the work may take."""


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
        StorageFailed: it took too long.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(order) + "\n",
            capture_output=True,
            text=True,
            timeout=MOST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StorageFailed(
            f"{what} took more than {MOST_S:.0f} s; do it with the command line, on a machine with "
            "less to do."
        ) from error
    if done.returncode:
        raise _error(done.stderr, f"{what} ended with {done.returncode}.", names or {})
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _error(told: str, otherwise: str, names: Mapping[str, str]) -> RacecraftError:
    """The error that the other process met."""
    lines = told.strip().splitlines()
    try:
        said = json.loads(lines[-1])
        kind, sentence = getattr(errors, said["error"]), str(said["message"])
    except (IndexError, ValueError, KeyError, TypeError, AttributeError):
        return InvalidInput(otherwise)
    for path, name in names.items():
        sentence = sentence.replace(path, name)
    is_ours = isinstance(kind, type) and issubclass(kind, RacecraftError)
    return kind(sentence) if is_ours else InvalidInput(sentence)
