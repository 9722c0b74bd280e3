"""Flags that say what is on the track, the same for trainings and evaluations."""

from __future__ import annotations

from typing import Any

from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceSpec
from racecraft.interfaces.cli.flags import FlagGroup

_PANEL = "Race"
RACE = FlagGroup("race", RaceSpec, _PANEL, {"type": "--race-type"})
OBSTACLES = FlagGroup(
    "obstacles",
    ObstacleSpec,
    _PANEL,
    {
        "count": "--obstacles",
        "places": "--obstacle-places",
        "min_distance_m": "--min-obstacle-distance",
    },
)


def race_changes(race: dict[str, Any], obstacles: dict[str, Any]) -> dict[str, Any]:
    """The fields of RaceSpec that the flags set; none when no flag was given."""
    return {**race, "obstacles": obstacles} if obstacles else race
