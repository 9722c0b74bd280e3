"""Boxes on the road: how many, and where.

The road has two lanes: the inner one halfway between centre line and inner border, the outer one
halfway to the outer border. A box stands in the middle of a lane.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from racecraft.domain.errors import InvalidSpec
from racecraft.domain.track import Track

INNER, OUTER = 1, -1
"""The lanes, as places and the simulator's arrays name them."""
MAX_OBSTACLES = 10
BOX_LENGTH_M, BOX_WIDTH_M, BOX_HEIGHT_M = 0.4, 0.3, 0.25
"""A box along its lane, across it, and upwards."""
CRASH_LENGTH_M, CRASH_WIDTH_M = 0.5, 0.4
"""The box with the margin around it; a corner of a car inside this is a crash."""
CLEAR_OF_BOX_M = 1.0
"""A car that would be placed nearer than this to a box is put into the other lane."""
CLEAR_BEFORE_LINE_M = 1.0
"""Length of road before the finish line on which no box is placed."""

_LANES = {"inner": INNER, "+1": INNER, "1": INNER, "outer": OUTER, "-1": OUTER}
_PLACE = re.compile(r"\s*([0-9.]+)\s*[: ]\s*([a-z]+|[+-]?1)\s*\Z")


class ObstaclePlace(BaseModel):
    """Where one box stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lap_share: float = Field(ge=0, lt=1, description="share of the lap from the finish line")
    lane: Literal[1, -1] = Field(1, description="+1 for the inner lane, -1 for the outer one")


class ObstacleSpec(BaseModel):
    """The boxes of an object avoidance race."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(6, ge=1, le=MAX_OBSTACLES, description="boxes on the road")
    places: str | tuple[ObstaclePlace, ...] = Field(
        "random",
        description="`random` (other places in every episode), `even` (evenly spaced, in "
        "alternating lanes), or places such as `0.25:inner,0.5:outer`",
    )
    min_distance_m: float = Field(
        2.0, ge=0.6, le=20, description="least distance along the track between two boxes in metres"
    )

    @field_validator("places", mode="before")
    @classmethod
    def _read_places(cls, places: Any) -> Any:
        """Take the short text form too, and tell every fault in a sentence of our own."""
        if places in ("random", "even"):
            return places
        parts = places.split(",") if isinstance(places, str) else places
        if not isinstance(parts, list | tuple) or not 1 <= len(parts) <= MAX_OBSTACLES:
            raise ValueError(
                f"The places of the boxes are {places!r}; write random, even, or 1 to "
                f"{MAX_OBSTACLES} places such as 0.25:inner,0.5:outer."
            )
        return tuple(_place(part) for part in parts)

    @property
    def number(self) -> int:
        """How many boxes there are; given places win over the count."""
        return self.count if isinstance(self.places, str) else len(self.places)

    @property
    def is_random(self) -> bool:
        """Whether the boxes stand elsewhere in every episode."""
        return self.places == "random"

    def fixed_places(self, track: Track) -> NDArray[np.float64]:
        """(O, 2) arc length (m) and lane of each box; zeros when the places are random.

        Raises:
            InvalidSpec: the boxes do not fit on the track.
        """
        if isinstance(self.places, str):
            refuse_too_many("boxes", self.number, self.min_distance_m, track)
        if self.is_random:
            return np.zeros((self.number, 2))
        if isinstance(self.places, str):
            return even_places(self.number, self.min_distance_m, track)
        places = np.array([[place.lap_share, place.lane] for place in self.places], np.float64)
        along = np.sort(places[:, 0]) * track.length_m
        gaps = np.diff(along, append=along[0] + track.length_m)
        if len(along) > 1 and gaps.min() < self.min_distance_m:
            raise InvalidSpec(
                f"Two boxes are {gaps.min():.2f} m apart on {track.name}; leave at least "
                f"{self.min_distance_m:g} m between them, or allow less distance."
            )
        return places * (track.length_m, 1.0)


def even_places(count: int, min_distance_m: float, track: Track) -> NDArray[np.float64]:
    """(O, 2) arc length (m) and lane of things spread over the lap, the first in the inner lane."""
    along = np.linspace(min_distance_m, track.length_m - CLEAR_BEFORE_LINE_M, count)
    return np.stack([along, np.where(np.arange(count) % 2 == 0, INNER, OUTER)], axis=1)


def refuse_too_many(what: str, count: int, min_distance_m: float, track: Track) -> None:
    """Stop here if things with a least distance between them do not fit on a track.

    Raises:
        InvalidSpec: they do not.
    """
    room_m = track.length_m - CLEAR_BEFORE_LINE_M
    most = int(room_m / min_distance_m + 1e-9)
    if count > most:
        raise InvalidSpec(
            f"{count} {what} at least {min_distance_m:g} m apart do not fit on "
            f"{track.name} ({track.length_m:.1f} m); ask for at most {most}, or for less "
            "distance."
        )


def refuse_crowded(obstacles: ObstacleSpec | None, tracks: Sequence[Track]) -> None:
    """Stop here if the boxes do not fit on one of the tracks.

    Raises:
        InvalidSpec: they do not.
    """
    if obstacles is not None:
        for track in tracks:
            obstacles.fixed_places(track)


def _place(place: Any) -> ObstaclePlace:
    """A place from its text form or its fields."""
    fields = place
    if isinstance(place, str):
        found = _PLACE.match(place)
        fields = {"lap_share": found[1], "lane": _LANES.get(found[2])} if found else None
    try:
        return ObstaclePlace.model_validate(fields)
    except ValidationError as error:
        raise ValueError(
            f"The place of a box is {place!r}; write random, even, or a share of the lap from 0 "
            "to below 1 and a lane for each box, such as 0.25:inner,0.5:outer."
        ) from error
