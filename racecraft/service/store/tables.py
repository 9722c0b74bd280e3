"""The tables: the columns by which records are found, and the document with the rest.

A column that is not in a record's class cannot be here: a test compares them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    text,
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMES)

_ACTIVE = text("status in ('QUEUED', 'INITIALIZING', 'IN_PROGRESS', 'STOPPING')")
_LIVE = text("deleted_at_s is null")


def _table(name: str, *columns: Any) -> Table:
    return Table(
        name,
        METADATA,
        Column("id", String(64), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("created_at_s", Float, nullable=False),
        *columns,
        Column("document", JSON, nullable=False),
    )


def _text(name: str, size: int = 64, **how: Any) -> Column[str]:
    return Column(name, String(size), nullable=how.pop("nullable", False), **how)


def _where(condition: Any) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


_table(
    "people",
    _text("name_key", unique=True),
    _text("role", 16),
    Column("is_active", Boolean, nullable=False),
)
_table("credentials")
_table(
    "sessions",
    _text("person_id", index=True),
    Column("expires_at_s", Float, nullable=False, index=True),
)
_table("api_tokens", _text("person_id", index=True))
_table("invitations", _text("code", unique=True))
_table(
    "sign_in_failures",
    _text("subject", 200, index=True),
)
_table(
    "vehicles",
    _text("owner_id"),
    _text("name_key"),
    Index("uq_vehicles_owner_id_name_key", "owner_id", "name_key", unique=True),
)
_table(
    "models",
    _text("owner_id", index=True),
    _text("name"),
    _text("state", 16),
    Column("size_bytes", BigInteger, nullable=False),
    Column("deleted_at_s", Float),
    Index("uq_models_owner_id_name", "owner_id", "name", unique=True, **_where(_LIVE)),
)
_table(
    "log_uploads",
    _text("owner_id", index=True),
    Column("size_bytes", BigInteger, nullable=False),
)
_table(
    "jobs",
    _text("owner_id", index=True),
    _text("model_id", index=True),
    _text("kind", 16),
    _text("status", 16, index=True),
    Column("lease_until_s", Float),
    # However many processes ask at the same time, a model never has two jobs under way.
    Index("uq_jobs_active_model_id", "model_id", unique=True, **_where(_ACTIVE)),
)
_table("leases")
_table(
    "charges",
    _text("owner_id"),
    _text("month", 7),
    _text("job_id", unique=True),
    Column("compute_s", Float, nullable=False),
    Index("ix_charges_owner_id_month", "owner_id", "month"),
)
_table(
    "races",
    _text("owner_id", index=True),
    _text("link", unique=True),
)
_table(
    "entrants",
    _text("race_id"),
    _text("person_id", index=True),
    Index("uq_entrants_race_id_person_id", "race_id", "person_id", unique=True),
)
_table(
    "submissions",
    _text("race_id"),
    _text("person_id"),
    _text("job_id", unique=True),
    Index("ix_submissions_race_id_person_id", "race_id", "person_id"),
)
_table(
    "screens",
    _text("race_id", unique=True),
    _text("code", unique=True),
)
_table(
    "shows",
    Column("is_on", Boolean, nullable=False),
)
_table(
    "heats",
    _text("race_id", index=True),
    _text("status", 16),
)
_table(
    "events",
    _text("owner_id", index=True),
    _text("link", unique=True),
)
_table(
    "attendants",
    _text("event_id"),
    _text("person_id", index=True),
    Index("uq_attendants_event_id_person_id", "event_id", "person_id", unique=True),
)
_table("seasons", _text("owner_id", index=True))
_table(
    "drafts",
    _text("owner_id"),
    _text("purpose", 80),
    Index("uq_drafts_owner_id_purpose", "owner_id", "purpose", unique=True),
)
_table("nodes", Column("seen_at_s", Float, nullable=False))
_table("worker_tokens")
_table("learners")
_table("settings")
_table("answers", _text("person_id"))

TABLES: dict[str, Table] = dict(METADATA.tables)
