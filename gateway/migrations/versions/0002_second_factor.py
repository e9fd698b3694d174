"""Second factors and their recovery codes; how a sign-in was proved."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, LargeBinary, Text, Uuid

revision = "gateway_0002"
down_revision = "gateway_0001"


def upgrade() -> None:
    """Make the tables. The command line's tokens, which were made on the machine itself, go on as they are."""
    op.create_table(
        "second_factor",
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
        Column("secret", LargeBinary),
        Column("last_step", BigInteger),
        Column("confirmed_at", DateTime(timezone=True)),
        Column("pending", LargeBinary),
        Column("pending_at", DateTime(timezone=True)),
    )
    op.create_table(
        "recovery_code",
        Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
        Column("code_hash", LargeBinary, primary_key=True),
        Column("used_at", DateTime(timezone=True)),
    )
    op.add_column("sign_in", Column("method", Text, nullable=False, server_default="password"))
    op.add_column("sign_in", Column("strong", Boolean, nullable=False, server_default="false"))
    op.execute("UPDATE sign_in SET method = 'machine', strong = true WHERE label = 'command line' AND address IS NULL")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_column("sign_in", "strong")
    op.drop_column("sign_in", "method")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
