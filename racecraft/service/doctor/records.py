"""The database, looked at without changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.errors import RacecraftError
from racecraft.service.doctor.finding import Finding, bad, fine, warn
from racecraft.service.store.checkup import Age, look_over

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_MOST_SKEW_S = 5.0
"""Between this machine and that of the database: leases of jobs are some ten seconds long."""


def database(settings: Settings) -> Finding:
    """Whether the records can be read, are of this version, and go by the same clock."""
    try:
        found = look_over(settings)
    except RacecraftError as error:
        return bad("records", str(error), "If it is damaged, put back a copy of it.")
    if found.age is Age.NONE:
        return fine("records", "There are no records yet; the first start makes them.")
    if found.age is Age.NEWER:
        return bad(
            "records",
            f"The records are of version {found.version}, which this program does not know.",
            "Install the version of racecraft that was used last, or a newer one.",
        )
    if found.damage:
        return bad(
            "records",
            f"The records are damaged: {found.damage}.",
            "Put back a copy; models are folders of their own and are not touched by it.",
        )
    if abs(found.ahead_s) > _MOST_SKEW_S:
        return warn(
            "records",
            f"The clock of the database is {found.ahead_s:+.0f} s off that of this machine.",
            "Let both set their clocks by the network (NTP); jobs and races go by them.",
        )
    if found.age is Age.OLDER:
        return fine(
            "records",
            f"The records are of an older version ({found.version}).",
            "The next start brings them up to date; an older racecraft cannot read them then, so "
            "keep a copy of racecraft.db if you may want to go back.",
        )
    return fine("records", f"The records are in order (version {found.version}).")
