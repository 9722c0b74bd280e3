"""Bring the tables of a database to the newest version."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from racecraft.domain.errors import StorageFailed

FOLDER = Path(__file__).parent / "migrations"
NEWEST = "0008"
"""The last of `migrations/versions`; a test compares."""
_LOCK = 7_223_017
"""Number of the lock under which one of several processes migrates a PostgreSQL database."""


def bring_up_to_date(engine: Engine) -> None:
    """Migrate the tables, if they are not of the newest version already.

    Raises:
        StorageFailed: the tables are from a newer version of the program.
    """
    with engine.connect() as connection:
        if stamp(connection) == NEWEST:
            return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = stamp(connection)
        if found == NEWEST:
            return
        if found is not None and found not in known_versions():
            raise StorageFailed(
                f"The database has tables of version {found}, which this program does not know; "
                "install the version of racecraft that it was used with last, or a newer one."
            )
        migrate(connection, NEWEST)


def stamp(connection: Connection) -> str | None:
    """Version of the tables in a database; None if it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("select version_num from alembic_version")).first()
    return None if row is None else str(row[0])


def migrate(connection: Connection, version: str) -> None:
    """Take the tables forward to a version, inside the connection's transaction."""
    # Loading alembic takes longer than most starts need anything of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


@cache
def known_versions() -> frozenset[str]:
    """All versions that the tables ever had."""
    return frozenset(file.name.split("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py"))
