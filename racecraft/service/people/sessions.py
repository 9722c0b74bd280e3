"""Sessions: browsers that are signed in, until they expire or are revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from racecraft.domain.errors import NotFound, SignInNeeded
from racecraft.service.access import Actor, Operation
from racecraft.service.instance import read_instance
from racecraft.service.people.codes import hashed, new_secret
from racecraft.service.people.person import Person
from racecraft.service.store import Below, Record

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

_DAY_S = 86_400.0


class Session(Record):
    """A browser that is signed in; the id is the hash of what its cookie holds."""

    TABLE: ClassVar[str] = "sessions"

    person_id: str
    expires_at_s: float
    browser: str = ""
    """What it called itself, so that its owner recognises it."""


def open_session(store: Store, work: Work, person: Person, *, browser: str = "") -> str:
    """Sign a browser in.

    Returns:
        The secret for its cookie; it is not kept anywhere else.
    """
    now_s = store.now_s()
    work.remove(Session, expires_at_s=Below(now_s))
    secret = new_secret("session")
    days = read_instance(work).session_days
    work.add(
        Session(
            id=hashed(secret),
            created_at_s=now_s,
            person_id=person.id,
            expires_at_s=now_s + days * _DAY_S,
            browser=browser[:200],
        )
    )
    return secret


def actor_of_session(store: Store, secret: str) -> Actor:
    """Who is signed in with a cookie.

    Raises:
        SignInNeeded: nobody: it is unknown, revoked or expired, or the person is locked out.
    """
    with store.look() as work:
        session = work.first(Session, id=hashed(secret))
        person = work.first(Person, id=session.person_id) if session else None
    is_good = session is not None and session.expires_at_s > store.now_s()
    if not is_good or person is None or not person.is_active:
        raise SignInNeeded("You are not signed in any more; sign in again.")
    return person.actor


def list_sessions(store: Store, actor: Actor) -> list[Session]:
    """The actor's own sessions, newest first."""
    actor.demand(Operation.MANAGE_TOKENS, actor.person_id)
    with store.look() as work:
        return work.find(Session, order="-created_at_s", person_id=actor.person_id)


def close_session(store: Store, secret: str) -> None:
    """Sign a browser out; nothing happens if it is not signed in."""
    with store.work() as work:
        work.remove(Session, id=hashed(secret))


def revoke_session(store: Store, actor: Actor, session_id: str) -> None:
    """Sign one of the actor's own browsers out.

    Raises:
        NotFound: they have no such session.
    """
    actor.demand(Operation.MANAGE_TOKENS, actor.person_id)
    with store.work() as work:
        if not work.remove(Session, id=session_id, person_id=actor.person_id):
            raise NotFound(f"You have no session {session_id!r}; it may have ended already.")


def revoke_all(work: Work, person_id: str) -> None:
    """Sign a person out everywhere."""
    work.remove(Session, person_id=person_id)
