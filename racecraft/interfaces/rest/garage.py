"""The garage."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import Network
from racecraft.interfaces.rest.shared import (
    Done,
    IfMatch,
    Key,
    Page,
    once,
    seen_version,
    tag,
)
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service import garage
from racecraft.service.garage import Colour, Shell, Vehicle

router = APIRouter(tags=["garage"])


class VehicleFields(BaseModel):
    """What a person decides about a vehicle."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=100)
    sensors: list[Sensor] | None = Field(None, max_length=4)
    network: Network | None = None
    shell: Shell | None = None
    colour: Colour | None = None


@router.get("/vehicles")
def list_all(actor: Asker, here: Here) -> Page[Vehicle]:
    """One's vehicles, the built-in one last."""
    found = garage.list_vehicles(here.store, actor)
    return Page(items=found, total=len(found))


@router.post("/vehicles", status_code=201)
def build(wish: VehicleFields, actor: Asker, here: Here, key: Key = None) -> Vehicle:
    """Put a new vehicle into the garage."""
    fields = wish.model_dump(exclude_none=True)
    made = once(
        here.store, actor, key, wish, lambda: garage.build_vehicle(here.store, actor, fields)
    )
    return Vehicle.model_validate(made) if isinstance(made, dict) else made


@router.get("/vehicles/{vehicle_id}")
def view(vehicle_id: str, actor: Asker, here: Here, answer: Response) -> Vehicle:
    """One vehicle."""
    vehicle = garage.view_vehicle(here.store, actor, vehicle_id)
    tag(answer, vehicle)
    return vehicle


@router.patch("/vehicles/{vehicle_id}")
def mod(
    vehicle_id: str,
    wish: VehicleFields,
    actor: Asker,
    here: Here,
    answer: Response,
    if_match: IfMatch = None,
) -> Vehicle:
    """Change a vehicle; models made with it keep what they have."""
    changes, seen = wish.model_dump(exclude_none=True), seen_version(if_match)
    changed = garage.mod_vehicle(here.store, actor, vehicle_id, changes, seen=seen)
    tag(answer, changed)
    return changed


@router.delete("/vehicles/{vehicle_id}")
def scrap(vehicle_id: str, actor: Asker, here: Here) -> Done:
    """Delete a vehicle; models made with it keep what they have."""
    garage.scrap_vehicle(here.store, actor, vehicle_id)
    return Done()
