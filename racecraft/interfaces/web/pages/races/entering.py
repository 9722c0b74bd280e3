"""Coming into a race by its link, and entering a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.errors import RacecraftError
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.races.looks import road_banner, rule_rows, track_picture
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import facts, grid, panel
from racecraft.interfaces.web.widgets.fields import About, ChoiceField
from racecraft.interfaces.web.widgets.notices import banner, empty_state
from racecraft.service.collection import ModelFilter, ModelView, list_models
from racecraft.service.model_records import ModelState
from racecraft.service.races import entering
from racecraft.service.races.boards import RaceView, view_race
from racecraft.service.races.race import RaceState
from racecraft.service.races.roads import road_note
from racecraft.service.samples import give_samples

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit


async def come_in(visit: Visit) -> None:
    """The secret link: in, and on to the race."""
    link = visit.params["link"]
    race = await visit.run(lambda asking: entering.come_in(asking.store, asking.actor, link))
    with page_head(visit, race.name, info="community-races", trail=[("Races", "/races")]):
        pass
    with banner("good", "You are in.", "The race stands in your list of races from now on."):
        link_button("View race", f"/races/{race.id}", kind="primary")
    with tag("div", "form-column"), panel("What is driven", info="the-rules"):
        track_picture(race.rules)
        facts(rule_rows(race.rules, race.max_submissions))


async def enter(visit: Visit) -> None:
    """Choose a model and enter it."""
    race_id = visit.params["race_id"]
    view, ready, note = await visit.run(lambda asking: _load(asking, race_id))
    race = view.race
    with page_head(
        visit,
        info="entering-a-race",
        trail=[("Races", "/races"), (race.name, f"/races/{race.id}")],
    ):
        pass
    if view.state is not RaceState.OPEN:
        with banner("info", "This race takes no models at the moment."):
            link_button("View race", f"/races/{race.id}")
        return
    road_banner(note)
    if note:
        return
    if not ready:
        with empty_state(
            "No model is ready",
            "A model can be entered when it has been trained and nothing is being done with it.",
        ):
            link_button("Create model", "/models/create", kind="primary")
            link_button("Your models", "/models")
        return
    with grid("cols-2"):
        _form(visit, view, ready)
        with panel("What it will drive"):
            track_picture(race.rules)
            facts(rule_rows(race.rules, race.max_submissions))


def _form(visit: Visit, view: RaceView, ready: list[ModelView]) -> None:
    race = view.race
    with panel("Choose a model"):
        about = About(
            "Model",
            "Its weights are frozen now; what you do with the model later changes nothing.",
        )
        names = {each.model.id: each.model.name for each in ready}
        asked = visit.request.query_params.get("model", "")
        field = ChoiceField(about, names, asked if asked in names else ready[0].model.id)
        checkpoint = visit.request.query_params.get("checkpoint", "best")[:20]
        if asked in names and checkpoint.isdecimal():
            text = f"Of {names[asked]}, the weights of iteration {checkpoint} enter."
            with banner("info", text, "Of any other model, the best ones do."):
                pass
        if asked and asked not in names:
            field.show_error("The model that you came from cannot be entered now; choose another.")

        async def send() -> None:
            model_id = str(field.value)
            which = checkpoint if model_id == asked else "best"
            try:
                await visit.run(lambda asking: _enter(asking, race.id, model_id, which))
            except RacecraftError as error:
                field.show_error(str(error))
                return
            ui.navigate.to(f"/races/{race.id}")

        with tag("div", "actions"):
            link_button("Cancel", f"/races/{race.id}", kind="quiet")
            button("Enter race", send, kind="primary", icon="flag")


def _enter(asking: Asking, race_id: str, model_id: str, checkpoint: str) -> None:
    entering.enter_model(asking.store, asking.settings, asking.actor, race_id, model_id, checkpoint)
    asking.wake()


def _load(asking: Asking, race_id: str) -> tuple[RaceView, list[ModelView], str]:
    view = view_race(asking.store, asking.actor, race_id)
    # Whoever comes by the link of an event may be here first, before any list of models.
    give_samples(asking.store, asking.settings, asking.actor.person_id)
    wanted = ModelFilter(state=ModelState.READY, limit=500)
    found, _ = list_models(asking.store, asking.actor, wanted)
    note = road_note(asking.settings, view.race.rules.track, view.race.track_sha256)
    return view, [each for each in found if each.job is None], note
