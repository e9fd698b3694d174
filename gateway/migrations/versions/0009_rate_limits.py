"""How many requests somebody has made in a minute."""

from __future__ import annotations

from alembic import op

revision = "gateway_0009"
down_revision = "gateway_0008"

# half of each page is left free, so that a lease changes its row in place
_UPGRADE = """
CREATE UNLOGGED TABLE rate_window (
    name text PRIMARY KEY, began bigint NOT NULL, taken integer NOT NULL, granted integer NOT NULL
) WITH (fillfactor = 50)
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_UPGRADE)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("rate_window")
