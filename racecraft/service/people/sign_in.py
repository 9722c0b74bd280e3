"""Signing in, by password or recovery code, and not too often in a row."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from racecraft.domain.errors import SignInNeeded
from racecraft.service.access import Actor, Operation
from racecraft.service.people.attempts import WINDOW_S, attempt, forget, place_of
from racecraft.service.people.codes import hashed, new_code, tidied
from racecraft.service.people.credentials import (
    Credentials,
    credentials_of,
    set_credentials,
)
from racecraft.service.people.passwords import hash_password, is_password
from racecraft.service.people.person import Person, name_key
from racecraft.service.people.sessions import open_session, revoke_all

if TYPE_CHECKING:
    from racecraft.service.store import Store

__all__ = ["MOST_FAILURES", "WINDOW_S", "change_password", "recover", "sign_in"]

MOST_FAILURES = {"name": 8, "address": 40, "everywhere": 100}
"""Within the window: of a name from one address, of an address (a class behind one must still be
able to mistype), and of a name from anywhere, which is more than one address has: nobody can lock
somebody else out alone."""


def sign_in(
    store: Store, name: str, password: str, *, address: str = "", browser: str = ""
) -> tuple[Person, str]:
    """Sign a browser in with a password.

    Args:
        store: the records.
        name: racer name, in any capitals.
        password: theirs.
        address: where the request came from.
        browser: what the browser calls itself.

    Returns:
        The person, and the secret for the cookie.

    Raises:
        SignInNeeded: name and password do not fit.
        TooManyRequests: too many wrong ones in a row.
    """
    with _attempt(store, "name", name, address):
        person, kept = _known(store, name)
        if not is_password(kept.password_hash, password) or person is None:
            raise _refused("The racer name and the password do not fit.")
    forget(store, _subject("name", name, address))
    with store.work() as work:
        return person, open_session(store, work, person, browser=browser)


def recover(
    store: Store,
    name: str,
    code: str,
    *,
    new_password: str | None = None,
    address: str = "",
    browser: str = "",
) -> tuple[Person, str, str]:
    """Get back in with the recovery code, which is replaced by a new one.

    Returns:
        The person, the secret for the cookie, and the new recovery code.

    Raises:
        SignInNeeded: name and code do not fit.
        TooManyRequests: too many wrong ones in a row.
        InvalidInput: the new password is too short or too long.
    """
    update = {} if new_password is None else {"password_hash": hash_password(new_password)}
    with _attempt(store, "code", name, address):
        person, kept = _known(store, name)
        is_right = bool(kept.recovery_hash) and kept.recovery_hash == hashed(tidied(code))
        if person is None or not is_right:
            raise _refused("The racer name and the recovery code do not fit.")
    fresh = new_code()
    with store.work() as work:
        revoke_all(work, person.id)
        set_credentials(work, person.id, recovery_hash=hashed(fresh), **update)
        return person, open_session(store, work, person, browser=browser), fresh


def change_password(store: Store, actor: Actor, old: str, new: str) -> None:
    """Replace one's own password; all other browsers are signed out.

    Raises:
        Forbidden: the actor came with an API token that may not.
        SignInNeeded: the old password is wrong.
        TooManyRequests: too many wrong ones in a row.
        InvalidInput: the new one is too short or too long.
    """
    actor.demand(Operation.MANAGE_TOKENS, actor.person_id)
    fresh = hash_password(new)
    with store.look() as work:
        kept = credentials_of(work, work.get(Person, actor.person_id).id)
    with attempt(store, {f"old password {actor.person_id}": MOST_FAILURES["name"]}, advice=""):
        if kept.password_hash and not is_password(kept.password_hash, old):
            raise _refused("The old password is not right.")
    with store.work() as work:
        revoke_all(work, actor.person_id)
        set_credentials(work, actor.person_id, password_hash=fresh)


def _known(store: Store, name: str) -> tuple[Person | None, Credentials]:
    """Who this is, and their hashes; without any for who is not known or locked out."""
    with store.look() as work:
        person = work.first(Person, name_key=name_key(name))
        if person is None or not person.is_active:
            return None, Credentials()
        return person, credentials_of(work, person.id)


def _attempt(store: Store, kind: str, name: str, address: str) -> AbstractContextManager[None]:
    """An attempt with a password (`name`) or a recovery code (`code`), counted apart."""
    most = {_subject(kind, name, address): MOST_FAILURES["name"]}
    if address:
        most[f"{kind} {name_key(name)[:100]}"] = MOST_FAILURES["everywhere"]
        most[f"address {place_of(address)}"] = MOST_FAILURES["address"]
    advice = ", or use the recovery code" if kind == "name" else ""
    return attempt(store, most, advice=advice)


def _subject(kind: str, name: str, address: str) -> str:
    return f"{kind} {name_key(name)[:100]} from {place_of(address)}"


def _refused(sentence: str) -> SignInNeeded:
    return SignInNeeded(f"{sentence} Try again, or ask an admin to help you in.")
