"""Dry runs: what a reward function pays for, told before anything is trained."""

from racecraft.analysis.dry_run.drawn import drawn_laps
from racecraft.analysis.dry_run.laps import Lap, PaidLap
from racecraft.analysis.dry_run.lines import Speeds
from racecraft.analysis.dry_run.recorded import recorded_laps
from racecraft.analysis.dry_run.result import DryRun
from racecraft.analysis.dry_run.run import DEFAULT_GAMMA, dry_run
from racecraft.analysis.dry_run.verdict import Judgement, Mark

__all__ = [
    "DEFAULT_GAMMA",
    "DryRun",
    "Judgement",
    "Lap",
    "Mark",
    "PaidLap",
    "Speeds",
    "drawn_laps",
    "dry_run",
    "recorded_laps",
]
