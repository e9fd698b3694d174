"""Messages that carry a secret for as long as they are under way."""

from __future__ import annotations

from alembic import op

revision = "notifications_0003"
down_revision = "notifications_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE message ADD COLUMN secret text, ADD COLUMN expires_at timestamptz")
    op.execute("CREATE INDEX message_secret ON message (expires_at) WHERE secret IS NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE message DROP COLUMN secret, DROP COLUMN expires_at")
