"""Signing in, by password or recovery code, and not too often in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from racecraft.domain.errors import SignInNeeded, TooManyRequests
from racecraft.service.people.codes import hashed, new_code, tidied
from racecraft.service.people.credentials import (
    Credentials,
    credentials_of,
    set_credentials,
)
from racecraft.service.people.passwords import hash_password, is_password
from racecraft.service.people.person import Person, name_key
from racecraft.service.people.sessions import open_session, revoke_all
from racecraft.service.store import Below, Record

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.store import Store

WINDOW_S = 900.0
MOST_FAILURES = {"name": 8, "address": 40}
"""Within the window; a class behind one address must still be able to mistype."""


class SignInFailure(Record):
    """Somebody who could not sign in, by the name tried and by the address they came from."""

    TABLE: ClassVar[str] = "sign_in_failures"

    subject: str


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
    person, kept = _known(store, name, address)
    if not is_password(kept.password_hash, password) or person is None:
        raise _refused(store, name, address, "The racer name and the password do not fit.")
    return _let_in(store, person, browser)


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
    person, kept = _known(store, name, address)
    is_right = bool(kept.recovery_hash) and kept.recovery_hash == hashed(tidied(code))
    if person is None or not is_right:
        raise _refused(store, name, address, "The racer name and the recovery code do not fit.")
    fresh = new_code()
    update = {"recovery_hash": hashed(fresh)}
    if new_password is not None:
        update["password_hash"] = hash_password(new_password)
    with store.work() as work:
        revoke_all(work, person.id)
        set_credentials(work, person.id, **update)
        return person, open_session(store, work, person, browser=browser), fresh


def change_password(store: Store, actor: Actor, old: str, new: str) -> None:
    """Replace one's own password; all other browsers are signed out.

    Raises:
        SignInNeeded: the old password is wrong.
        TooManyRequests: too many wrong ones in a row.
        InvalidInput: the new one is too short or too long.
    """
    with store.look() as work:
        person = work.get(Person, actor.person_id)
        kept = credentials_of(work, person.id)
    _refuse_too_many(store, person.name, "")
    if kept.password_hash and not is_password(kept.password_hash, old):
        raise _refused(store, person.name, "", "The old password is not right.")
    fresh = hash_password(new)
    with store.work() as work:
        revoke_all(work, person.id)
        set_credentials(work, person.id, password_hash=fresh)


def _known(store: Store, name: str, address: str) -> tuple[Person | None, Credentials]:
    """Who this is, and their hashes; without any for who is not known or locked out."""
    _refuse_too_many(store, name, address)
    with store.look() as work:
        person = work.first(Person, name_key=name_key(name))
        if person is None or not person.is_active:
            return None, Credentials()
        return person, credentials_of(work, person.id)


def _let_in(store: Store, person: Person, browser: str) -> tuple[Person, str]:
    with store.work() as work:
        work.remove(SignInFailure, subject=f"name {person.name_key}")
        return person, open_session(store, work, person, browser=browser)


def _refuse_too_many(store: Store, name: str, address: str) -> None:
    begin_s = store.now_s() - WINDOW_S
    for kind, subject in _subjects(name, address).items():
        with store.look() as work:
            failures = work.find(SignInFailure, subject=subject)
        recent = [each.created_at_s for each in failures if each.created_at_s > begin_s]
        if len(recent) >= MOST_FAILURES[kind]:
            wait_s = recent[-MOST_FAILURES[kind]] + WINDOW_S - store.now_s()
            raise TooManyRequests(
                f"That was wrong {len(recent)} times; wait {max(wait_s / 60, 1):.0f} minutes and "
                "try again, or use the recovery code.",
                wait_s=wait_s,
            )


def _refused(store: Store, name: str, address: str, sentence: str) -> SignInNeeded:
    now_s = store.now_s()
    with store.work() as work:
        work.remove(SignInFailure, created_at_s=Below(now_s - WINDOW_S))
        for subject in _subjects(name, address).values():
            work.add(SignInFailure(subject=subject, created_at_s=now_s))
    return SignInNeeded(f"{sentence} Try again, or ask an admin to help you in.")


def _subjects(name: str, address: str) -> dict[str, str]:
    subjects = {"name": f"name {name_key(name)[:100]}"}
    return subjects | ({"address": f"address {address[:100]}"} if address else {})
