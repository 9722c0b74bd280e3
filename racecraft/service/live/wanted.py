"""What the service tells a worker about those who watch its job."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """What those who watch a job want to see."""

    viewers: int = 0
    cars: tuple[int, ...] = ()
    """Whose pictures."""
    explained: tuple[int, ...] = ()
    """Those of them of which somebody also wants to know what the network looks at."""
