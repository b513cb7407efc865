"""Whose a conversation is and what it is called; choices of an answer and whether another replaced it; the reason of
a rating."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("owner", sa.String(64), nullable=False, server_default=""))
    op.add_column("conversations", sa.Column("title", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_conversations_owner", "conversations", ["owner"])
    op.add_column("answers", sa.Column("choices", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("answers", sa.Column("replaced", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("feedback", sa.Column("reason", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("feedback", "reason")
    op.drop_column("answers", "replaced")
    op.drop_column("answers", "choices")
    op.drop_index("ix_conversations_owner", "conversations")
    op.drop_column("conversations", "title")
    op.drop_column("conversations", "owner")
