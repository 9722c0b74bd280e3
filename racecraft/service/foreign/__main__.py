"""`python -m racecraft.service.foreign`, for a server: an upload that may be anybody's."""

import sys
from pathlib import Path

from racecraft.analysis.apart import Order, answer_order
from racecraft.service.foreign.taking import import_foreign, is_foreign
from racecraft.service.settings import Settings


def _take(order: Order) -> Order:
    """What was taken over; nothing if no other program wrote the file."""
    path = Path(order["path"])
    if not is_foreign(path):
        return {"report": None}
    settings = Settings(home=Path(order["home"]))
    report = import_foreign(settings, path, called=order["called"])
    return {"report": report.model_dump()}


if __name__ == "__main__":
    sys.exit(answer_order(_take))
