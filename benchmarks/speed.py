"""Measure speeds on this machine: `make bench`, or `python -m benchmarks.speed --help`.

Figures are medians; the smallest and the largest are in the note of each row. Close everything
else first: two busy cores are what is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.commands import evaluation_rows, import_rows, quickstart_rows
from benchmarks.environments import environment_rows, simulator_rows
from benchmarks.loops import learning_rows, loop_rows
from benchmarks.measuring import Effort, common_arguments, measure_all, results_file
from benchmarks.randomisation import randomisation_rows
from benchmarks.rewards import reward_rows
from benchmarks.sensors import sensor_rows
from benchmarks.soft_loops import soft_loop_rows
from benchmarks.table import Row

NAMES = (
    "environment",
    "simulator",
    "sensors",
    "randomisation",
    "learning",
    "loop",
    "loop-sac",
    "rewards",
    "imports",
    "evaluation",
    "quickstart",
)


def main() -> None:
    """Measure what was asked for."""
    parser = common_arguments("Measure speeds on this machine.", NAMES)
    parser.add_argument(
        "--model", type=Path, action="append", help="model folder to time laps of; may be repeated"
    )
    parser.add_argument(
        "--preset",
        choices=("default", "first-laps"),
        action="append",
        help="these quickstarts only",
    )
    parser.add_argument("--cap", type=float, default=300.0, help="most seconds of a quickstart")
    parser.add_argument("--seeds", type=int, default=3, help="quickstarts of each preset")
    parser.add_argument("--first-seed", type=int, default=100, help="they count on from here")
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    effort = Effort(is_quick=given.quick)
    presets = given.preset or (["first-laps"] if given.quick else ["default", "first-laps"])
    benchmarks: dict[str, Callable[[], list[Row]]] = {
        "environment": partial(environment_rows, effort),
        "simulator": partial(simulator_rows, effort),
        "sensors": partial(sensor_rows, effort),
        "randomisation": partial(randomisation_rows, effort),
        "learning": partial(learning_rows, effort),
        "loop": partial(loop_rows, effort),
        "loop-sac": partial(soft_loop_rows, effort),
        "rewards": partial(reward_rows, effort),
        "imports": partial(import_rows, effort),
        "evaluation": partial(evaluation_rows, effort, presets, given.model or [], given.cap),
        "quickstart": partial(quickstart_rows, effort, presets, seeds, given.cap),
    }
    wanted = [(name, benchmarks[name]) for name in NAMES if not given.only or name in given.only]
    measure_all(wanted, results_file(given))


if __name__ == "__main__":
    main()
