"""The flag that names what is drawn anew for each episode."""

from __future__ import annotations

from typing import Annotated

import typer

from racecraft.domain.randomisation import ALL, SWITCHES

Randomise = Annotated[
    list[str] | None,
    typer.Option(
        "--randomise",
        help=f"Draw this anew for each episode: {', '.join(SWITCHES)}, or {ALL}. Several times for "
        "several; other ranges than the usual ones are for the spec file.",
    ),
]
