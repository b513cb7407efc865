"""The page of each citation in the original, and the web address that leads there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("citations", sa.Column("page", sa.Integer, nullable=False, server_default="0"))
    op.add_column("citations", sa.Column("original", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("citations", "original")
    op.drop_column("citations", "page")
