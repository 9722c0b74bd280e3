"""What an admin sets for the whole installation, kept with the records."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import regex
from pydantic import AfterValidator, Field, ValidationError

from racecraft.domain.errors import InvalidInput
from racecraft.service.access import Actor, Operation
from racecraft.service.documents import sentences
from racecraft.service.quota_limits import Limits
from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

_ID = "instance"
_NAMING = {"racer_name_pattern", "racer_name_hint"}


def _compiles(pattern: str) -> str:
    try:
        regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"This is no regular expression: {error}.") from error
    return pattern


NamePattern = Annotated[str, AfterValidator(_compiles)]
"""A rule that racer names must match; empty for none."""


class Registration(StrEnum):
    """Who can become a racer here."""

    OPEN = "OPEN"
    INVITATION = "INVITATION"
    """Who has an invitation link or code."""
    CLOSED = "CLOSED"


class Instance(Record):
    """The settings of an installation."""

    TABLE: ClassVar[str] = "settings"

    name: str = Field("racecraft", min_length=1, max_length=64, description="shown on every page")
    registration: Registration = Field(
        Registration.INVITATION, description="who may register: everybody, the invited, nobody"
    )
    racer_name_pattern: NamePattern = Field(
        "", max_length=200, description="regular expression that new racer names must match"
    )
    racer_name_hint: str = Field(
        "", max_length=200, description="the rule in words, told to who breaks it"
    )
    session_days: int = Field(30, ge=1, le=365, description="days until one must sign in again")
    new_person: Limits = Field(Limits(), description="quota of a new person")
    whole: Limits = Field(Limits(), description="quota of all people together")


def read_instance(work: Work) -> Instance:
    """The settings now; the defaults if nobody set any."""
    return work.first(Instance, id=_ID) or Instance(id=_ID, created_at_s=0.0)


def change_instance(store: Store, actor: Actor, changes: dict[str, Any]) -> Instance:
    """Change some settings.

    Raises:
        Forbidden: the person may not; an organiser may only set the rule for names.
        InvalidInput: a value does not fit.
        Conflict: somebody else changed them at the same time.
    """
    is_naming = bool(changes) and set(changes) <= _NAMING
    actor.demand(Operation.EDIT_NAMING if is_naming else Operation.EDIT_SETTINGS)
    odd = set(changes) - (set(Instance.model_fields) - set(Record.model_fields))
    if odd:
        raise InvalidInput(f"The settings have no {sorted(odd)[0]!r}; leave it out.")
    with store.work() as work:
        now = work.first(Instance, id=_ID)
        kept = now or work.add(Instance(id=_ID, created_at_s=store.now_s()))
        try:
            fields = {**kept.model_dump(), **changes, "id": _ID, "version": kept.version}
            return work.put(Instance.model_validate(fields))
        except ValidationError as error:
            raise InvalidInput(sentences(Instance, error)) from error
