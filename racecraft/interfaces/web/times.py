"""Times and sizes as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from racecraft.interfaces.web.tags import tag

if TYPE_CHECKING:
    from nicegui.element import Element


def moment(time_s: float) -> Element:
    """A date and time in the viewer's own zone, with its offset; the browser knows the zone.

    Args:
        time_s: seconds since 1970.
    """
    stamp = datetime.fromtimestamp(time_s, UTC)
    return tag("time", "moment", moment_text(time_s), datetime=stamp.isoformat(timespec="seconds"))


def moment_text(time_s: float) -> str:
    """A date and time in UTC."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M UTC")


def megabytes(size_bytes: float) -> str:
    """A size with its unit."""
    return f"{size_bytes / 1e6:.1f} MB"


def lap_time(time_s: float) -> str:
    """Minutes, seconds and thousandths: 00:18.733."""
    thousandths = round(time_s * 1000)
    return f"{thousandths // 60_000:02d}:{thousandths // 1000 % 60:02d}.{thousandths % 1000:03d}"
