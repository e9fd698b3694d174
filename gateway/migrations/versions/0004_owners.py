"""Accounts of business owners, by their phone."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Integer, LargeBinary, Text, Uuid

revision = "gateway_0004"
down_revision = "gateway_0003"


def upgrade() -> None:
    """Make the tables."""
    op.alter_column("account", "email", nullable=True)
    op.add_column("account", Column("kind", Text, nullable=False, server_default="person"))
    op.add_column("account", Column("phone", Text, unique=True))
    op.create_table(
        "account_owner",
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
        Column("owner_id", Uuid, primary_key=True),
        Column("unit", Text(collation="C"), primary_key=True),
    )
    op.create_table(
        "phone_code",
        Column("phone_hash", LargeBinary, primary_key=True),
        Column("code_hash", LargeBinary, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("expires_at", DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables, and the accounts that have no e-mail."""
    op.drop_table("phone_code")
    op.drop_table("account_owner")
    op.execute("DELETE FROM account WHERE email IS NULL")
    op.drop_column("account", "phone")
    op.drop_column("account", "kind")
    op.alter_column("account", "email", nullable=False)
