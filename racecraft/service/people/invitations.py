"""Invitations: a code, as a link or to be typed, with an end and a head count."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from racecraft.domain.errors import Forbidden, InvalidInput, NotFound
from racecraft.service.access import Actor, Operation, Role
from racecraft.service.people.codes import new_code, tidied
from racecraft.service.quota_limits import Limits
from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

MOST_HEADS = 10_000


class Invitation(Record):
    """Lets some people register."""

    TABLE: ClassVar[str] = "invitations"

    code: str
    made_by: str
    role: Role = Role.RACER
    heads: int = 1
    """How many people it lets in."""
    used: int = 0
    expires_at_s: float | None = None
    starts_at_s: float = 0.0
    """Before that it lets nobody in."""
    note: str = ""
    event_id: str = ""
    """The event that it belongs to, which changes it along with itself."""
    racer_name_pattern: str = ""
    """Rule for the names of those whom it lets in; the installation's when empty."""
    racer_name_hint: str = ""
    limits: Limits | None = None
    """Their quota; the installation's when None."""

    def is_open(self, now_s: float) -> bool:
        """Whether it lets anybody else in."""
        is_late = self.expires_at_s is not None and self.expires_at_s <= now_s
        return self.used < self.heads and not is_late and self.starts_at_s <= now_s


def invite(
    store: Store,
    actor: Actor,
    *,
    role: Role = Role.RACER,
    heads: int = 1,
    hours: float | None = 24 * 7,
    note: str = "",
) -> Invitation:
    """Make an invitation.

    Raises:
        Forbidden: the person may not invite, or not into this role.
        InvalidInput: the head count or the time does not fit.
    """
    actor.demand(Operation.INVITE)
    if role is not Role.RACER and not actor.may(Operation.SET_ROLE):
        raise Forbidden(
            f"Only an admin may invite somebody as {role.value.lower()}; invite a racer."
        )
    if not 1 <= heads <= MOST_HEADS:
        raise InvalidInput(f"The invitation is for {heads} people; use 1 to {MOST_HEADS}.")
    if hours is not None and not 0 < hours <= 24 * 365:
        raise InvalidInput(f"The invitation is for {hours:g} hours; use up to 8760, or no end.")
    now_s = store.now_s()
    with store.work() as work:
        return work.add(
            Invitation(
                created_at_s=now_s,
                code=new_code(3),
                made_by=actor.person_id,
                role=role,
                heads=heads,
                expires_at_s=None if hours is None else now_s + hours * 3600.0,
                note=note[:200],
            )
        )


def list_invitations(store: Store, actor: Actor) -> list[Invitation]:
    """The invitations that the actor could have made, newest first.

    A code is as good as the role that it gives, so organisers see those of racers only.

    Raises:
        Forbidden: the person may not invite.
    """
    actor.demand(Operation.INVITE)
    with store.look() as work:
        found = work.find(Invitation, order="-created_at_s")
    return [each for each in found if each.role is Role.RACER or actor.may(Operation.SET_ROLE)]


def revoke_invitation(store: Store, actor: Actor, invitation_id: str) -> None:
    """Let nobody else in by an invitation.

    Raises:
        Forbidden: the person may not invite.
        NotFound: there is no such invitation.
    """
    if invitation_id not in {each.id for each in list_invitations(store, actor)}:
        raise NotFound(f"There is no invitation {invitation_id!r}; it may be revoked already.")
    with store.work() as work:
        work.remove(Invitation, id=invitation_id)


def open_invitation(store: Store, work: Work, code: str) -> Invitation:
    """The invitation of a code.

    Raises:
        InvalidInput: there is none with this code, or it lets nobody in any more.
    """
    invitation = work.first(Invitation, code=tidied(code))
    if invitation is None or not invitation.is_open(store.now_s()):
        raise InvalidInput(
            f"The invitation {code!r} is not known, not open yet, used up or over; ask who gave it "
            "to you."
        )
    return invitation


def use_invitation(store: Store, work: Work, code: str) -> Invitation:
    """Take one place of an invitation.

    Raises:
        InvalidInput: there is none with this code, or it lets nobody in any more.
    """
    invitation = open_invitation(store, work, code)
    return work.put(invitation.model_copy(update={"used": invitation.used + 1}))
