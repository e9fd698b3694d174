"""The tables of notifications as they were first laid."""

from __future__ import annotations

from alembic import op

revision = "notifications_0001"
down_revision = None
branch_labels = None
depends_on = None

# Each facet of a recipient has the version of its own: events of one enterprise come through several queues, so a consent
# of version 5 may come before the contact of version 4, and must not keep it out.
RECIPIENT = """
CREATE TABLE recipient (
    enterprise      uuid PRIMARY KEY,
    unit            text COLLATE "C" NOT NULL,
    unit_version    integer NOT NULL DEFAULT 0,
    business        text,
    person          text,
    email           text,
    phone           text,
    language        text NOT NULL DEFAULT 'id' CHECK (language IN ('id', 'en')),
    contact_version integer NOT NULL DEFAULT 0,
    state           text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'merged', 'removed')),
    state_version   integer NOT NULL DEFAULT 0,
    may_serve       boolean NOT NULL DEFAULT true,
    consent_version integer NOT NULL DEFAULT 0
);

CREATE TABLE delivery (
    account    text PRIMARY KEY,
    email      text,
    language   text NOT NULL CHECK (language IN ('id', 'en')),
    changed_at timestamptz NOT NULL
);
"""

MESSAGE = """
CREATE TABLE message (
    id              uuid PRIMARY KEY,
    cause           uuid NOT NULL,
    audience        text NOT NULL,
    channel         text NOT NULL CHECK (channel IN ('email', 'inbox')),
    template        text NOT NULL,
    params          jsonb NOT NULL,
    unit            text COLLATE "C" NOT NULL,
    enterprise      uuid,
    other           uuid,
    account         text,
    state           text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'suppressed')),
    attempts        integer NOT NULL DEFAULT 0,
    attempts_before integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    address         text,
    language        text,
    error           text,
    status          integer,
    answer          text,
    correlation_id  text,
    created_at      timestamptz NOT NULL,
    sent_at         timestamptz,
    UNIQUE (cause, audience, channel)
);
CREATE INDEX message_due ON message (next_attempt_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX message_enterprise ON message (enterprise, id) WHERE enterprise IS NOT NULL;
CREATE INDEX message_unit ON message (unit, id);
CREATE INDEX inbox_unit ON message (unit, id) WHERE channel = 'inbox' AND account IS NULL;
CREATE INDEX inbox_account ON message (account, id) WHERE channel = 'inbox';

CREATE TABLE inbox_read (
    account text NOT NULL,
    message uuid NOT NULL REFERENCES message ON DELETE CASCADE,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (account, message)
);
CREATE INDEX inbox_read_message ON inbox_read (message);
"""


def upgrade() -> None:
    for statement in (RECIPIENT, MESSAGE):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE inbox_read, message, delivery, recipient")
