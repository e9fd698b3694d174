"""What lets somebody set a password, and what is to be done after an answer."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Integer, LargeBinary, Text, Uuid

revision = "gateway_0003"
down_revision = "gateway_0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "password_token",
        Column("id", Uuid, primary_key=True),
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
        Column("kind", Text, nullable=False),
        Column("token_hash", LargeBinary, nullable=False, unique=True),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("expires_at", DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "errand",
        Column("id", Uuid, primary_key=True),
        Column("sealed", LargeBinary, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("due_at", DateTime(timezone=True), nullable=False, index=True),
        Column("expires_at", DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("errand")
    op.drop_table("password_token")
