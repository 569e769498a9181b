"""Alembic's entry: migrates over the connection that `migrate` hands in, inside its transaction."""

from __future__ import annotations

from alembic import context

from logwatch.pipeline.data.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=context.config.attributes["version_table"],
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
