"""The first page: the loop of learning, creating, training and racing, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.errors import RacecraftError
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, tag
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import grid, panel
from racecraft.service.collection import ModelFilter, ModelView, list_models
from racecraft.service.evaluations import list_evaluations
from racecraft.service.lab import train_lab_model
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import ModelState
from racecraft.service.samples import give_samples
from racecraft.service.upkeep import reconcile

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

_STAGES = (
    ("learn", "Learn", "What the car sees, does, and is paid for."),
    ("edit", "Create", "A track, a few actions, a reward in Python."),
    ("play", "Train and evaluate", "It practises by itself; you watch, then count clean laps."),
    ("trophy", "Race", "Compare lap times, and see where they are lost."),
)
_RECENT = 8
"""Models that are looked at for what comes next."""


@dataclass(frozen=True)
class _Next:
    """What to do next."""

    title: str
    text: str
    path: str = ""
    verb: str = ""


async def get_started(visit: Visit) -> None:
    """How it goes round, and the next step for this person."""
    with page_head(visit, info="how-it-works"):
        pass
    _next_panel(visit, await visit.run(_next_step))
    with panel("How it works", classes="how"):
        with tag("ol", "loop"):
            for number, (picture, title, text) in enumerate(_STAGES, 1):
                with tag("li"):
                    with tag("span", "loop-icon"):
                        drawing(icon(picture, 26))
                    tag("h3", text=f"{number}. {title}")
                    tag("p", "dim", text)
        with tag("div", "loop-again"):
            drawing(_BACK)
            tag("p", "dim", "Clone, change one thing, train on: the loop is the craft.")
    with grid("cols-2"):
        _card(
            "Course",
            "How a car learns, with figures to play; then six missions.",
            "/learn",
            "Begin the course",
        )
        _card("Garage", "Build the vehicle that your models drive.", "/garage", "Go to the garage")
        _card("Models", "Everything you trained, with laps and logs.", "/models", "See models")
        _card("Racer profile", "Your name, your face, your awards.", "/profile", "See the profile")


def _next_panel(visit: Visit, step: _Next) -> None:
    async def train() -> None:
        made = await visit.run(_train)
        ui.navigate.to(f"/models/{made}")

    with panel(classes="next") as made:
        made.props["aria-label"] = "Your next step"
        drawing(_START)
        with tag("div", "next-words"):
            tag("p", "label", "Your next step")
            tag("h2", text=step.title)
            tag("p", text=step.text)
            with tag("div", "actions"):
                if step.path:
                    link_button(step.verb, step.path, kind="primary")
                    button("Train the lab model now", train, icon="play")
                else:
                    button("Train the lab model now", train, kind="primary", icon="play")
                    link_button("Create model", "/models/create", icon="plus")


def _train(asking: Asking) -> str:
    made = train_lab_model(asking.store, asking.settings, asking.actor)
    asking.wake()
    return made.view.model.id


def _next_step(asking: Asking) -> _Next:
    store, settings, actor = asking.store, asking.settings, asking.actor
    give_samples(store, settings, actor.person_id)
    reconcile(store, settings, actor.person_id)
    views, _ = list_models(store, actor, ModelFilter(limit=_RECENT))
    own = [view for view in views if not view.model.is_sample]
    if not own:
        return _Next(
            "Train your first model",
            "One click makes MyFirstModel: the track Harbour Loop, a front camera, and a reward "
            "for "
            "progress. It drives clean laps after about a minute, and you watch it learn.",
        )
    busy = next((view for view in own if view.job is not None), None)
    if busy is not None:
        return _of(busy, "Watch", f"{busy.model.name} is {busy.status.lower()} right now.")
    ready = [view for view in own if view.model.state is ModelState.READY]
    if not ready:
        return _of(own[0], "Train", f"{own[0].model.name} is made, and has learnt nothing yet.")
    for view in ready:
        if not _has_driven(asking, view):
            return _of(view, "Evaluate", "It is trained. Now let it drive laps that count.")
    newest = ready[0].model
    return _Next(
        f"Improve {newest.name}",
        "It is trained and evaluated. Clone it, change one thing, and see which of the two is "
        "faster.",
        f"/models/{newest.id}/clone",
        "Clone it",
    )


def _of(view: ModelView, verb: str, text: str) -> _Next:
    name = view.model.name
    return _Next(f"{verb} {name}", text, f"/models/{view.model.id}", f"{verb} {name}")


def _has_driven(asking: Asking, view: ModelView) -> bool:
    try:
        return bool(list_evaluations(folder_of(asking.settings, view.model)))
    except RacecraftError:
        return True  # its page tells what is wrong


_BACK = (
    '<svg viewBox="0 0 800 44" preserveAspectRatio="none" width="100%" height="44" fill="none">'
    '<path d="M760 2C760 42 700 38 640 38H160C100 38 40 42 40 8" stroke="var(--accent)" '
    'stroke-width="3" stroke-dasharray="12 10" vector-effect="non-scaling-stroke"/>'
    '<path d="M33 16l7-12 7 12" stroke="var(--accent)" stroke-width="3" '
    'vector-effect="non-scaling-stroke"/></svg>'
)
_START = (
    '<svg class="next-picture" viewBox="0 0 260 170" fill="none" stroke-linecap="round">'
    '<path d="M-10 150C60 150 70 40 150 40s70 70 130 70" stroke="var(--road)" stroke-width="62"/>'
    '<path d="M-10 119C40 119 50 9 150 9s90 70 140 70M-10 181C90 181 90 71 150 71s50 70 130 70" '
    'stroke="var(--road-edge)" stroke-width="5"/>'
    '<path d="M-10 150C60 150 70 40 150 40s70 70 130 70" stroke="var(--accent)" stroke-width="4" '
    'stroke-dasharray="14 12"/><g transform="translate(86 86) rotate(-58)">'
    '<rect x="-26" y="-13" width="52" height="26" rx="8" fill="var(--accent)"/>'
    '<rect x="-2" y="-9" width="16" height="18" rx="4" fill="#0d1319"/>'
    '<rect x="-22" y="-18" width="13" height="7" rx="3" fill="#17191c"/>'
    '<rect x="11" y="-18" width="13" height="7" rx="3" fill="#17191c"/>'
    '<rect x="-22" y="11" width="13" height="7" rx="3" fill="#17191c"/>'
    '<rect x="11" y="11" width="13" height="7" rx="3" fill="#17191c"/></g></svg>'
)
"""A car going into a corner."""


def _card(title: str, text: str, path: str, verb: str) -> None:
    with panel(title):
        tag("p", "dim", text)
        link_button(verb, path)
