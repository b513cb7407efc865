"""What a chat model's sentences were checked for, and what its calls used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("checks", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("answers", sa.Column("model_calls", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("answers", "model_calls")
    op.drop_column("answers", "checks")
