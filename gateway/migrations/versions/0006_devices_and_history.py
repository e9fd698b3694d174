"""Devices that have signed in, and what became of every try."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, LargeBinary, Text, Uuid

revision = "gateway_0006"
down_revision = "gateway_0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "device",
        Column("id", Uuid, primary_key=True),
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
        Column("token_hash", LargeBinary, nullable=False, unique=True),
        Column("seen_at", DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_table(
        "sign_in_history",
        Column("id", Uuid, primary_key=True),
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
        Column("at", DateTime(timezone=True), nullable=False, index=True),
        Column("accepted", Boolean, nullable=False),
        Column("method", Text, nullable=False),
        Column("address", Text, nullable=False),
        Column("label", Text, nullable=False),
        Column("new_device", Boolean, nullable=False),
    )
    op.create_index("sign_in_history_account", "sign_in_history", ["account_id", "id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("sign_in_history")
    op.drop_table("device")
