"""One's own account: registering, signing in and out, sessions, API tokens."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import Conflict, SignInNeeded, TooManyRequests
from racecraft.interfaces.rest.shared import Done, Page
from racecraft.interfaces.rest.who import (
    COOKIE,
    Asker,
    Here,
    Installation,
    refuse_other_sites,
    token_sent,
)
from racecraft.service.access import Scope
from racecraft.service.events.joining import arrive
from racecraft.service.people import api_tokens, registration, sessions, sign_in
from racecraft.service.people.api_tokens import ApiToken
from racecraft.service.people.person import Person, view_person
from racecraft.service.people.sessions import Session

_log = structlog.stdlib.get_logger("racecraft.accounts")
router = APIRouter(tags=["account"])
_Own = Annotated[None, Depends(refuse_other_sites)]
_Name = Annotated[str, Field(max_length=200)]
_Secret = Annotated[str, Field(max_length=1000)]


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Wish):
    """Name and password."""

    name: _Name
    password: _Secret


class Registration(_Wish):
    """What somebody new gives."""

    name: _Name
    password: _Secret | None = None
    """Without one the recovery code is the only way back in."""
    invitation: _Name | None = None


class Recovery(_Wish):
    """Name and recovery code."""

    name: _Name
    code: _Name
    new_password: _Secret | None = None


class PasswordChange(_Wish):
    """The old and the new password."""

    old: _Secret
    new: _Secret


class NewToken(_Wish):
    """What an API token is for."""

    name: _Name
    scopes: list[Scope] = Field(max_length=10)
    days: float | None = None


class Welcome(BaseModel):
    """Somebody who is in."""

    person: Person
    recovery_code: str | None = None
    """Shown this once: it lets them in again when the password is lost."""
    event_id: str | None = None
    """The event that they came into with its code."""


class MadeToken(BaseModel):
    """A new API token."""

    token: ApiToken
    secret: str
    """Shown this once: send it as `Authorization: Bearer …`."""


@router.post("/register", status_code=201)
def register(
    wish: Registration, here: Here, request: Request, answer: Response, _: _Own
) -> Welcome:
    """Become a racer."""
    _refuse_solo(here)
    new = registration.register(
        here.store,
        wish.name,
        password=wish.password,
        invitation=wish.invitation,
        browser=_browser(request),
        address=_address(request),
    )
    _let_in(request, answer, new.session)
    event_id = arrive(here.store, new.person.id, wish.invitation)
    return Welcome(person=new.person, recovery_code=new.recovery_code, event_id=event_id)


@router.post("/sign-in")
def sign_in_by_password(
    wish: SignIn, here: Here, request: Request, answer: Response, _: _Own
) -> Welcome:
    """Sign this browser in."""
    _refuse_solo(here)
    try:
        person, secret = sign_in.sign_in(
            here.store,
            wish.name,
            wish.password,
            address=_address(request),
            browser=_browser(request),
        )
    except (SignInNeeded, TooManyRequests):
        # Without the name: people type their password there by mistake.
        _log.warning("sign-in refused", address=_address(request))
        raise
    _log.info("signed in", person=person.id)
    _let_in(request, answer, secret)
    return Welcome(person=person)


@router.post("/recover")
def recover(wish: Recovery, here: Here, request: Request, answer: Response, _: _Own) -> Welcome:
    """Get back in with the recovery code; it is replaced by a new one."""
    _refuse_solo(here)
    person, secret, code = sign_in.recover(
        here.store,
        wish.name,
        wish.code,
        new_password=wish.new_password,
        address=_address(request),
        browser=_browser(request),
    )
    _let_in(request, answer, secret)
    return Welcome(person=person, recovery_code=code)


@router.post("/sign-out")
def sign_out(here: Here, request: Request, answer: Response, _: _Own) -> Done:
    """Sign this browser out."""
    sessions.close_session(here.store, request.cookies.get(COOKIE, ""))
    answer.delete_cookie(COOKIE)
    return Done()


@router.post("/password")
def change_password(
    wish: PasswordChange, actor: Asker, here: Here, request: Request, answer: Response
) -> Welcome:
    """Replace one's password; all other browsers are signed out."""
    _refuse_solo(here)
    sign_in.change_password(here.store, actor, wish.old, wish.new)
    person = view_person(here.store, actor, actor.person_id)
    with here.store.work() as work:
        secret = sessions.open_session(here.store, work, person, browser=_browser(request))
    _let_in(request, answer, secret)
    return Welcome(person=person)


@router.get("/me")
def who_am_i(actor: Asker, here: Here) -> Person:
    """Who is signed in."""
    return view_person(here.store, actor, actor.person_id)


@router.get("/sessions")
def list_sessions(actor: Asker, here: Here) -> Page[Session]:
    """Browsers that are signed in as oneself."""
    found = sessions.list_sessions(here.store, actor)
    return Page(items=found, total=len(found))


@router.delete("/sessions/{session_id}")
def revoke_session(session_id: str, actor: Asker, here: Here) -> Done:
    """Sign one of one's own browsers out."""
    sessions.revoke_session(here.store, actor, session_id)
    return Done()


@router.get("/tokens")
def list_tokens(actor: Asker, here: Here) -> Page[ApiToken]:
    """One's own API tokens."""
    found = api_tokens.list_tokens(here.store, actor)
    return Page(items=found, total=len(found))


@router.post("/tokens", status_code=201)
def make_token(wish: NewToken, actor: Asker, here: Here) -> MadeToken:
    """Make an API token."""
    token, secret = api_tokens.make_token(
        here.store, actor, wish.name, tuple(wish.scopes), days=wish.days
    )
    return MadeToken(token=token, secret=secret)


@router.delete("/tokens/current")
def revoke_current_token(actor: Asker, here: Here, request: Request) -> Done:
    """Make the API token that asks useless; every token may do this, whatever its scopes are."""
    _refuse_solo(here)
    api_tokens.revoke_itself(here.store, actor, token_sent(request))
    return Done()


@router.delete("/tokens/{token_id}")
def revoke_token(token_id: str, actor: Asker, here: Here) -> Done:
    """Make an API token useless."""
    api_tokens.revoke_token(here.store, actor, token_id)
    return Done()


def _refuse_solo(here: Installation) -> None:
    if not here.is_hosted:
        raise Conflict(
            "This installation has one person and no accounts; start it with `racecraft up "
            "--hosted` for several."
        )


def _let_in(request: Request, answer: Response, secret: str) -> None:
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=365 * 86_400,  # the session itself ends earlier
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _browser(request: Request) -> str:
    return request.headers.get("user-agent", "")
