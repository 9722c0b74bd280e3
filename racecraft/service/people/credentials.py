"""What somebody signs in with, apart from the profile so that no page can show it by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.store import Work


class Credentials(Record):
    """Hashes; the id is the person's."""

    TABLE: ClassVar[str] = "credentials"

    password_hash: str = ""
    recovery_hash: str = ""


def credentials_of(work: Work, person_id: str) -> Credentials:
    """What a person signs in with; without anything if they have nothing yet."""
    return work.first(Credentials, id=person_id) or Credentials(id=person_id)


def set_credentials(work: Work, person_id: str, **hashes: str) -> None:
    """Replace some of the hashes of a person."""
    kept = work.first(Credentials, id=person_id)
    if kept is None:
        work.add(Credentials(id=person_id, **hashes))  # type: ignore[arg-type]
    else:
        work.put(kept.model_copy(update=hashes))
