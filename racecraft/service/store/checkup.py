"""How the database is, found out without changing anything about it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from racecraft.service.store.engine import DATABASE_FILE, failed, make_engine
from racecraft.service.store.upgrade import NEWEST, known_versions, stamp

if TYPE_CHECKING:
    from racecraft.service.settings import Settings


class Age(StrEnum):
    """How old the tables are, compared with the program."""

    NONE = "none"
    """There are none yet."""
    OLDER = "older"
    SAME = "same"
    NEWER = "newer"


@dataclass(frozen=True)
class Checkup:
    """What was found."""

    age: Age
    version: str = ""
    damage: str = ""
    """What the database says is broken; empty if nothing is."""
    ahead_s: float = 0.0
    """How far the clock of the database is ahead of this machine's; 0 for a file."""


def look_over(settings: Settings) -> Checkup:
    """Version, soundness and clock of the records.

    Raises:
        InvalidInput: the URL of the database cannot be used.
        StorageFailed: it cannot be reached or read.
    """
    file = settings.home / DATABASE_FILE
    if settings.database_url is None:
        try:
            if not file.exists() or file.stat().st_size == 0:
                return Checkup(Age.NONE)
        except OSError:  # nothing can be seen there; the look at the home folder tells
            return Checkup(Age.NONE)
    # Never makes a file, and takes its own journal away again (read-only, it could not).
    here = URL.create("sqlite", database=file.as_uri(), query={"mode": "rw", "uri": "true"})
    url = settings.database_url or here.render_as_string()
    engine = make_engine(url, only_looks=True)
    try:
        with engine.connect() as connection:
            return _look(connection)
    except SQLAlchemyError as error:
        raise failed(engine.url, error) from error
    finally:
        engine.dispose()


def _look(connection: Connection) -> Checkup:
    version = stamp(connection)
    if version is None:
        return Checkup(Age.NONE)
    if version not in known_versions():
        return Checkup(Age.NEWER, version)
    damage, ahead_s = "", 0.0
    if connection.dialect.name == "sqlite":
        told = str(connection.execute(text("pragma quick_check(1)")).scalar())
        damage = "" if told == "ok" else told.splitlines()[-1]
    else:
        ahead_s = (
            float(
                connection.execute(
                    text("select extract(epoch from clock_timestamp())")
                ).scalar_one()
            )
            - time.time()
        )
    return Checkup(Age.SAME if version == NEWEST else Age.OLDER, version, damage, ahead_s)
