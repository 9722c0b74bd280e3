"""One database by its URL, ready to be worked with."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from racecraft.domain.errors import InvalidInput, StorageFailed
from racecraft.service.files import storage
from racecraft.service.store.work import Work

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

DATABASE_FILE = "racecraft.db"
WRITES = "racecraft_writes"
"""Option of a connection: whether it will write."""
_BUSY_MS = 10_000
"""How long a writer of SQLite waits for the one before it."""
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    f"busy_timeout={_BUSY_MS}",
    "foreign_keys=ON",
)


class Store:
    """The records; safe to share between threads, and between processes by their own stores."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self.now_s = clock
        """Seconds since 1970."""

    @contextmanager
    def work(self) -> Iterator[Work]:
        """One transaction: everything inside happens, or nothing.

        Raises:
            StorageFailed: the database cannot be reached or written.
        """
        with self._connected(writes=True) as connection, connection.begin():
            yield Work(connection)

    @contextmanager
    def look(self) -> Iterator[Work]:
        """Read only; sees one state of the records and keeps no writer waiting.

        Raises:
            StorageFailed: the database cannot be reached.
        """
        with self._connected(writes=False) as connection, connection.begin():
            yield Work(connection)

    @cached_property
    def database(self) -> str:
        """What keeps the records, and its version."""
        with self._connected(writes=False) as connection:
            name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.dialect.name]
            numbers = connection.dialect.server_version_info or ()
        return f"{name} {'.'.join(str(number) for number in numbers)}"

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def _connected(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection.execution_options(**{WRITES: writes})
        except DataError as error:
            raise InvalidInput(
                "Something in the request cannot be kept, such as the character NUL in a text; "
                "leave it out."
            ) from error
        except OperationalError as error:
            raise failed(self.engine.url, error) from error


def open_store(settings: Settings, *, clock: Callable[[], float] = time.time) -> Store:
    """The records of an installation, with its tables brought up to date.

    Args:
        settings: where the database is.
        clock: gives seconds since 1970.

    Raises:
        InvalidInput: the URL of the database names no kind of database that is known.
        StorageFailed: it cannot be reached, or is from a newer version of the program.
    """
    from racecraft.service.store.upgrade import bring_up_to_date

    engine = make_engine(url_of(settings))
    try:
        bring_up_to_date(engine)
    except SQLAlchemyError as error:
        raise failed(engine.url, error) from error
    return Store(engine, clock)


def make_engine(url: str, *, only_looks: bool = False) -> Engine:
    """Connections to a database.

    Args:
        url: which.
        only_looks: nothing about a SQLite file is set up.

    Raises:
        InvalidInput: the URL cannot be used.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ArgumentError
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise InvalidInput(
            f"The database URL is {url!r}; write postgresql://user:password@host/name with the "
            "extra racecraft[postgres] installed, or leave it out for a file in the home folder."
        ) from error
    if parsed.get_backend_name() == "sqlite" and not only_looks:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def url_of(settings: Settings) -> str:
    """Where the records of an installation are."""
    return settings.database_url or local_url(settings.home)


def local_url(home: Path) -> str:
    """Of the records in a home folder, which is there afterwards."""
    with storage(home):
        home.mkdir(parents=True, exist_ok=True)
    return URL.create("sqlite", database=str(home / DATABASE_FILE)).render_as_string()


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # The driver would begin transactions by itself, and late; ours are begun below.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers queue at the beginning: one that read first could not be let in later."""
    writes = connection.get_execution_options().get(WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def failed(url: URL, error: SQLAlchemyError) -> StorageFailed:
    """The sentence for what a database says."""
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    return StorageFailed(
        f"The database {url.render_as_string(hide_password=True)} could not be used: {cause}. "
        "Check that it is running, that the disk has room and that its folder may be written."
    )
