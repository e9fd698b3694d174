"""Short messages are a channel, too."""

from __future__ import annotations

from alembic import op

revision = "notifications_0004"
down_revision = "notifications_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE message DROP CONSTRAINT message_channel_check")
    op.execute("ALTER TABLE message ADD CONSTRAINT message_channel_check CHECK (channel IN ('email', 'inbox', 'sms'))")


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE channel = 'sms'")
    op.execute("ALTER TABLE message DROP CONSTRAINT message_channel_check")
    op.execute("ALTER TABLE message ADD CONSTRAINT message_channel_check CHECK (channel IN ('email', 'inbox'))")
