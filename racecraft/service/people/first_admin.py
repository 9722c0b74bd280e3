"""The first admin of an installation, let in by a code that is told where it was started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.service.access import Role
from racecraft.service.people.codes import new_code
from racecraft.service.people.invitations import Invitation
from racecraft.service.people.registration import has_admin

if TYPE_CHECKING:
    from racecraft.service.store import Store

_NOTE = "first admin"
_DAY_S = 86_400.0


def invite_first_admin(store: Store) -> str | None:
    """A code with which one person becomes admin; None when there is an admin already.

    Codes of earlier starts are worth nothing any more.
    """
    if has_admin(store):
        return None
    now_s = store.now_s()
    with store.work() as work:
        work.alone("admins")
        for old in work.find(Invitation):
            if old.note == _NOTE:
                work.remove(Invitation, id=old.id)
        made = Invitation(
            created_at_s=now_s,
            code=new_code(3),
            made_by="",
            role=Role.ADMIN,
            expires_at_s=now_s + _DAY_S,
            note=_NOTE,
        )
        return work.add(made).code
