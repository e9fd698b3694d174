"""Keys of partner systems."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Text, Uuid

revision = "gateway_0005"
down_revision = "gateway_0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "partner_key",
        Column("id", Uuid, primary_key=True),
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
        Column("prefix", Text, nullable=False, unique=True),
        Column("key_hash", LargeBinary, nullable=False),
        Column("name", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("expires_at", DateTime(timezone=True), nullable=False),
        Column("last_used_at", DateTime(timezone=True)),
        Column("revoked_at", DateTime(timezone=True)),
    )


def downgrade() -> None:
    """Drop the table, and the accounts that have nothing else to sign in with."""
    op.drop_table("partner_key")
    op.execute("DELETE FROM account WHERE kind = 'partner'")
