"""Building a vehicle, or modding one, in two steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import Network
from racecraft.interfaces.web import world
from racecraft.interfaces.web.flat_cars import from_above, swatch
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.names import NETWORKS
from racecraft.interfaces.web.tags import Drawing, tag
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import About, ChoiceField, TextField, Tile, TilesField
from racecraft.interfaces.web.widgets.wizards import Step, Wizard
from racecraft.service.garage import (
    Colour,
    Shell,
    Vehicle,
    build_vehicle,
    checked_vehicle_name,
    mod_vehicle,
    view_vehicle,
)

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

_SHELLS = {
    Shell.CLASSIC: "A rally body with room for everything.",
    Shell.WEDGE: "Low nose, high tail.",
    Shell.BUGGY: "Tubes, big wheels, nothing to hide.",
    Shell.FORMULA: "Narrow, with wings.",
}
_CAMERAS = (
    Tile(
        Sensor.FRONT_FACING_CAMERA,
        "Camera",
        "One lens in the middle, turned to grey before the network. Learns fastest; the right one "
        "for time trials.",
    ),
    Tile(
        Sensor.STEREO_CAMERAS,
        "Stereo camera",
        "Two lenses six centimetres apart. The network can tell how far away boxes and cars are, "
        "for about twice the pixels.",
    ),
    Tile(
        Sensor.LEFT_CAMERA,
        "Left camera",
        "One lens, three centimetres left of the middle: the left eye of the stereo camera alone.",
    ),
)
_NO_LIDAR = "none"
_LIDARS = (
    Tile(_NO_LIDAR, "None", "The camera alone."),
    Tile(
        Sensor.LIDAR,
        "LIDAR",
        "64 distances around the car, blind straight ahead. Sees who comes from behind or beside.",
    ),
    Tile(Sensor.SECTOR_LIDAR, "Sector LIDAR", "Eight directions: near, or not."),
    Tile(
        Sensor.DISCRETIZED_SECTOR_LIDAR,
        "Discretised LIDAR",
        "Eight directions with eight steps of distance each.",
    ),
)


async def build(visit: Visit) -> None:
    """A new vehicle."""
    await _Form(visit, None).make()


async def mod(visit: Visit) -> None:
    """A vehicle of one's own, to be changed."""
    vehicle_id = visit.params["vehicle_id"]
    vehicle = await visit.run(lambda asking: view_vehicle(asking.store, asking.actor, vehicle_id))
    await _Form(visit, vehicle).make()


class _Form:
    """The two steps, and what is chosen in them."""

    def __init__(self, visit: Visit, vehicle: Vehicle | None) -> None:
        self._visit, self._vehicle = visit, vehicle
        sensors = vehicle.sensors if vehicle else (Sensor.FRONT_FACING_CAMERA,)
        self._camera = next((s.value for s in sensors if s.is_camera), _CAMERAS[0].value)
        self._lidar = next((s.value for s in sensors if not s.is_camera), _NO_LIDAR)
        self._shell = (vehicle.shell if vehicle else Shell.CLASSIC).value
        self._colour = (vehicle.colour if vehicle else Colour.ORANGE).value
        self._network = (vehicle.network if vehicle else Network.SHALLOW).value

    @property
    def _sensors(self) -> tuple[Sensor, ...]:
        lidar = () if self._lidar == _NO_LIDAR else (Sensor(self._lidar),)
        return (Sensor(self._camera), *lidar)

    async def make(self) -> None:
        """The page."""
        title = f"Mod {self._vehicle.name}" if self._vehicle else "Build vehicle"
        with page_head(self._visit, title, trail=[("Garage", "/garage")], info="build-vehicle"):
            pass
        self._wizard = Wizard(
            [
                Step("Personalize", self._personalize, self._check_name),
                Step("Mod specifications", self._specify),
            ],
            finish="Done",
            on_finish=self._done,
            cancel_path="/garage",
        )

    def _personalize(self) -> None:
        with panel(classes="with-stage"):
            with tag("div", "stage"):
                self._car = world.garage_car(
                    self._shell,
                    self._colour,
                    self._sensors,
                    label="Your vehicle; arrow keys turn it",
                )
            with tag("div", "form"):
                self._name = TextField(
                    About("Name your vehicle", "1 to 32 letters, digits, hyphens and underscores."),
                    self._vehicle.name if self._vehicle else "",
                    placeholder="Thunder-Snail",
                    maxlength=32,
                    autocomplete="off",
                )
                TilesField(
                    About(f"Vehicle shell ({len(_SHELLS)})", info="vehicle-shell"),
                    [
                        Tile(shell.value, shell.value.capitalize(), text)
                        for shell, text in _SHELLS.items()
                    ],
                    self._shell,
                    self._set_shell,
                )
                TilesField(
                    "Trim colour",
                    [Tile(c.value, c.value.capitalize(), svg=swatch(c.value)) for c in Colour],
                    self._colour,
                    self._set_colour,
                    classes="swatches",
                )

    def _specify(self) -> None:
        with panel(classes="with-stage"):
            with tag("div", "stage above"):
                self._above = Drawing(from_above(self._colour, self._sensors))
            with tag("div", "form"):
                TilesField(
                    About("Camera", "The car always has one.", info="camera"),
                    _CAMERAS,
                    self._camera,
                    self._set_camera,
                )
                TilesField(
                    About(
                        "Add-on: LIDAR",
                        "A LIDAR sees other cars and boxes, not the road.",
                        info="lidar",
                    ),
                    _LIDARS,
                    self._lidar,
                    self._set_lidar,
                )
                ChoiceField(
                    About(
                        "Neural network",
                        "Larger ones see more and learn more slowly.",
                        info="neural-network",
                    ),
                    {network.value: name for network, name in NETWORKS.items()},
                    self._network,
                    self._set_network,
                )

    def _set_shell(self, shell: str) -> None:
        self._shell = shell
        self._car.show(shell=shell)

    def _set_colour(self, colour: str) -> None:
        self._colour = colour
        self._car.show(colour=colour)
        self._mark()

    def _set_camera(self, camera: str) -> None:
        self._camera = camera
        self._mark()

    def _set_lidar(self, lidar: str) -> None:
        self._lidar = lidar
        self._mark()

    def _set_network(self, network: str) -> None:
        self._network = network

    def _mark(self) -> None:
        """Show what is chosen, in both pictures."""
        self._car.show(sensors=self._sensors)
        if hasattr(self, "_above"):
            self._above.set_content(from_above(self._colour, self._sensors))

    def _check_name(self) -> bool:
        try:
            checked_vehicle_name(self._name.value)
        except ValueError as error:
            self._name.show_error(str(error))
            return False
        return True

    async def _done(self) -> None:
        fields: dict[str, Any] = {
            "name": self._name.value,
            "shell": self._shell,
            "colour": self._colour,
            "sensors": self._sensors,
            "network": self._network,
        }
        vehicle = self._vehicle
        try:
            await self._visit.run(
                lambda asking: (
                    build_vehicle(asking.store, asking.actor, fields)
                    if vehicle is None
                    else mod_vehicle(asking.store, asking.actor, vehicle.id, fields)
                )
            )
        except (Conflict, InvalidInput) as error:
            self._wizard.show(0, focus=False)
            self._name.show_error(str(error))
            self._name.focus()
            return
        ui.navigate.to("/garage")
