"""People: profiles, search, what admins do, invitations."""

from __future__ import annotations

import io
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import NotFound
from racecraft.interfaces.rest.shared import (
    Done,
    IfMatch,
    KeptAnswer,
    Page,
    seen_version,
    tag,
)
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service import leaving
from racecraft.service.access import Role
from racecraft.service.jobs.quotas import Usage, view_usage
from racecraft.service.people import administration, invitations
from racecraft.service.people.invitations import Invitation
from racecraft.service.people.person import Avatar, Person, edit_profile, search_people, view_person
from racecraft.service.quota_limits import Limits

router = APIRouter(tags=["people"])


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProfileChange(_Wish):
    """What of a profile is to change."""

    name: str | None = Field(None, max_length=200)
    country: str | None = Field(None, max_length=2)
    email: str | None = Field(None, max_length=254)
    avatar: Avatar | None = None


class RoleChange(_Wish):
    """The new role."""

    role: Role


class ActiveChange(_Wish):
    """Whether they may sign in."""

    is_active: bool


class NewInvitation(_Wish):
    """Whom an invitation lets in."""

    role: Role = Role.RACER
    heads: int = 1
    hours: float | None = 24 * 7
    note: str = Field("", max_length=200)


class RecoveryCode(BaseModel):
    """A new recovery code."""

    recovery_code: str


@router.get("/people")
def search(actor: Asker, here: Here, text: str = "", limit: int = 50) -> Page[Person]:
    """People whose name holds a text; for organisers and admins."""
    found = search_people(here.store, actor, text[:100], limit=min(max(limit, 1), 500))
    return Page(items=found, total=len(found))


@router.get("/people/{person_id}")
def view(person_id: str, actor: Asker, here: Here, answer: Response) -> Person:
    """A profile."""
    person = view_person(here.store, actor, person_id)
    tag(answer, person)
    return person


@router.patch("/people/{person_id}")
def change(
    person_id: str,
    wish: ProfileChange,
    actor: Asker,
    here: Here,
    answer: Response,
    if_match: IfMatch = None,
) -> Person:
    """Change a profile; the racer name can be chosen once."""
    changes, seen = wish.model_dump(exclude_none=True), seen_version(if_match)
    person = edit_profile(here.store, actor, person_id, changes, seen=seen)
    tag(answer, person)
    return person


class LeftAnswer(BaseModel):
    """What went with a person."""

    name: str
    models: int
    vehicles: int
    jobs: int
    """That waited or ran, and were ended."""


@router.delete("/people/{person_id}")
def delete(
    person_id: str,
    actor: Asker,
    here: Here,
    name: Annotated[str, Query(max_length=200, description="their racer name, to be sure")],
) -> LeftAnswer:
    """Delete a person with their models, vehicles and jobs, for good; oneself, or for admins."""
    left = leaving.delete_person(here.store, here.settings, actor, person_id, name=name)
    with here.store.work() as work:
        work.remove(KeptAnswer, person_id=person_id)
    return LeftAnswer(**vars(left))


@router.put("/people/{person_id}/role")
def set_role(person_id: str, wish: RoleChange, actor: Asker, here: Here) -> Person:
    """Give a person another role."""
    return administration.set_role(here.store, actor, person_id, wish.role)


@router.put("/people/{person_id}/active")
def set_active(person_id: str, wish: ActiveChange, actor: Asker, here: Here) -> Person:
    """Lock a person out, or let them in again."""
    return administration.set_active(here.store, actor, person_id, is_active=wish.is_active)


@router.put("/people/{person_id}/limits")
def set_limits(person_id: str, wish: Limits, actor: Asker, here: Here) -> Person:
    """Give a person other quotas."""
    limits: dict[str, Any] = wish.model_dump()
    return administration.set_limits(here.store, actor, person_id, limits)


@router.post("/people/{person_id}/recovery-code")
def renew_code(person_id: str, actor: Asker, here: Here) -> RecoveryCode:
    """Make a new recovery code; the old one is worth nothing any more."""
    code = administration.renew_recovery_code(here.store, actor, person_id)
    return RecoveryCode(recovery_code=code)


@router.get("/people/{person_id}/usage")
def usage(person_id: str, actor: Asker, here: Here) -> Usage:
    """What a person has used of their quotas."""
    return view_usage(here.store, actor, person_id)


@router.get("/invitations")
def list_all(actor: Asker, here: Here) -> Page[Invitation]:
    """All invitations."""
    found = invitations.list_invitations(here.store, actor)
    return Page(items=found, total=len(found))


@router.post("/invitations", status_code=201)
def invite(wish: NewInvitation, actor: Asker, here: Here) -> Invitation:
    """Make an invitation."""
    return invitations.invite(
        here.store, actor, role=wish.role, heads=wish.heads, hours=wish.hours, note=wish.note
    )


@router.delete("/invitations/{invitation_id}")
def revoke(invitation_id: str, actor: Asker, here: Here) -> Done:
    """Let nobody else in by an invitation."""
    invitations.revoke_invitation(here.store, actor, invitation_id)
    return Done()


@router.get(
    "/invitations/{invitation_id}/qr",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}, "description": "A QR picture."}},
)
def qr(invitation_id: str, actor: Asker, here: Here, url: str) -> Response:
    """The link of an invitation as a QR picture.

    `url` is where people register; the code is put behind it.
    """
    import segno

    found = [i for i in invitations.list_invitations(here.store, actor) if i.id == invitation_id]
    if not found:
        raise NotFound(f"There is no invitation {invitation_id!r}.")
    picture = io.BytesIO()
    link = f"{url[:500]}#{found[0].code}"
    segno.make(link, micro=False).save(picture, kind="svg", scale=8, border=2)
    return Response(picture.getvalue(), media_type="image/svg+xml")
