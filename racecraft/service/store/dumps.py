"""All records out of a database, and into one: for backups, and for moving to another database.

A table is written as lines of JSON in the order of the ids, one way of writing each row, so that
two databases hold the same records exactly when the digests of their tables are the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, MetaData, Table, func, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from racecraft.domain.errors import Conflict, StorageFailed
from racecraft.service.store.engine import WRITES, Store, failed, make_engine
from racecraft.service.store.tables import METADATA, TABLES
from racecraft.service.store.upgrade import NEWEST, known_versions, migrate
from racecraft.service.store.work import Work

_BATCH = 500
"""Rows that are in memory at a time."""
_LOCK_S = 10
"""How long to wait for others who use a table of the database that is filled."""
_PORT = 5432
"""Of PostgreSQL, where a URL names none."""
_VERSIONS = "alembic_version"
Lines = Callable[[str], Iterable[bytes]]
"""Gives the lines of a table, by its name."""


class TableSum(BaseModel):
    """What a table holds, in short."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(max_length=64)
    rows: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Moment:
    """The records as they are at one moment, while others go on writing."""

    connection: Connection

    @property
    def work(self) -> Work:
        """To find records as usual."""
        return Work(self.connection)

    @property
    def database(self) -> str:
        """What they are in: sqlite or postgresql."""
        return self.connection.dialect.name

    def lines(self, name: str) -> Iterator[bytes]:
        """The rows of a table, each as one line."""
        return lines_of(self.connection, TABLES[name])

    def sums(self) -> tuple[TableSum, ...]:
        """Count and digest of every table."""
        return tuple(sum_of(name, self.lines(name)) for name in TABLES)


@contextmanager
def one_moment(store: Store) -> Iterator[Moment]:
    """See the records as they are now, for as long as the block lasts.

    Raises:
        StorageFailed: the database cannot be reached.
    """
    try:
        with store.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.execution_options(**{WRITES: False}).begin():
                yield Moment(connection)
    except OperationalError as error:
        raise failed(store.engine.url, error) from error


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows of a table, each as one line."""
    ids = table.c.id.collate("C") if connection.dialect.name == "postgresql" else table.c.id
    rows = connection.execute(
        select(table).order_by(ids), execution_options={"yield_per": _BATCH}
    ).mappings()
    for row in rows:
        yield _line(dict(row))


def sum_of(name: str, lines: Iterable[bytes]) -> TableSum:
    """Count and digest of the lines of a table."""
    digest, rows = hashlib.sha256(), 0
    for line in lines:
        digest.update(line)
        rows += 1
    return TableSum(name=name, rows=rows, sha256=digest.hexdigest())


def refuse_filled(connection: Connection) -> None:
    """Stop here if a database has records.

    Raises:
        Conflict: it has.
    """
    there = set(inspect(connection).get_table_names())
    for name in sorted(there & set(TABLES)):
        rows = connection.execute(select(func.count()).select_from(TABLES[name])).scalar_one()
        if rows:
            place = connection.engine.url.render_as_string(hide_password=True)
            raise Conflict(
                f"The database {place} has records already ({rows} in the table {name}); name an "
                "empty one, or add --replace to lose what is in it."
            )


@contextmanager
def filled(
    url: str, version: str, sums: Iterable[TableSum], lines: Lines, *, replaces: bool
) -> Iterator[None]:
    """Put all records into a database; they are there for good when the block ends well.

    The tables are made as they were in `version`, filled, compared with the digests, and only then
    brought to the newest version; all in one transaction.

    Args:
        url: of the database.
        version: of the tables that the records are from.
        sums: what each table has to hold.
        lines: gives the rows.
        replaces: lose what is in the database, instead of refusing to.

    Raises:
        Conflict: the database has records.
        StorageFailed: it cannot be used, the records are from a newer program, or what arrived is
            not what was sent.
    """
    if version not in known_versions():
        raise StorageFailed(
            f"The records are of version {version}, which this program does not know (its own is "
            f"{NEWEST}); install the version of racecraft that wrote them, or a newer one."
        )
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"set local lock_timeout = '{_LOCK_S}s'"))
            if not replaces:
                refuse_filled(connection)
            _make_anew(connection, version)
            tables = MetaData()
            tables.reflect(connection)
            for wanted in sums:
                _fill(connection, tables.tables[wanted.name], lines(wanted.name), wanted)
            if version != NEWEST:
                migrate(connection, NEWEST)
            yield
    except OperationalError as error:
        raise failed(engine.url, error) from error
    finally:
        engine.dispose()


def copy_records(store: Store, url: str, *, replaces: bool) -> tuple[TableSum, ...]:
    """Put all records of a store into another database, and compare the two.

    Returns:
        What each table holds, in the one as in the other.

    Raises:
        Conflict: it is the same database; or as in `filled`.
        StorageFailed: as in `filled`.
    """
    _refuse_same(store, url)
    with one_moment(store) as source:
        sums = source.sums()
        with filled(url, NEWEST, sums, source.lines, replaces=replaces):
            pass
    return sums


def _refuse_same(store: Store, url: str) -> None:
    engine = make_engine(url)
    engine.dispose()
    if _place(engine.url) == _place(store.engine.url):
        raise Conflict(
            f"The database {engine.url.render_as_string(hide_password=True)} is the one that the "
            "records are in; name another one."
        )


def _place(url: URL) -> tuple[object, ...]:
    """What two URLs of one database have in common, whoever signs in by them."""
    database = url.database or url.query.get("dbname")
    if url.get_backend_name() == "sqlite":
        return (os.path.realpath(str(database)),)
    return url.host or url.query.get("host"), url.port or _PORT, database or url.username


def _make_anew(connection: Connection, version: str) -> None:
    METADATA.drop_all(connection)
    connection.execute(text(f"drop table if exists {_VERSIONS}"))
    migrate(connection, version)


def _fill(connection: Connection, table: Table, lines: Iterable[bytes], wanted: TableSum) -> None:
    waiting = iter(lines)
    while batch := [json.loads(line) for line in islice(waiting, _BATCH)]:
        connection.execute(table.insert(), batch)
    found = sum_of(table.name, lines_of(connection, table))
    if found != wanted:
        raise StorageFailed(
            f"The table {table.name} does not hold what it should: {found.rows} rows with the "
            f"digest {found.sha256[:12]}…, not {wanted.rows} with {wanted.sha256[:12]}…. Nothing "
            "was changed; try again, and from another backup if it happens again."
        )


def _line(row: dict[str, Any]) -> bytes:
    plain = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return plain.encode() + b"\n"
