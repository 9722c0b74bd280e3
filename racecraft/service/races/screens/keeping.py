"""What the organiser of a race does with its big screen."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from racecraft.domain.errors import InvalidInput, NotFound
from racecraft.service.documents import sentences
from racecraft.service.files import storage, write_bytes
from racecraft.service.people.codes import new_code
from racecraft.service.races.arranging import managed_race
from racecraft.service.races.live.stage import has_show
from racecraft.service.races.race import race_in_sight
from racecraft.service.races.screens.pictures import safe_png
from racecraft.service.races.screens.record import Screen

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.access import Actor
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

FIELDS = frozenset({"accent", "background", "headline", "invites", "address"})
"""What an organiser decides about a screen."""


def open_screen(store: Store, actor: Actor, race_id: str) -> Screen:
    """Make the public link of a race's big screen, or a new one; an old one leads nowhere.

    Raises:
        NotFound: there is no such race.
        Forbidden: it is somebody else's.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        work.alone(f"screen {race.id}")
        found = work.first(Screen, race_id=race.id)
        if found is not None:
            return work.put(found.model_copy(update={"code": new_code()}))
        return work.add(Screen(race_id=race.id, code=new_code(), created_at_s=store.now_s()))


def view_screen(store: Store, actor: Actor, race_id: str) -> Screen:
    """The screen of a race, with its link.

    Raises:
        NotFound: there is no such race, or it has no screen.
        Forbidden: it is somebody else's.
    """
    found = find_screen(store, actor, race_id)
    if found is None:
        raise NotFound("This race has no big screen yet; make one.")
    return found


def find_screen(store: Store, actor: Actor, race_id: str) -> Screen | None:
    """`view_screen`, or None where there is none yet."""
    race = managed_race(store, actor, race_id)
    with store.look() as work:
        return work.first(Screen, race_id=race.id)


def watching_code(store: Store, actor: Actor, race_id: str) -> str:
    """Where whoever may see a race with a live show watches it; nothing without a show.

    Raises:
        NotFound: there is no such race, or the actor may not see it.
    """
    with store.look() as work:
        race = race_in_sight(work, actor, race_id)
        found = work.first(Screen, race_id=race.id)
        is_live = has_show(work, race)
    if found is not None or not is_live:
        return found.code if found is not None else ""
    with store.work() as work:
        work.alone(f"screen {race.id}")
        there = work.first(Screen, race_id=race.id)
        made = there or work.add(
            Screen(race_id=race.id, code=new_code(), created_at_s=store.now_s())
        )
        return made.code


def change_screen(store: Store, actor: Actor, race_id: str, changes: dict[str, Any]) -> Screen:
    """Change colours, headline or invitation of a screen.

    Raises:
        NotFound, Forbidden: as for `view_screen`.
        InvalidInput: a value does not fit.
    """
    unknown = set(changes) - FIELDS
    if unknown:
        raise InvalidInput(
            f"A screen has no {sorted(unknown)[0]!r}; give {', '.join(sorted(FIELDS))}."
        )
    screen = view_screen(store, actor, race_id)
    try:
        changed = Screen.model_validate({**screen.model_dump(), **changes})
    except ValidationError as error:
        raise InvalidInput(sentences(Screen, error)) from error
    with store.work() as work:
        return work.put(changed)


def close_screen(store: Store, settings: Settings, actor: Actor, race_id: str) -> None:
    """Switch the screen off: its link leads nowhere, its picture is gone.

    Raises:
        NotFound, Forbidden: as for `view_screen`.
    """
    screen = view_screen(store, actor, race_id)
    with store.work() as work:
        work.remove(Screen, id=screen.id)
    shutil.rmtree(_folder(settings, race_id), ignore_errors=True)


def keep_logo(store: Store, settings: Settings, actor: Actor, race_id: str, data: bytes) -> Screen:
    """Show an organiser's picture; nothing of the file itself is kept.

    Args:
        store: the records.
        settings: where the picture is kept.
        actor: who asks.
        race_id: whose screen.
        data: a PNG or JPEG file; nothing takes the picture away.

    Raises:
        NotFound, Forbidden: as for `view_screen`.
        InvalidInput: this is no picture, or too large a one.
        StorageFailed: it cannot be written.
    """
    screen = view_screen(store, actor, race_id)
    digest = ""
    if data:
        picture = safe_png(data)
        digest = hashlib.sha256(picture).hexdigest()
        folder = _folder(settings, race_id)
        with storage(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / f"{digest}.png", picture)
    with store.work() as work:
        kept = work.put(screen.model_copy(update={"logo": digest}))
    if screen.logo and screen.logo != digest:
        _logo_file(settings, screen).unlink(missing_ok=True)
    return kept


def logo_of(settings: Settings, screen: Screen) -> bytes:
    """The organiser's picture as a PNG file.

    Raises:
        NotFound: there is none.
        StorageFailed: it cannot be read.
    """
    file = _logo_file(settings, screen)
    if not screen.logo or not file.is_file():
        raise NotFound("This screen has no picture of its own.")
    with storage(file):
        return file.read_bytes()


def _logo_file(settings: Settings, screen: Screen) -> Path:
    return _folder(settings, screen.race_id) / f"{screen.logo}.png"


def _folder(settings: Settings, race_id: str) -> Path:
    return settings.home / "screens" / race_id
