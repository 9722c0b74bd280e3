"""Where alembic starts: the connection is the one that `upgrade.migrate` hands over."""

from alembic import context

from racecraft.service.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
