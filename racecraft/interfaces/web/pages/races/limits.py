"""What boards tell about the physical limit of the track of a race."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from racecraft.domain.limit import league_words
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.service.races.boards import BoardRow

if TYPE_CHECKING:
    from racecraft.domain.limit import FastestLap, LapLimit


def times_text(times: float | None) -> str:
    """A lap over the limit."""
    return "–" if times is None else f"{times:.2f}"


def limit_title(limit: LapLimit | None, row: BoardRow) -> str:
    """What the number of a row means, for whoever points at it."""
    if limit is None or row.times_limit is None:
        return "The physical limit was not known when these laps were driven."
    told = (
        f"The best lap took {row.times_limit:.2f} × the {limit.limit_s:.2f} s that are physically "
        "possible with this car"
    )
    if not limit.is_slower:
        return f"{told}."
    return (
        f"{told}, and {row.times_own_limit:.2f} × the {limit.own_limit_s:.2f} s that are possible "
        f"at the top speed of its own actions, {limit.own_top_mps:g} m/s."
    )


def limit_column() -> Column[BoardRow]:
    """The column of a board."""
    return Column(
        "limit",
        "× limit",
        lambda row: times_text(row.times_limit),
        order=lambda row: row.times_limit or math.inf,
        draw=lambda row: tag(
            "span", text=times_text(row.times_limit), title=limit_title(row.limit, row)
        ),
        is_number=True,
    )


def limit_rows(lap: FastestLap | None) -> list[tuple[str, str]]:
    """Facts about the track: the limit, and what the league reached; none if it is not known."""
    if lap is None:
        return []
    return [
        ("Physical limit", f"{lap.time_s:.2f} s for a lap of the standard car"),
        ("Public boards 2023–25", f"× limit: {league_words()}"),
    ]
