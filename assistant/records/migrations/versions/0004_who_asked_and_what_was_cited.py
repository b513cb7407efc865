"""Who asked and who rated; the content hash of each cited document."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("asker", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_answers_asker", "answers", ["asker"])
    op.add_column("citations", sa.Column("document_sha256", sa.String(64), nullable=False, server_default=""))
    op.add_column("feedback", sa.Column("rater", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_feedback_rater", "feedback", ["rater"])


def downgrade() -> None:
    op.drop_index("ix_feedback_rater", "feedback")
    op.drop_column("feedback", "rater")
    op.drop_column("citations", "document_sha256")
    op.drop_index("ix_answers_asker", "answers")
    op.drop_column("answers", "asker")
