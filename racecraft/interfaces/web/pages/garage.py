"""The garage: one card a vehicle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web import world
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.names import NETWORKS, sensor_names
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import facts, grid
from racecraft.interfaces.web.widgets.dialogs import confirm
from racecraft.interfaces.web.widgets.notices import announcement
from racecraft.service.garage import BUILT_IN, Vehicle, list_vehicles, scrap_vehicle

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit


async def garage(visit: Visit) -> None:
    """All vehicles, newest first, the built-in one last."""
    with page_head(visit, info="your-garage"):
        link_button("Create model", "/models/create")
        link_button("Build vehicle", "/garage/build", kind="primary", icon="plus")
    vehicles = await visit.run(lambda asking: list_vehicles(asking.store, asking.actor))
    if len(vehicles) == 1:
        with announcement(
            "This is your garage",
            "A vehicle is a body, its sensors and the network behind them. The first one is built "
            "for you; build your own to give a model more eyes, or just another colour.",
        ):
            pass
    with grid("cars") as cards:
        for vehicle in vehicles:
            _card(visit, vehicle, cards)


def _card(visit: Visit, vehicle: Vehicle, cards: Element) -> None:
    with tag("article", "panel car-card", aria_label=vehicle.name) as card:
        look = f"{vehicle.name}: {vehicle.shell.value} shell in {vehicle.colour.value}"
        world.garage_car(
            vehicle.shell, vehicle.colour, vehicle.sensors, label=f"{look}; arrow keys turn it"
        )
        tag("h2", text=vehicle.name)
        facts(
            [
                ("Sensors", sensor_names(vehicle.sensors)),
                ("Neural network", NETWORKS[vehicle.network]),
                ("Shell", f"{vehicle.shell.value.capitalize()}, {vehicle.colour.value}"),
            ]
        )
        with tag("div", "actions"):
            if vehicle.id == BUILT_IN:
                tag("p", "dim", "Built in; it stays as it is.")
                return
            link_button("Mod vehicle", f"/garage/{vehicle.id}/mod", icon="edit")
            tag("span", "grow")
            button("Delete", lambda: _ask(visit, vehicle, card), kind="quiet", icon="trash")


def _ask(visit: Visit, vehicle: Vehicle, card: Element) -> None:
    async def scrap() -> None:
        await visit.run(lambda asking: scrap_vehicle(asking.store, asking.actor, vehicle.id))
        card.delete()
        say(visit, f"{vehicle.name} was deleted.")

    confirm(
        f"Delete {vehicle.name}?",
        "Models that were made with it keep their sensors, network and looks.",
        "Delete vehicle",
        scrap,
    )
