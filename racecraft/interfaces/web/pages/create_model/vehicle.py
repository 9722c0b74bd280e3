"""Step 4: the vehicle from the garage, whose sensors the model keeps for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import Network
from racecraft.interfaces.web.flat_cars import from_above
from racecraft.interfaces.web.names import NETWORKS, sensor_names
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import facts, panel
from racecraft.interfaces.web.widgets.fields import About, Tile, TilesField

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.create_model.form import Form


def build(form: Form) -> None:
    """The fields of the step."""
    if form.parent is not None:
        _frozen(form)
        return
    with panel("Vehicle", info="vehicle"):
        tag(
            "p",
            "dim",
            "The model keeps the sensors for good; changing the vehicle later changes no model. "
            "One camera learns fastest, and is right for a time trial.",
        )
        tiles = [
            Tile(
                vehicle.id,
                vehicle.name,
                f"{sensor_names(vehicle.sensors)}; {NETWORKS[vehicle.network]}",
                from_above(vehicle.colour, [Sensor(each) for each in vehicle.sensors]),
            )
            for vehicle in form.stock.vehicles
        ]
        field = TilesField(
            About("Vehicle"),
            tiles,
            form.sheet.vehicle_id,
            lambda value: form.put("vehicle_id", value),
            classes="small car-tiles",
        )
        field.root.classes("label-hidden")
        form.fields["vehicle_id"] = field
        with tag("div", "actions"):
            link_button("Build another one", "/garage/build", icon="plus")
    with panel("Neural network", info="neural-network"), tag("div", "form"):
        options = {"": "The vehicle's own"} | {
            network.value: NETWORKS[network] for network in Network
        }
        form.choice(
            "network",
            About(
                "Network",
                "What turns pictures into actions. The light one sees 80×60 pixels and learns "
                "fastest, but no physical car runs it.",
            ),
            options,
        )


def _frozen(form: Form) -> None:
    assert form.parent is not None
    spec = form.parent.spec
    with panel("Vehicle", info="vehicle"):
        tag("p", text="As in the cloned model, whose weights fit these sensors only.")
        facts(
            [
                ("Sensors", sensor_names(spec.sensors)),
                ("Neural network", NETWORKS[spec.network]),
                ("Vehicle", form.parent.model.vehicle_name),
            ]
        )
