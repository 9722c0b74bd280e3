"""Results to take home, of a race or of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.service.signing import public_key

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


def results_panel(visit: Visit, path: str, *, has_heats: bool = False) -> None:
    """Links to the files, and the fingerprint to compare.

    Args:
        visit: the opened page.
        path: of the route that gives the results.
        has_heats: whether there is anything live.
    """
    key = public_key(visit.here.settings)
    with panel("Results", info="results"):
        with tag("div", "actions start"):
            link_button("Signed file", f"{path}?form=json", icon="download")
            link_button("Board as CSV", f"{path}?form=board.csv", kind="quiet")
            link_button("Laps as CSV", f"{path}?form=laps.csv", kind="quiet")
            if has_heats:
                link_button("Heats as CSV", f"{path}?form=heats.csv", kind="quiet")
        with tag("p", "dim"):
            tag("span", text="Key of this installation: ")
            tag("span", "digest", key.fingerprint)
