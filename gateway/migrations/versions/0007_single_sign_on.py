"""Which account somebody of another sign-in provider is."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Text, UniqueConstraint, Uuid

revision = "gateway_0007"
down_revision = "gateway_0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "account_subject",
        Column("issuer", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
        Column("linked_at", DateTime(timezone=True), nullable=False),
        UniqueConstraint("issuer", "account_id"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("account_subject")
