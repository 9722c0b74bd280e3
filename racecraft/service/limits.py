"""The physical limit of a track: how fast it can be driven at all, and how near a lap came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.car import CarSpec

if TYPE_CHECKING:
    from racecraft.analysis.fastest_lap import FastestLap
    from racecraft.domain.spec import TrackChoice
    from racecraft.service.settings import Settings

LEAGUE = ((1.08, "the winner"), (1.21, "the best 1 %"), (2.02, "the best 10 %"), (3.78, "half"))
"""Best laps on twenty public boards of 2023 to 2025, over the limit, and who was so fast."""
IMPOSSIBLE = 0.99
"""A lap faster than this share of the limit is a defect of the simulator, never a record."""


def limit_of(
    settings: Settings, choice: TrackChoice, car: CarSpec | None = None, *, top_mps: float = 4.0
) -> FastestLap:
    """The fastest lap that is physically possible; it takes about a second.

    Raises:
        TrackNotFound: there is no such track.
    """
    from racecraft.analysis.fastest_lap import fastest_lap
    from racecraft.tracks.library import load_track

    road = load_track(choice.name, is_reversed=choice.is_reversed, folders=(settings.tracks,))
    return fastest_lap(road, car, top_mps=top_mps)


def standing(ratio: float) -> str:
    """Who drove as near to the limit on the public boards of 2023 to 2025, in words."""
    if ratio < IMPOSSIBLE:
        return "faster than physics allows: please report this as a defect"
    for most, who in LEAGUE:
        if ratio <= most:
            return f"as near to it as {who} of the public boards of 2023 to 2025"
    return "further from it than half of the public boards of 2023 to 2025"
