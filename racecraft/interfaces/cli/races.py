"""Flags that say what is on the track, the same for trainings and evaluations."""

from __future__ import annotations

from typing import Any

from racecraft.domain.bots import BotSpec
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
BOTS = FlagGroup(
    "bots",
    BotSpec,
    _PANEL,
    {
        "count": "--bots",
        "speed_mps": "--bot-speed",
        "places": "--bot-places",
        "min_distance_m": "--min-bot-distance",
        "changes_lanes": "--bot-lane-changes",
        "lane_change_min_s": "--bot-lane-change-min",
        "lane_change_max_s": "--bot-lane-change-max",
        "penalty_s": "--bot-penalty",
    },
)


def race_changes(
    race: dict[str, Any], obstacles: dict[str, Any], bots: dict[str, Any]
) -> dict[str, Any]:
    """The fields of RaceSpec that the flags set; none when no flag was given."""
    parts = {"obstacles": obstacles, "bots": bots}
    return {**race, **{name: part for name, part in parts.items() if part}}
