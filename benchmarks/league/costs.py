"""What one of each thing costs, as measured on one machine; and the class that was measured.

The figures of `class.json` are kept by `make class ARGS="--keep"`, together with the machine; the
others stand in `docs/benchmarks.md` with the commands that make them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLASS_FILE = Path(__file__).parent / "class.json"


@dataclass(frozen=True)
class MeasuredClass:
    """Trainings that were asked for at once, as the records of the service tell them."""

    machine: str
    slots: int
    computed_s: NDArray[np.float64]
    """(N,) how long each kept a slot, all its shifts together."""
    first_s: NDArray[np.float64]
    """(N,) first iterations after the first of them was asked for, rising."""
    done_s: NDArray[np.float64]
    """(N,) ends likewise, rising; in the order of `computed_s`."""

    def keep(self, path: Path = CLASS_FILE) -> None:
        """Write it down."""
        told = {
            "machine": self.machine,
            "slots": self.slots,
            "computed_s": [round(each, 2) for each in self.computed_s.tolist()],
            "first_s": [round(each, 2) for each in self.first_s.tolist()],
            "done_s": [round(each, 2) for each in self.done_s.tolist()],
        }
        path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def measured_class(path: Path = CLASS_FILE) -> MeasuredClass:
    """The class that was measured last."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    columns = [np.array(told[name], float) for name in ("computed_s", "first_s", "done_s")]
    return MeasuredClass(told["machine"], told["slots"], *columns)


@dataclass(frozen=True)
class Costs:
    """Of one of each thing; cores are those of the machine that was measured."""

    submission_s: float = 1.6
    """Core seconds of a submission of three laps."""
    start_s: float = 1.7
    """Between one worker's end and the next one's beginning: what of the class's slots was neither
    computing nor idle, divided by the turns that it took."""
    late_s: float = 4.0
    """How much longer than its shift a training stays on average: until the next sign of life, and
    the end of its iteration."""
    client_cores: float = 0.0025
    """Of a person with the console open: 100 clients and 30 viewers took 0.32 cores."""
    viewer_kbps: float = 40.0
    """Of the 3D view of a training: 345 segments of 6.4 MB to 30 viewers in some 40 s."""
    model_mb: float = 12.0
    """That a model keeps: its best and newest weights, logs and pictures."""
    beat_ms: float = 2.0
    """Of a worker's sign of life every two seconds: request and write, milliseconds of a core."""
    core_hour_usd: float = 0.04
    """Rented by the hour; an assumption, in the middle of public price lists."""
    terabyte_month_usd: float = 20.0
    """In an object store; an assumption likewise."""
