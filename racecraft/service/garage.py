"""The garage: vehicles that a person has put together, and what a new model takes from one."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, ValidationError, field_validator

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import Network
from racecraft.service.access import Actor, Operation
from racecraft.service.documents import sentences
from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.store import Store

BUILT_IN = "original"
"""Id of the vehicle that everybody has and nobody can change."""
MOST = 100
"""Vehicles of one person."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


class Shell(StrEnum):
    """Bodies of the car, drawn by us."""

    CLASSIC = "classic"
    WEDGE = "wedge"
    BUGGY = "buggy"
    FORMULA = "formula"


class Colour(StrEnum):
    """Trim colours."""

    BLACK = "black"
    RED = "red"
    GREY = "grey"
    WHITE = "white"
    PURPLE = "purple"
    BLUE = "blue"
    ORANGE = "orange"


class Vehicle(Record):
    """A car as a person has put it together; a model keeps what it was trained with."""

    TABLE: ClassVar[str] = "vehicles"

    owner_id: str
    name: str = Field(description="1 to 32 letters, digits, hyphens and underscores")
    name_key: str
    sensors: tuple[Sensor, ...] = Field(
        (Sensor.FRONT_FACING_CAMERA,), min_length=1, description="what it sees with"
    )
    network: Network = Field(Network.SHALLOW, description="network of its models")
    shell: Shell = Field(Shell.CLASSIC, description="the body")
    colour: Colour = Field(Colour.BLACK, description="the trim")

    @field_validator("name")
    @classmethod
    def _name_fits(cls, name: str) -> str:
        return checked_vehicle_name(name)


def checked_vehicle_name(name: str) -> str:
    """The name, when a vehicle may have it.

    Raises:
        ValueError: it may not.
    """
    if not _NAME.match(name):
        raise ValueError(
            f"The name of the vehicle is {name!r}; use 1 to 32 letters, digits, hyphens and "
            "underscores."
        )
    return name


def list_vehicles(store: Store, actor: Actor) -> list[Vehicle]:
    """The actor's vehicles, newest first, the built-in one last."""
    actor.demand(Operation.VIEW_VEHICLE, actor.person_id)
    with store.look() as work:
        own = work.find(Vehicle, order="-created_at_s", owner_id=actor.person_id)
    return [*own, built_in(actor.person_id)]


def view_vehicle(store: Store, actor: Actor, vehicle_id: str) -> Vehicle:
    """One vehicle.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
    """
    if vehicle_id == BUILT_IN:
        return built_in(actor.person_id)
    with store.look() as work:
        vehicle = work.get(Vehicle, vehicle_id)
    actor.demand_sight(Operation.VIEW_VEHICLE, vehicle.owner_id, "vehicle", vehicle_id)
    return vehicle


def build_vehicle(store: Store, actor: Actor, fields: dict[str, Any]) -> Vehicle:
    """Put a new vehicle into the actor's garage.

    Raises:
        InvalidInput: a value does not fit, or the garage is full.
        Conflict: they have a vehicle of this name.
    """
    actor.demand(Operation.EDIT_VEHICLE, actor.person_id)
    new = _checked({"owner_id": actor.person_id, "created_at_s": store.now_s(), **_plain(fields)})
    with store.work() as work:
        if work.count(Vehicle, owner_id=actor.person_id) >= MOST:
            raise InvalidInput(f"The garage is full with {MOST} vehicles; scrap one first.")
        return work.add(new)


def mod_vehicle(
    store: Store,
    actor: Actor,
    vehicle_id: str,
    changes: dict[str, Any],
    *,
    seen: int | None = None,
) -> Vehicle:
    """Change a vehicle; models that were made with it keep what they have.

    Args:
        store: the records.
        actor: who asks.
        vehicle_id: which vehicle.
        changes: the new name, sensors, network, shell or colour.
        seen: the version that the actor has seen; None when any will do.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
        Conflict: it is the built-in one, the new name is taken, or it is not what was seen.
        InvalidInput: a value does not fit.
    """
    vehicle = _own(store, actor, vehicle_id)
    vehicle.refuse_unseen(seen)
    changed = _checked({**vehicle.model_dump(), **_plain(changes)})
    with store.work() as work:
        return work.put(changed)


def scrap_vehicle(store: Store, actor: Actor, vehicle_id: str) -> None:
    """Delete a vehicle; models that were made with it keep what they have.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
        Conflict: it is the built-in one.
    """
    vehicle = _own(store, actor, vehicle_id)
    with store.work() as work:
        work.remove(Vehicle, id=vehicle.id)


def built_in(owner_id: str) -> Vehicle:
    """The vehicle that is in every garage."""
    return Vehicle(
        id=BUILT_IN,
        created_at_s=0.0,
        owner_id=owner_id,
        name="The-Original",
        name_key="the-original",
    )


def _own(store: Store, actor: Actor, vehicle_id: str) -> Vehicle:
    vehicle = view_vehicle(store, actor, vehicle_id)
    if vehicle.id == BUILT_IN:
        raise Conflict("The built-in vehicle stays as it is; build a new one instead.")
    actor.demand(Operation.EDIT_VEHICLE, vehicle.owner_id)
    return vehicle


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """What a person may write, with the key by which names are compared."""
    unknown = set(fields) - {"name", "sensors", "network", "shell", "colour"}
    if unknown:
        raise InvalidInput(
            f"A vehicle has no {sorted(unknown)[0]!r}; give name, sensors, network, shell, colour."
        )
    name = fields.get("name")
    return fields | ({"name_key": name.casefold()} if isinstance(name, str) else {})


def _checked(fields: dict[str, Any]) -> Vehicle:
    try:
        return Vehicle.model_validate({"name_key": "", **fields})
    except ValidationError as error:
        raise InvalidInput(sentences(Vehicle, error)) from error
