"""The record of a race's big screen."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from racecraft.service.store import Record

COLOUR = r"^(#[0-9a-f]{6})?$"
"""Of a web page; nothing for the installation's own."""


class Screen(Record):
    """A public view of one race, for whoever has its link."""

    TABLE: ClassVar[str] = "screens"

    race_id: str
    code: str
    """What the address of the screen ends with; nobody can guess it."""

    accent: str = Field(
        "", pattern=COLOUR, description="colour of the leader and of what is new, such as #c25200"
    )
    background: str = Field("", pattern=COLOUR, description="colour behind everything")
    headline: str = Field("", max_length=80, description="a line under the name of the race")
    invites: bool = Field(True, description="show a QR picture by which people come into the race")
    address: str = Field(
        "",
        max_length=200,
        pattern=r"^(https?://[^\s/]+(/[^\s]*)?)?$",
        description="where phones reach this installation, such as http://192.168.0.5:8321; "
        "without one it is the address by which the screen was opened",
    )
    logo: str = ""
    """Digest of the organiser's picture; nothing without one."""
