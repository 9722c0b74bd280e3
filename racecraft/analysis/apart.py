"""Work on files that may be anybody's, done by a process of its own: the side of that process.

It reads its order as JSON from standard input and prints its answer as JSON. What goes wrong is one
line of JSON on standard error, with the class of the error and its sentence. It goes behind
whatever else the machine does, and takes no more memory, time and disk than honest work needs.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

from racecraft.domain.errors import RacecraftError

_NICENESS = 10
_MOST_BYTES = 4_000_000_000
"""Of memory."""
_MOST_FILE_BYTES = 2_000_000_000
_MOST_CPU_S = 600
_MOST_SENTENCE = 2_000
"""Characters; names out of archives may be endless."""
Order = dict[str, Any]


def answer_order(do: Callable[[Order], Order]) -> int:
    """Do what is asked for on standard input; gives the exit code."""
    os.nice(_NICENESS)
    for kind, most in (
        (resource.RLIMIT_DATA, _MOST_BYTES),
        (resource.RLIMIT_FSIZE, _MOST_FILE_BYTES),
        (resource.RLIMIT_CPU, _MOST_CPU_S),
    ):
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))
    try:
        answer = do(json.loads(sys.stdin.readline()))
    except RacecraftError as error:
        return _fail(type(error).__name__, str(error))
    except MemoryError:
        return _fail("InvalidInput", "The files are too large to be worked on here; give fewer.")
    print(json.dumps(answer))
    return 0


def _fail(kind: str, sentence: str) -> int:
    print(json.dumps({"error": kind, "message": sentence[:_MOST_SENTENCE]}), file=sys.stderr)
    return 1
