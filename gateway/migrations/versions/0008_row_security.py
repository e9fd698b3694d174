"""Row-level security on which owners of businesses an account stands for."""

from __future__ import annotations

from alembic import op

revision = "gateway_0008"
down_revision = "gateway_0007"


def upgrade() -> None:
    """Close the table."""
    op.execute("SELECT plut.protect('account_owner')")


def downgrade() -> None:
    """Not offered: what was closed for the sake of people's data is not opened again by a command."""
    raise NotImplementedError
