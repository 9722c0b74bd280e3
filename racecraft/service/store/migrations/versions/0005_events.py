"""Events, who is in them, and seasons; races of before drive with the same grip as before."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Take the tables one version forward."""
    _create(
        "events",
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.UniqueConstraint("link", name="uq_events_link"),
    )
    op.create_index("ix_events_owner_id", "events", ["owner_id"])
    _create(
        "attendants",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
    )
    op.create_index("ix_attendants_person_id", "attendants", ["person_id"])
    op.create_index(
        "uq_attendants_event_id_person_id", "attendants", ["event_id", "person_id"], unique=True
    )
    _create(
        "seasons",
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
    )
    op.create_index("ix_seasons_owner_id", "seasons", ["owner_id"])
    _keep_grip()


def _keep_grip() -> None:
    races = sa.table("races", sa.column("id", sa.String), sa.column("document", sa.JSON))
    connection = op.get_bind()
    for race_id, kept in connection.execute(sa.select(races.c.id, races.c.document)).all():
        document = json.loads(kept) if isinstance(kept, str) else dict(kept)
        rules = {**document.get("rules", {}), "grip_jitter": 0.0}
        changed = races.update().where(races.c.id == race_id)
        connection.execute(changed.values(document={**document, "rules": rules}))


def _create(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at_s", sa.Float(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
