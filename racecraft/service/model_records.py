"""The record of a model: whose it is, what it is called, how far it is.

What the model is and has learnt lies in its folder; the record is how it is found.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from racecraft.service.store import Record


class ModelState(StrEnum):
    """What a model is when no job is under way."""

    CREATED = "CREATED"
    """Nothing learnt yet."""
    READY = "READY"
    """It can be evaluated, raced, cloned and downloaded."""
    ERROR = "ERROR"


class Model(Record):
    """One model of a person."""

    TABLE: ClassVar[str] = "models"

    owner_id: str
    name: str
    state: ModelState = ModelState.CREATED
    size_bytes: int = 0
    """Of its folder, when a job last ended."""
    deleted_at_s: float | None = None
    """Since when it can only be put back, until it is gone for good."""

    description: str = ""
    tags: tuple[str, ...] = ()
    algorithm: str = "PPO"
    sensors: tuple[str, ...] = ()
    network: str = ""
    tracks: tuple[str, ...] = ()
    vehicle_name: str = ""
    shell: str = "classic"
    colour: str = "black"
    """Of the vehicle as it was when the model was made."""
    parent_id: str = ""
    """The model whose weights it began with."""
    was_imported: bool = False
    is_sample: bool = False
    """Trained by us, and given to everybody to begin with."""
    problem: str = ""
    """Why the state is ERROR."""
