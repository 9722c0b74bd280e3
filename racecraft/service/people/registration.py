"""Becoming a racer: with a password, or at an event by walking up with a name alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, Forbidden
from racecraft.service.access import Role
from racecraft.service.instance import Registration, read_instance
from racecraft.service.people.attempts import attempt, count_visit, place_of
from racecraft.service.people.codes import hashed, new_code
from racecraft.service.people.credentials import set_credentials
from racecraft.service.people.invitations import open_invitation, use_invitation
from racecraft.service.people.passwords import hash_password
from racecraft.service.people.person import LOCAL_PERSON, Person, name_key, refuse_name
from racecraft.service.people.sessions import open_session

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

MOST_REFUSED, MOST_JOINING = 40, 200
"""Within a quarter of an hour from one address: wrong invitations, and new people without one (an
event may stand behind one address)."""


@dataclass(frozen=True)
class Welcome:
    """Somebody new."""

    person: Person
    session: str
    """Secret for the cookie of their browser."""
    recovery_code: str
    """To be written down: shown this once, it lets them in again."""


def register(
    store: Store,
    name: str,
    *,
    password: str | None = None,
    invitation: str | None = None,
    browser: str = "",
    address: str = "",
) -> Welcome:
    """Make a new person and sign them in.

    Args:
        store: the records.
        name: the racer name.
        password: for later; without one the recovery code is the only way back in.
        invitation: the code of one, where registration needs it.
        browser: what the browser calls itself.
        address: where the request came from.

    Raises:
        TooManyRequests: too many wrong invitations, or too many new people, from one address.
        Forbidden: nobody can register, or an invitation is needed.
        InvalidInput: the name, the password or the invitation does not fit.
        Conflict: the name is taken.
    """
    place = place_of(address)
    with (
        attempt(store, {f"invitation from {place}": MOST_REFUSED}, advice=""),
        store.look() as work,
    ):
        _role(store, work, invitation)  # before a password costs time
    if invitation is None and address:
        count_visit(store, f"joining from {place}", MOST_JOINING)
    kept = hash_password(password) if password is not None else ""
    code = new_code()
    with store.work() as work:
        instance = read_instance(work)
        role = _role(store, work, invitation)
        used = None if invitation is None else use_invitation(store, work, invitation)
        if used is not None and used.racer_name_pattern:
            rule = {name: getattr(used, name) for name in ("racer_name_pattern", "racer_name_hint")}
            instance = instance.model_copy(update=rule)
        refuse_name(instance, name)
        if work.first(Person, name_key=name_key(name)) is not None:
            raise Conflict(f"There is a racer {name!r} already; choose another name.")
        person = work.add(
            Person(
                created_at_s=store.now_s(),
                name=name,
                name_key=name_key(name),
                role=role,
                limits=(used.limits if used else None) or instance.new_person,
            )
        )
        set_credentials(work, person.id, password_hash=kept, recovery_hash=hashed(code))
        return Welcome(person, open_session(store, work, person, browser=browser), code)


def _role(store: Store, work: Work, invitation: str | None) -> Role:
    """What somebody becomes who registers now."""
    if invitation is not None:
        return open_invitation(store, work, invitation).role
    registration = read_instance(work).registration
    if registration is Registration.OPEN:
        return Role.RACER
    if registration is Registration.CLOSED:
        raise Forbidden("Nobody can register here at the moment; ask an admin for an invitation.")
    raise Forbidden("You need an invitation to register here; ask an organiser for a link or code.")


def has_admin(store: Store) -> bool:
    """Whether anybody can sign in here as an admin."""
    with store.look() as work:
        admins = work.find(Person, role=Role.ADMIN, is_active=True)
    return any(admin.id != LOCAL_PERSON for admin in admins)
