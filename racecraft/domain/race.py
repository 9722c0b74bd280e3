"""Kinds of races, and what a kind means for those who drive in it."""

from __future__ import annotations

from enum import StrEnum


class RaceType(StrEnum):
    """What is on the track besides the car."""

    TIME_TRIAL = "TIME_TRIAL"
    """Nothing: the clock alone."""
    OBJECT_AVOIDANCE = "OBJECT_AVOIDANCE"
    """Boxes that stand on the road."""
    HEAD_TO_HEAD = "HEAD_TO_HEAD"
    """Other cars."""

    @property
    def has_objects(self) -> bool:
        """Whether a reward function meets objects."""
        return self is not RaceType.TIME_TRIAL
