"""Run by Alembic: applies revisions inside the caller's transaction. Has no offline mode and reads no ini file."""

from __future__ import annotations

from alembic import context

from assistant.records.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    compare_type=True,
)
context.run_migrations()
