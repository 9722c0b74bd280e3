"""What a new model begins with: a preset that fills everything in, or the model that is cloned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.pages.create_model.drawings import preset_picture
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.cards import facts, panel
from racecraft.interfaces.web.widgets.fields import About, Tile, TilesField
from racecraft.service.drafts.beginnings import SHOWN, Parent, blank, of_preset
from racecraft.service.drafts.wishes import is_as_preset
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.create_model.form import Form

WORDS = {
    "": ("From scratch", "The settings of the guide, for you to change."),
    "first-laps": (
        "First laps",
        "A small network and settings that learn fast. Just press Create.",
    ),
    "default": ("The lab model", "As the guide has it, tuned: clean laps of the Harbour Loop."),
    "fast": ("Fast", "Up to 4 m/s on a wide road, in a few minutes: a car that races."),
    "champion": ("Champion", "Lap times near what physics allows. Takes its time."),
    "boxes": ("Round the boxes", "Six boxes at ever new places on a wide road."),
    "bots": ("Past other cars", "Four slower cars to overtake."),
    "real-car": (
        "For the real car",
        "Gentle actions; light, camera, tyres and delays change, so that a real floor is one more.",
    ),
    "everywhere": ("Everywhere", "One model for every track, both ways round. Takes longest."),
}


def presets(form: Form) -> None:
    """Tiles to begin from; choosing one fills every step in."""
    client = ui.context.client

    def choose(name: str) -> None:
        with client:  # these tiles themselves are made anew
            fill(name)

    def fill(name: str) -> None:
        before = form.sheet
        kept = before.model_dump(include={"name", "description", "tags", "part", "reached"})
        sheet = of_preset(name, before) if name else blank().changed(**kept)
        reached = 4 if name else before.reached
        form.set(**dict(sheet.changed(reached=reached)))
        assert form.wizard is not None
        form.wizard.reached = reached
        form.wizard.rebuild()
        if name:
            say(form.visit, "Everything is filled in. Look through the steps, or go to the last.")

    chosen = form.sheet.preset if is_as_preset(form.sheet) else ""
    names = ("", "first-laps", *(name for name in SHOWN if name != "first-laps"))
    tiles = [Tile(name, *WORDS[name], svg=preset_picture(name)) for name in names]
    with panel("Start from", info="presets"):
        TilesField(
            About("What to begin with"), tiles, chosen, choose, classes="start-tiles"
        ).root.classes("label-hidden")


def parent_panel(form: Form, parent: Parent) -> None:
    """The model whose weights are carried over, and what stays because of them."""
    with panel("Cloned model", info="clones"):
        tag(
            "p",
            text="The new model begins with what this one has learnt. Track, race, reward, "
            "hyperparameters and time may change; sensors, network, algorithm and the number of "
            "actions stay, because the weights fit only those.",
        )
        facts(
            [
                ("Model", parent.model.name),
                ("Algorithm", parent.algorithm),
                ("Actions", parent.spec.action_space.summary),
                ("Trained on", " · ".join(map(track_words, parent.model.tracks))),
            ]
        )
        options = {"best": f"The best one (iteration {parent.best})", "last": "The last one"}
        options |= {str(k): f"Iteration {k}" for k in reversed(parent.iterations)}

        about = About("Checkpoint", "Which state of its training to begin with.")
        form.choice("checkpoint", about, options)
