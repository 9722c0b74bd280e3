"""Community races, who is in them, and what was submitted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Take the tables one version forward."""
    _create(
        "races",
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
    )
    op.create_index("ix_races_owner_id", "races", ["owner_id"])
    _create(
        "entrants",
        sa.Column("race_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
    )
    op.create_index("ix_entrants_person_id", "entrants", ["person_id"])
    op.create_index(
        "uq_entrants_race_id_person_id", "entrants", ["race_id", "person_id"], unique=True
    )
    _create(
        "submissions",
        sa.Column("race_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
    )
    op.create_index("ix_submissions_race_id_person_id", "submissions", ["race_id", "person_id"])


_UNIQUE = {"races": "link", "submissions": "job_id"}


def _create(name: str, *columns: sa.Column) -> None:  # type: ignore[type-arg]
    unique = _UNIQUE.get(name)
    constraints = [sa.UniqueConstraint(unique, name=f"uq_{name}_{unique}")] if unique else []
    op.create_table(
        name,
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at_s", sa.Float(), nullable=False),
        *columns,
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        *constraints,
    )
