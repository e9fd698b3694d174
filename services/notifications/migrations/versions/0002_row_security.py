"""Row-level security on what belongs to units."""

from __future__ import annotations

from alembic import op

revision = "notifications_0002"
down_revision = "notifications_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Close the tables."""
    op.execute("SELECT plut.protect(name::regclass) FROM unnest(ARRAY['recipient', 'message']) AS name")


def downgrade() -> None:
    """Not offered: what was closed for the sake of people's data is not opened again by a command."""
    raise NotImplementedError
