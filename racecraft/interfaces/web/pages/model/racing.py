"""From a model to the open races that it can be entered in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.pages.races.looks import RANKINGS, state_line
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.service.races.boards import list_races
from racecraft.service.races.race import RaceState
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.model.opened import OpenedModel
    from racecraft.service.races.boards import RaceView


async def ask_race(page: OpenedModel, checkpoint: str = "best") -> None:
    """Show the races that are open; each leads to its form with this model chosen."""
    found = await page.visit.run(lambda asking: list_races(asking.store, asking.actor))
    views = [view for view in found if view.state is RaceState.OPEN]
    with dialog(f"Submit {page.sheet.model.name} to a race", is_wide=bool(views)) as made:
        if views:
            which = (
                "Its best weights"
                if checkpoint == "best"
                else f"Its weights of iteration {checkpoint}"
            )
            tag("p", "dim", f"{which} are frozen and driven under the rules of the race.")
            with tag("ul", "open-races"):
                for view in views:
                    _row(view, f"model={page.model_id}&checkpoint={checkpoint}")
        else:
            tag("p", text="No race is open to you at the moment.")
            tag(
                "p",
                "dim",
                "Arrange one yourself, or come into a friend's race with its link, on the page "
                "of races.",
            )
        with made.foot:
            link_button("All races", "/races", kind="quiet")
            if not views:
                link_button("Create race", "/races/create", kind="primary", icon="plus")


def _row(view: RaceView, query: str) -> None:
    race = view.race
    with tag("li"):
        with tag("div"):
            tag("p", "strong", race.name)
            state_line(view)
            ranking = RANKINGS[race.rules.ranking]
            tag(
                "p",
                "dim",
                f"{track_words(race.rules.track)} · {race.rules.race.summary} · {ranking}",
            )
        link_button("Enter race", f"/races/{race.id}/enter?{query}", icon="flag")
