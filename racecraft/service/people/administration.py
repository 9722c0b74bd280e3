"""What admins do with people: roles, quotas, locking out, deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.service.access import Actor, Operation, Role
from racecraft.service.documents import sentences
from racecraft.service.people.api_tokens import ApiToken
from racecraft.service.people.codes import hashed, new_code
from racecraft.service.people.credentials import Credentials, set_credentials
from racecraft.service.people.person import LOCAL_PERSON, Person, person_now
from racecraft.service.people.sessions import revoke_all
from racecraft.service.quota_limits import Limits

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work


def set_role(store: Store, actor: Actor, person_id: str, role: Role) -> Person:
    """Give a person another role.

    Raises:
        Forbidden: only an admin may.
        NotFound: there is nobody with this id.
        Conflict: they are the last admin.
    """
    actor.demand(Operation.SET_ROLE, person_id)
    with store.work() as work:
        work.alone("admins")
        person = person_now(work, person_id)
        if role is not Role.ADMIN:
            _refuse_last_admin(work, person)
        return work.put(person.model_copy(update={"role": role}))


def set_limits(store: Store, actor: Actor, person_id: str, limits: dict[str, Any]) -> Person:
    """Give a person other quotas.

    Raises:
        Forbidden: only an admin may.
        NotFound: there is nobody with this id.
        InvalidInput: a value does not fit.
    """
    actor.demand(Operation.SET_QUOTA, person_id)
    try:
        checked = Limits.model_validate(limits)
    except ValidationError as error:
        raise InvalidInput(sentences(Limits, error)) from error
    with store.work() as work:
        person = person_now(work, person_id)
        return work.put(person.model_copy(update={"limits": checked}))


def set_active(store: Store, actor: Actor, person_id: str, *, is_active: bool) -> Person:
    """Lock a person out, or let them in again; what they have stays.

    Raises:
        Forbidden: only an admin may.
        NotFound: there is nobody with this id.
        Conflict: they are the last admin.
    """
    actor.demand(Operation.SET_ROLE, person_id)
    with store.work() as work:
        work.alone("admins")
        person = person_now(work, person_id)
        if not is_active:
            _refuse_last_admin(work, person)
            revoke_all(work, person_id)
        return work.put(person.model_copy(update={"is_active": is_active}))


def renew_recovery_code(store: Store, actor: Actor, person_id: str) -> str:
    """A new recovery code for somebody who lost theirs; the old one is worth nothing any more.

    Raises:
        Forbidden: it is somebody else, and the actor no admin.
        NotFound: there is nobody with this id.
    """
    actor.demand(Operation.RENEW_RECOVERY, person_id)
    code = new_code()
    with store.work() as work:
        set_credentials(work, person_now(work, person_id).id, recovery_hash=hashed(code))
    return code


def forget_person(work: Work, person: Person) -> None:
    """Take away a person and their keys; what they own must be gone already.

    Raises:
        Conflict: they are the last admin.
    """
    work.alone("admins")
    _refuse_last_admin(work, person)
    revoke_all(work, person.id)
    work.remove(ApiToken, person_id=person.id)
    work.remove(Credentials, id=person.id)
    work.remove(Person, id=person.id)


def _refuse_last_admin(work: Work, person: Person) -> None:
    if person.role is not Role.ADMIN:
        return
    admins = {each.id for each in work.find(Person, role=Role.ADMIN, is_active=True)}
    # Nobody can sign in as the one person of an installation without accounts.
    if not admins - {person.id, LOCAL_PERSON}:
        raise Conflict(f"{person.name} is the only admin here; make somebody else an admin first.")
