"""API tokens: keys for programs of a person, each with what it may be used for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from racecraft.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInNeeded
from racecraft.service.access import Actor, Operation, Role, Scope
from racecraft.service.people.codes import hashed, new_secret
from racecraft.service.people.person import Person
from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.store import Store

PREFIX = "racecraft"
MOST = 50
"""Tokens of one person."""
_DAY_S = 86_400.0


class ApiToken(Record):
    """A key; the id is the hash of what the program shows."""

    TABLE: ClassVar[str] = "api_tokens"

    person_id: str
    name: str
    scopes: tuple[Scope, ...]
    expires_at_s: float | None = None


def make_token(
    store: Store,
    actor: Actor,
    name: str,
    scopes: tuple[Scope, ...],
    *,
    days: float | None = None,
) -> tuple[ApiToken, str]:
    """Make a key for a program.

    Returns:
        The record, and the secret, which is shown this once.

    Raises:
        Forbidden: the scopes go further than those of who asks.
        InvalidInput: name, scopes or days do not fit, or there are too many keys.
    """
    actor.demand(Operation.MANAGE_TOKENS, actor.person_id)
    if not 1 <= len(name.strip()) <= 64:
        raise InvalidInput(f"The name of the token is {name!r}; use 1 to 64 characters.")
    if not scopes:
        raise InvalidInput("The token has no scope; give it read, write or admin.")
    if Scope.ADMIN in scopes and actor.role is Role.RACER:
        raise InvalidInput("The scope admin is for organisers and admins; use read and write.")
    if not set(scopes) <= actor.scopes:
        raise Forbidden(
            "This API token may not make one that may do more than itself; sign in to make it."
        )
    if days is not None and not 0 < days <= 3650:
        raise InvalidInput(f"The token would live for {days:g} days; use up to 3650, or no end.")
    secret, now_s = new_secret(PREFIX), store.now_s()
    token = ApiToken(
        id=hashed(secret),
        created_at_s=now_s,
        person_id=actor.person_id,
        name=name.strip(),
        scopes=tuple(sorted(set(scopes))),
        expires_at_s=None if days is None else now_s + days * _DAY_S,
    )
    with store.work() as work:
        if work.count(ApiToken, person_id=actor.person_id) >= MOST:
            raise InvalidInput(f"You have {MOST} tokens already; revoke one you do not need.")
        work.add(token)
    return token, secret


def actor_of_token(store: Store, secret: str) -> Actor:
    """Whose key this is, and what it may do.

    Raises:
        SignInNeeded: nobody's: unknown, revoked or expired, or the person is locked out.
    """
    with store.look() as work:
        token = work.first(ApiToken, id=hashed(secret))
        person = work.first(Person, id=token.person_id) if token else None
    if token is None or person is None or not person.is_active:
        raise SignInNeeded("This API token is not known here; make a new one.")
    if token.expires_at_s is not None and token.expires_at_s <= store.now_s():
        raise SignInNeeded(f"The API token {token.name!r} has expired; make a new one.")
    return Actor(person.id, person.role, frozenset(token.scopes))


def list_tokens(store: Store, actor: Actor) -> list[ApiToken]:
    """The actor's own keys, newest first."""
    actor.demand(Operation.MANAGE_TOKENS, actor.person_id)
    with store.look() as work:
        return work.find(ApiToken, order="-created_at_s", person_id=actor.person_id)


def revoke_token(store: Store, actor: Actor, token_id: str) -> None:
    """Make one of the actor's own keys useless.

    Raises:
        NotFound: they have no such key.
    """
    actor.demand(Operation.MANAGE_TOKENS, actor.person_id)
    with store.work() as work:
        if not work.remove(ApiToken, id=token_id, person_id=actor.person_id):
            raise NotFound(f"You have no API token {token_id!r}; it may be revoked already.")


def revoke_itself(store: Store, actor: Actor, secret: str | None) -> None:
    """Make the key with which somebody asks useless; no scope is needed to give rights up.

    Args:
        store: the records.
        actor: who asks.
        secret: what they showed; None if they came without a key.

    Raises:
        Conflict: they came without one.
        SignInNeeded: it is revoked already.
    """
    if secret is None:
        raise Conflict("No API token was sent, so there is none to revoke; sign out instead.")
    with store.work() as work:
        if not work.remove(ApiToken, id=hashed(secret), person_id=actor.person_id):
            raise SignInNeeded("This API token is not known here; it may be revoked already.")
