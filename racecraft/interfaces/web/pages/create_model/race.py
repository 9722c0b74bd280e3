"""Step 2: what is on the road besides the car, and with which algorithm it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.bots import MAX_BOTS
from racecraft.domain.obstacles import MAX_OBSTACLES
from racecraft.domain.race import RaceType
from racecraft.interfaces.web.pages.create_model import algorithm, drawings
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import About, Field, TextField, Tile, TilesField

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.pages.create_model.form import Form

_TILES = (
    Tile(
        RaceType.TIME_TRIAL,
        "Time trial",
        "The clock alone. The place to begin.",
        drawings.TIME_TRIAL,
    ),
    Tile(
        RaceType.OBJECT_AVOIDANCE,
        "Object avoidance",
        "Boxes that stand in the two lanes; hitting one is a crash.",
        drawings.BOXES,
    ),
    Tile(
        RaceType.HEAD_TO_HEAD,
        "Head-to-head",
        "Slower cars in the two lanes, to be overtaken.",
        drawings.CARS,
    ),
)
_PLACES = {
    "random": "Random: elsewhere in every episode",
    "even": "Even: spread over the lap, the lanes in turn",
}
_GIVEN = "given"


def build(form: Form) -> None:
    """The fields of the step."""
    with panel("Race type", info="race-type"):
        parts: dict[RaceType, Element] = {}

        def choose(value: str) -> None:
            form.set(race_type=value)
            for kind, part in parts.items():
                part.props["hidden"] = kind.value != value
                part.update()

        tiles = TilesField(About("What is on the road"), _TILES, form.sheet.race_type, choose)
        tiles.root.classes("label-hidden")
        for kind, fill in (
            (RaceType.OBJECT_AVOIDANCE, _boxes),
            (RaceType.HEAD_TO_HEAD, _bots),
        ):
            hidden = form.sheet.race_type is not kind
            parts[kind] = tag("div", "form two", hidden=hidden)
            with parts[kind]:
                fill(form)
    algorithm.build(form)


def _boxes(form: Form) -> None:
    form.number(
        "boxes.count",
        About("Boxes", f"How many stand on the road, 1 to {MAX_OBSTACLES}; usually 6."),
        step=1,
        min=1,
        max=MAX_OBSTACLES,
    )
    form.number(
        "boxes.min_distance_m",
        About("Least distance", "Along the track, from one box to the next; 0.6 to 20 m."),
        unit="m",
        min=0.6,
        max=20,
    )
    given: list[Field] = []

    def show() -> None:
        is_given = form.get("boxes.places") not in _PLACES
        given[0].root.set_visibility(is_given)

    options = {**_PLACES, _GIVEN: "Given: where I say"}
    now = form.get("boxes.places")
    places = form.choice(
        "boxes.places",
        About("Places", "Random places teach the car to look; fixed ones can be learnt by heart."),
        options,
        then=show,
    )
    if now not in _PLACES:
        places.set_value(_GIVEN)
    text = now if now not in _PLACES else ""
    given.append(
        TextField(
            About(
                "Given places",
                "Share of the lap and lane of each box, for instance 0.25:inner, 0.5:outer.",
            ),
            _told(text),
            lambda value: form.put("boxes.places", value),
        )
    )
    show()


def _told(places: object) -> str:
    """Given places as people write them."""
    if not isinstance(places, list | tuple):
        return str(places)
    lanes = {1: "inner", -1: "outer"}
    return ", ".join(f"{place['lap_share']:g}:{lanes[place['lane']]}" for place in places)


def _bots(form: Form) -> None:
    form.number(
        "bots.count",
        About("Other cars", f"How many drive there, 1 to {MAX_BOTS}; usually 3."),
        step=1,
        min=1,
        max=MAX_BOTS,
    )
    form.number(
        "bots.speed_mps",
        About("Their speed", "0.1 to 4 m/s. Slower than yours, or there is nothing to overtake."),
        unit="m/s",
        min=0.1,
        max=4,
    )
    form.choice(
        "bots.places", About("Their starts", "Random starts teach more than fixed ones."), _PLACES
    )
    form.number(
        "bots.min_distance_m",
        About("Least distance", "Between two of them at the start; 0.6 to 20 m."),
        unit="m",
        min=0.6,
        max=20,
    )
    waits: list[Field] = []

    def show() -> None:
        for each in waits:
            each.root.set_visibility(bool(form.get("bots.changes_lanes")))

    form.tick(
        "bots.changes_lanes",
        About("They change lanes", "Now and then; your car must look before it passes."),
        then=show,
    )
    form.number(
        "bots.penalty_s",
        About("Their pause", "How long one of them waits when it ran into a car; 0.5 to 60 s."),
        unit="s",
    )
    for name, label in (("min", "Shortest"), ("max", "Longest")):
        waits.append(
            form.number(
                f"bots.lane_change_{name}_s",
                About(f"{label} wait", "Between two lane changes; 1 to 8 s."),
                unit="s",
            )
        )
    show()
