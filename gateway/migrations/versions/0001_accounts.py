"""Accounts, their grants, sign-ins, attempts."""

from __future__ import annotations

from datetime import datetime

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Integer, LargeBinary, Text, Uuid

revision = "gateway_0001"
down_revision = None


def _time(name: str, *, nullable: bool = True) -> Column[datetime]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "account",
        Column("id", Uuid, primary_key=True),
        Column("email", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
        Column("password_hash", Text),
        _time("disabled_at"),
        _time("created_at", nullable=False),
        Column("version", Integer, nullable=False),
    )
    op.create_table(
        "account_grant",
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
        Column("role", Text, primary_key=True),
        Column("scope", Text(collation="C"), primary_key=True),
    )
    op.create_index("account_grant_scope", "account_grant", ["scope", "account_id"])
    op.create_table(
        "sign_in",
        Column("id", Uuid, primary_key=True),
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
        Column("token_hash", LargeBinary, nullable=False, unique=True),
        Column("label", Text, nullable=False),
        Column("address", Text),
        _time("created_at", nullable=False),
        _time("seen_at", nullable=False),
        _time("expires_at", nullable=False),
        _time("ends_at", nullable=False),
    )
    op.create_table(
        "attempt",
        Column("id", Uuid, primary_key=True),
        Column("email_hash", LargeBinary, nullable=False),
        Column("address", Text, nullable=False),
        _time("at", nullable=False),
    )
    op.create_index("attempt_pair", "attempt", ["email_hash", "address", "at"])
    op.create_index("attempt_address", "attempt", ["address", "at"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("attempt", "sign_in", "account_grant", "account"):
        op.drop_table(table)
