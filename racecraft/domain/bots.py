"""Bot cars: how many drive on the road, how fast, and what they do there.

A bot drives in the middle of a lane at the same speed all the time. It has no eyes: it goes round
boxes and changes lanes by rule, and stops for a while when it runs into a car ahead of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from racecraft.domain.obstacles import even_places, refuse_too_many
from racecraft.domain.track import Track

MAX_BOTS = 6
LANE_CHANGE_M = 1.0
"""Travel along the centre line in which a bot glides from one lane to the other."""


class BotSpec(BaseModel):
    """The bot cars of a head-to-head race."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(3, ge=1, le=MAX_BOTS, description="bot cars on the road")
    speed_mps: float = Field(
        0.2, ge=0.1, le=4, description="speed of the bot cars along the centre line in m/s"
    )
    places: Literal["random", "even"] = Field(
        "random",
        description="where they start: `random` (elsewhere in every episode) or `even` (evenly "
        "spaced, in alternating lanes)",
    )
    min_distance_m: float = Field(
        2.0, ge=0.6, le=20, description="least distance between two bot cars at the start in metres"
    )
    changes_lanes: bool = Field(False, description="let the bot cars change lanes now and then")
    lane_change_min_s: float = Field(
        3.0, ge=1, le=8, description="shortest wait between two lane changes in seconds"
    )
    lane_change_max_s: float = Field(
        5.0, ge=1, le=8, description="longest wait between two lane changes in seconds"
    )
    penalty_s: float = Field(
        2.0, ge=0.5, le=60, description="pause of a bot car that ran into a car ahead in seconds"
    )

    @model_validator(mode="after")
    def _waits_are_in_order(self) -> BotSpec:
        if self.lane_change_max_s < self.lane_change_min_s:
            raise ValueError(
                f"The longest wait between two lane changes is {self.lane_change_max_s:g} s, "
                f"shorter than the shortest ({self.lane_change_min_s:g} s); swap them."
            )
        return self

    @property
    def is_random(self) -> bool:
        """Whether the bots start elsewhere in every episode."""
        return self.places == "random"

    def fixed_places(self, track: Track) -> NDArray[np.float64]:
        """(B, 2) arc length (m) and lane where each bot starts; zeros when that is random.

        Raises:
            InvalidSpec: the bots do not fit on the track.
        """
        refuse_too_many("bot cars", self.count, self.min_distance_m, track)
        if self.is_random:
            return np.zeros((self.count, 2))
        return even_places(self.count, self.min_distance_m, track)


def refuse_crowded_bots(bots: BotSpec | None, tracks: Sequence[Track]) -> None:
    """Stop here if the bot cars do not fit on one of the tracks.

    Raises:
        InvalidSpec: they do not.
    """
    if bots is not None:
        for track in tracks:
            bots.fixed_places(track)
