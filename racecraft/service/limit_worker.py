"""The process that works out a limit for a server: `python -m racecraft.service.limit_worker`.

It reads where and what from standard input, keeps the limit, and goes behind everything else.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from racecraft.domain.errors import RacecraftError
from racecraft.domain.spec import TrackChoice
from racecraft.service.limits import limit_of
from racecraft.service.settings import Settings

_NICENESS = 5


def main() -> int:
    """Gives the exit code."""
    os.nice(_NICENESS)
    order = json.loads(sys.stdin.read())
    choice = TrackChoice.model_validate(order["choice"])
    try:
        limit_of(Settings(home=Path(order["home"])), choice, top_mps=float(order["top_mps"]))
    except RacecraftError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
