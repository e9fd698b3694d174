"""Data keys of units, wrapped."""

from __future__ import annotations

from alembic import op

revision = "chassis_0004"
down_revision = "chassis_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute(
        """
        CREATE TABLE plut.data_key (
            id         uuid PRIMARY KEY,
            unit       text COLLATE "C" NOT NULL,
            wrapped    bytea NOT NULL,
            master     text NOT NULL,
            created_at timestamptz NOT NULL,
            retired_at timestamptz
        );
        CREATE UNIQUE INDEX data_key_current ON plut.data_key (unit) WHERE retired_at IS NULL;
        SELECT plut.protect('plut.data_key');
        """
    )


def downgrade() -> None:
    """Not offered: what was sealed could never be opened again."""
    raise NotImplementedError
