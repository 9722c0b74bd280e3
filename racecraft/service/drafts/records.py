"""Drafts in the store: one a person and purpose, so that a reload or a restart loses nothing.

Two windows with the same draft do not overwrite each other: whoever writes says which version
they have seen, and is told when it is not the newest any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, ValidationError

from racecraft.domain.errors import Conflict
from racecraft.service.access import Actor, Operation
from racecraft.service.drafts.sheet import Sheet
from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.store import Store

CREATE = "create"
"""Purpose of the draft of a model from scratch; that of a clone is `clone-<id of the model>`."""
MOST = 50
"""Drafts of one person; the oldest goes first."""


class Draft(Record):
    """What somebody has typed."""

    TABLE: ClassVar[str] = "drafts"

    owner_id: str
    purpose: str
    sheet: dict[str, Any] = Field(default_factory=dict)

    def read(self) -> Sheet | None:
        """The sheet; None when it is from a version that had other fields."""
        try:
            return Sheet.model_validate(self.sheet)
        except ValidationError:
            return None


def open_draft(store: Store, actor: Actor, purpose: str) -> Draft | None:
    """The draft of the actor for a purpose, if there is one."""
    actor.demand(Operation.RUN_JOB, actor.person_id)
    with store.look() as work:
        return work.first(Draft, owner_id=actor.person_id, purpose=purpose)


def keep_draft(
    store: Store, actor: Actor, purpose: str, sheet: Sheet, *, seen: Draft | None
) -> Draft:
    """Write a draft down.

    Args:
        store: the records.
        actor: whose.
        purpose: `create`, or `clone-` and the id of a model.
        sheet: what stands in the form.
        seen: the draft as it was when the actor wrote or read it last; None if there was none.

    Raises:
        Conflict: it was changed, made or removed in another window since.
    """
    actor.demand(Operation.RUN_JOB, actor.person_id)
    plain = sheet.model_dump(mode="json")
    with store.work() as work:
        now = work.first(Draft, owner_id=actor.person_id, purpose=purpose)
        if (now and (now.id, now.version)) != (seen and (seen.id, seen.version)):
            raise Conflict(
                "This draft was changed in another window; choose which of the two goes on."
            )
        if now is not None:
            return work.put(now.model_copy(update={"sheet": plain}))
        oldest = work.find(Draft, owner_id=actor.person_id)
        for each in oldest[: max(len(oldest) - MOST + 1, 0)]:
            work.remove(Draft, id=each.id)
        return work.add(
            Draft(
                created_at_s=store.now_s(), owner_id=actor.person_id, purpose=purpose, sheet=plain
            )
        )


def drop_draft(store: Store, actor: Actor, purpose: str) -> None:
    """Remove a draft, if it is there."""
    with store.work() as work:
        work.remove(Draft, owner_id=actor.person_id, purpose=purpose)
