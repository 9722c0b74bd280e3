"""The process that works out a limit for a server: `python -m racecraft.service.limit_worker`."""

from __future__ import annotations

import sys
from pathlib import Path

from racecraft.analysis.apart import Order, answer_order
from racecraft.domain.spec import TrackChoice
from racecraft.service.limits import limit_of
from racecraft.service.settings import Settings


def _work_out(order: Order) -> Order:
    choice = TrackChoice.model_validate(order["choice"])
    limit_of(Settings(home=Path(order["home"])), choice, top_mps=float(order["top_mps"]))
    return {}


if __name__ == "__main__":
    sys.exit(answer_order(_work_out))
