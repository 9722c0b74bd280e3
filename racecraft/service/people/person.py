"""People and their profiles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import regex
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.service.access import Actor, Operation, Role
from racecraft.service.instance import Instance, read_instance
from racecraft.service.quota_limits import Limits
from racecraft.service.store import Contains, Record

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

LOCAL_PERSON = "local"
"""Id of the one person of an installation without sign-in."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}[A-Za-z0-9])\Z")
_RULE_S = 0.2
"""How long an organiser's rule for names may take."""
_COUNTRY = re.compile(r"(?:[A-Z]{2})?\Z")


class Avatar(BaseModel):
    """What a racer looks like; the words are those of the avatar editor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    skin_tone: str = Field("medium", max_length=32)
    head: str = Field("helmet", max_length=32)
    eyes: str = Field("open", max_length=32)
    eyebrows: str = Field("straight", max_length=32)
    mouth: str = Field("smile", max_length=32)
    clothing: str = Field("overall", max_length=32)


class Person(Record):
    """Somebody with models of their own."""

    TABLE: ClassVar[str] = "people"

    name: str
    """Racer name: unique whatever the capitals, and never changed once chosen."""
    name_key: str
    role: Role = Role.RACER
    is_active: bool = True
    has_chosen_name: bool = True
    has_samples: bool = False
    """Whether they were given the sample models."""
    country: str = ""
    email: str = ""
    avatar: Avatar = Avatar()
    limits: Limits = Limits()

    @property
    def actor(self) -> Actor:
        """This person with all their rights."""
        return Actor(self.id, self.role)


def name_key(name: str) -> str:
    """What two racer names must not have in common."""
    return name.casefold()


def refuse_name(instance: Instance, name: str) -> None:
    """Stop here unless a racer may have this name.

    Raises:
        InvalidInput: they may not.
    """
    if not _NAME.match(name):
        raise InvalidInput(
            f"The racer name is {name!r}; use 2 to 40 letters, digits, hyphens and underscores, "
            "with a letter or digit at both ends."
        )
    refuse_unruly(instance.racer_name_pattern, instance.racer_name_hint, name)


def refuse_unruly(pattern: str, hint: str, name: str) -> None:
    """Stop here unless a name follows an organiser's rule.

    Raises:
        InvalidInput: it does not.
    """
    if pattern and not _follows(pattern, name):
        told = hint or f"it must match {pattern}"
        raise InvalidInput(f"The racer name {name!r} does not follow the rule here: {told}")


def _follows(pattern: str, name: str) -> bool:
    """Whether a name matches the rule of an organiser, who may have written an endless one."""
    try:
        return regex.fullmatch(pattern, name, timeout=_RULE_S) is not None
    except TimeoutError:
        return False


def person_now(work: Work, person_id: str) -> Person:
    """The person of an id.

    Raises:
        NotFound: there is none.
    """
    return work.get(Person, person_id)


def local_actor(store: Store) -> Actor:
    """The one person of an installation without sign-in, made on the first call."""
    with store.look() as work:
        found = work.first(Person, id=LOCAL_PERSON)
    if found is None:
        person = Person(
            id=LOCAL_PERSON,
            created_at_s=store.now_s(),
            name="racer",
            name_key=name_key("racer"),
            role=Role.ADMIN,
            has_chosen_name=False,
        )
        with store.work() as work:
            found = work.first(Person, id=LOCAL_PERSON) or work.add(person)
    return found.actor


def view_person(store: Store, actor: Actor, person_id: str) -> Person:
    """Somebody's profile, without what only they need to know.

    Raises:
        NotFound: there is nobody with this id.
    """
    actor.demand(Operation.VIEW_PROFILE, person_id)
    with store.look() as work:
        person = person_now(work, person_id)
    return person if actor.may(Operation.EDIT_PROFILE, person_id) else _public(person)


def search_people(store: Store, actor: Actor, text: str = "", *, limit: int = 50) -> list[Person]:
    """People whose name holds a text, by name.

    Raises:
        Forbidden: the person may not look for others.
    """
    actor.demand(Operation.SEARCH_PEOPLE)
    with store.look() as work:
        found = work.find(Person, order="name_key", limit=limit, name_key=Contains(text.casefold()))
    is_admin = actor.role is Role.ADMIN
    return found if is_admin else [_public(person) for person in found]


def edit_profile(
    store: Store,
    actor: Actor,
    person_id: str,
    changes: dict[str, Any],
    *,
    seen: int | None = None,
) -> Person:
    """Change name (once), country, e-mail address or avatar.

    Args:
        store: the records.
        actor: who asks.
        person_id: whose profile.
        changes: the new name, country, email or avatar.
        seen: the version that the actor has seen; None when any will do.

    Raises:
        Forbidden: it is somebody else's profile.
        InvalidInput: a value does not fit.
        Conflict: the name is taken, or was chosen before, or the profile is not what was seen.
    """
    actor.demand(Operation.EDIT_PROFILE, person_id)
    unknown = set(changes) - {"name", "country", "email", "avatar"}
    if unknown:
        raise InvalidInput(
            f"A profile has no {sorted(unknown)[0]!r} to change; change its name, country, email "
            "or avatar."
        )
    with store.work() as work:
        person = person_now(work, person_id)
        person.refuse_unseen(seen)
        update: dict[str, Any] = {}
        if changes.get("name", person.name) != person.name:
            update |= _new_name(read_instance(work), person, changes["name"])
        if "country" in changes:
            update["country"] = _country(changes["country"])
        if "email" in changes:
            update["email"] = _email(changes["email"])
        if "avatar" in changes:
            update["avatar"] = Avatar.model_validate(changes["avatar"])
        return work.put(person.model_copy(update=update))


def _new_name(instance: Instance, person: Person, name: str) -> dict[str, Any]:
    if person.has_chosen_name:
        raise Conflict(
            f"Your racer name is {person.name!r} and stays so, because leaderboards know you by it."
        )
    refuse_name(instance, name)
    return {"name": name, "name_key": name_key(name), "has_chosen_name": True}


def _country(country: str) -> str:
    if not _COUNTRY.match(country):
        raise InvalidInput(
            f"The country is {country!r}; give its two letters, such as DE, or nothing."
        )
    return country


def _email(email: str) -> str:
    is_usable = len(email) <= 254 and email.count("@") == 1 and not re.search(r"\s", email)
    if email and not is_usable:
        raise InvalidInput(f"The e-mail address is {email!r}; write name@host, or nothing.")
    return email


def _public(person: Person) -> Person:
    """Without address and limits."""
    return person.model_copy(update={"email": "", "limits": Limits()})
