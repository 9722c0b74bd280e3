"""One transaction on the records.

Rules of a search: a plain value must be equal, None must be missing, a list or tuple holds what
is allowed, and `Above`, `Below` and `Contains` say what their names say.
"""

from __future__ import annotations

import enum
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, text
from sqlalchemy.exc import IntegrityError

from racecraft.domain.errors import Conflict, NotFound
from racecraft.service.store.record import Record
from racecraft.service.store.tables import TABLES

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Above:
    """Larger than a value."""

    value: float | str


@dataclass(frozen=True)
class Below:
    """Smaller than a value; never what is missing."""

    value: float | str


@dataclass(frozen=True)
class Contains:
    """A text somewhere in the column, in capitals or not."""

    text: str


class Work:
    """What can be done inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, record: R) -> R:
        """Keep a new record.

        Raises:
            Conflict: something in it that must be unique is taken.
        """
        table = TABLES[record.TABLE]
        # A savepoint, so that the caller may catch the conflict and go on.
        try:
            with self._connection.begin_nested():
                self._connection.execute(table.insert().values(_row(record, table)))
        except IntegrityError as error:
            raise _taken(record) from error
        return record

    def get(self, kind: type[R], record_id: str) -> R:
        """The record of an id.

        Raises:
            NotFound: there is none.
        """
        found = self.first(kind, id=record_id)
        if found is None:
            raise NotFound(f"There is no {kind.__name__.lower()} with the id {record_id!r}.")
        return found

    def first(self, kind: type[R], **where: Any) -> R | None:
        """The oldest record that fits, or None."""
        found = self.find(kind, limit=1, **where)
        return found[0] if found else None

    def find(
        self,
        kind: type[R],
        *,
        order: str = "created_at_s",
        limit: int | None = None,
        offset: int = 0,
        **where: Any,
    ) -> list[R]:
        """All records that fit.

        Args:
            kind: which records.
            order: a column, with a minus sign before it for descending; then the id.
            limit: at most so many.
            offset: leave out so many at the beginning.
            **where: column and what it must be.
        """
        table = TABLES[kind.TABLE]
        column, is_down = table.c[order.removeprefix("-")], order.startswith("-")
        ends = (column.desc(), table.c.id.desc()) if is_down else (column, table.c.id)
        query = _filtered(select(table), table, where).order_by(*ends)
        rows = self._connection.execute(query.limit(limit).offset(offset)).mappings()
        return [_record(kind, dict(row)) for row in rows]

    def count(self, kind: type[Record], **where: Any) -> int:
        """How many records fit."""
        table = TABLES[kind.TABLE]
        query = _filtered(select(func.count()).select_from(table), table, where)
        return int(self._connection.execute(query).scalar_one())

    def total(self, kind: type[Record], column: str, **where: Any) -> float:
        """Sum of a column over the records that fit; 0 without any."""
        table = TABLES[kind.TABLE]
        query = _filtered(select(func.coalesce(func.sum(table.c[column]), 0)), table, where)
        return float(self._connection.execute(query).scalar_one())

    def totals(self, kind: type[Record], column: str, *, by: str, **where: Any) -> dict[str, float]:
        """`total` for each value of the column `by`."""
        table = TABLES[kind.TABLE]
        return self._grouped(table, func.sum(table.c[column]), by, where)

    def counts(self, kind: type[Record], *, by: str, **where: Any) -> dict[str, int]:
        """`count` for each value of the column `by`."""
        found = self._grouped(TABLES[kind.TABLE], func.count(), by, where)
        return {value: int(count) for value, count in found.items()}

    def put(self, record: R) -> R:
        """Write a record that was read before and changed since.

        Returns:
            The record with its new version.

        Raises:
            Conflict: somebody else wrote or removed it in the meantime, or something in it that
                must be unique is taken.
        """
        table = TABLES[record.TABLE]
        newer = record.model_copy(update={"version": record.version + 1})
        is_same = (table.c.id == record.id) & (table.c.version == record.version)
        try:
            with self._connection.begin_nested():
                change = table.update().where(is_same).values(_row(newer, table))
                written = self._connection.execute(change).rowcount
        except IntegrityError as error:
            raise _taken(record) from error
        if written != 1:
            raise Conflict(
                f"This {type(record).__name__.lower()} was changed by somebody else at the same "
                "time; look at it again and repeat what you wanted to do."
            )
        return newer

    def remove(self, kind: type[Record], **where: Any) -> int:
        """Remove all records that fit; gives how many there were."""
        table = TABLES[kind.TABLE]
        conditions = _conditions(table, where)
        return int(self._connection.execute(table.delete().where(*conditions)).rowcount)

    def _grouped(
        self, table: Table, what: ColumnElement[Any], by: str, where: dict[str, Any]
    ) -> dict[str, float]:
        query = _filtered(select(table.c[by], what), table, where).group_by(table.c[by])
        return {str(value): float(found) for value, found in self._connection.execute(query)}

    def alone(self, errand: str) -> None:
        """Wait until no other transaction is on this errand, to the end of this one.

        SQLite has one writer at a time anyway.
        """
        if self._connection.dialect.name == "postgresql":
            key = zlib.crc32(errand.encode())
            self._connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})


def _filtered(query: Select[Any], table: Table, where: dict[str, Any]) -> Select[Any]:
    return query.where(*_conditions(table, where))


def _conditions(table: Table, where: dict[str, Any]) -> list[ColumnElement[bool]]:
    return [_condition(table.c[name], wanted) for name, wanted in where.items()]


def _condition(column: ColumnElement[Any], wanted: Any) -> ColumnElement[bool]:
    if wanted is None:
        return column.is_(None)
    if isinstance(wanted, Above):
        return column > wanted.value
    if isinstance(wanted, Below):
        return column < wanted.value
    if isinstance(wanted, Contains):
        return func.lower(column).contains(wanted.text.lower(), autoescape=True)
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return column.in_([_plain(each) for each in wanted])
    is_equal: ColumnElement[bool] = column == _plain(wanted)
    return is_equal


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value


def _row(record: Record, table: Table) -> dict[str, Any]:
    """Columns and, for what has none, the document."""
    names = [column.name for column in table.columns if column.name != "document"]
    document = record.model_dump(mode="json", exclude=set(names))
    return {name: _plain(getattr(record, name)) for name in names} | {"document": document}


def _record(kind: type[R], row: dict[str, Any]) -> R:
    document = row.pop("document")
    stored = {name: value for name, value in row.items() if name in kind.model_fields}
    return kind.model_validate({**document, **stored})


def _taken(record: Record) -> Conflict:
    return Conflict(
        f"There is a {type(record).__name__.lower()} like this already; choose another name."
    )
