"""The 3D world as elements of a page; the drawing is done by the JavaScript in `modules/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import nicegui.elements.scene  # noqa: F401  (its three.js is what the modules import)
from nicegui.element import Element


@dataclass(frozen=True)
class RecordedLap:
    """A recorded lap to be shown, and how its car looks."""

    model_id: str
    stamp: str
    """The 14 digits of the evaluation."""
    trial: int
    """Number of the lap in there, from 1."""
    label: str
    """What the viewer reads, such as `my-model, trial 2`."""
    shell: str = "classic"
    colour: str = "orange"
    sensors: Sequence[str] = field(default=("FRONT_FACING_CAMERA",))
    lap_time_s: float | None = None
    """None when the lap was not completed."""
    drives: str = ""
    """Where the API has the recorded laps; those of the model's evaluation when empty."""


class World(Element, component="world.js", esm={"racecraft-world": "modules"}):
    """A view of the world; made by the functions of this module."""

    def __init__(self, kind: str, options: dict[str, Any]) -> None:
        super().__init__()
        self._props["kind"] = kind
        self._props["options"] = options
        self._props["number"] = self.id

    def use_camera(self, camera: str) -> None:
        """Look through another camera: chase, orbit, onboard, above or tv."""
        self.run_method("use_camera", camera)

    def follow(self, car: int) -> None:
        """Follow another car, counted from 0."""
        self.run_method("follow", car)


class GarageCar(World):
    """A car on a turntable."""

    def show(
        self,
        *,
        shell: str | None = None,
        colour: str | None = None,
        sensors: Sequence[str] | None = None,
    ) -> None:
        """Let it look otherwise, at once; what is None stays as it is.

        Args:
            shell: a body of `service.garage.Shell`.
            colour: a trim colour of `service.garage.Colour`.
            sensors: names of `domain.sensors.Sensor`.
        """
        look = {"shell": shell, "colour": colour, "sensors": sensors and list(sensors)}
        changes = {name: value for name, value in look.items() if value is not None}
        self._props["options"] = {**self._props["options"], **changes}
        self.run_method("show", changes)


def live(job_id: str, *, camera: str = "chase") -> World:
    """The cars of a training or evaluation as they drive.

    With cameras, list of cars, small map, figures and a text for screen readers. It connects to
    the job's WebSocket by itself, again after a lost connection, and pauses in a hidden tab.

    Args:
        job_id: whose cars; the browser's session must be allowed to see it.
        camera: the first one: chase, orbit, onboard, above or tv.
    """
    return World("live", {"job_id": job_id, "camera": camera})


def sight(view: World) -> World:
    """What the network of the followed car sees, and how likely it takes each action.

    Args:
        view: what `live` gave.
    """
    return World("sight", {"of": view.id})


def replay(
    track: str,
    laps: Sequence[RecordedLap],
    *,
    is_reversed: bool = False,
    film: str | None = None,
    is_shared: bool = False,
) -> World:
    """Recorded laps: the first is followed, the others are ghosts from the same start.

    With a time line, slow motion, cameras, and a recording of the view by the browser.

    Args:
        track: name of the track on which all of them were driven.
        laps: at least one; the browser loads their steps from the API.
        is_reversed: whether they were driven against the usual direction.
        film: address of a film to download.
        is_shared: let the page's address tell and restore moment, camera, car and speed.
    """
    return World(
        "replay",
        {
            "track": {"name": track, "is_reversed": is_reversed},
            "laps": [{**asdict(lap), "sensors": list(lap.sensors)} for lap in laps],
            "film": film,
            "shares": is_shared,
        },
    )


def garage_car(
    shell: str, colour: str, sensors: Sequence[str], *, label: str = "", turns: bool = True
) -> GarageCar:
    """A car that turns on a turntable; `show` gives it another look at once.

    Args:
        shell: a body of `service.garage.Shell`.
        colour: a trim colour of `service.garage.Colour`.
        sensors: names of `domain.sensors.Sensor`; a LIDAR sits on the roof.
        label: what a screen reader says of it.
        turns: whether it turns by itself.
    """
    look = {"shell": shell, "colour": colour, "sensors": list(sensors)}
    return GarageCar("garage", {**look, "label": label, "turns": turns})
