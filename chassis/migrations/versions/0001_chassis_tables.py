"""The chassis's tables as they were first laid."""

from __future__ import annotations

from alembic import op

revision = "chassis_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of `chassis.tables`."""
    op.execute(
        """
        CREATE TABLE plut.outbox (
            position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id    uuid NOT NULL,
            type        text NOT NULL,
            subject     text NOT NULL,
            unit        text COLLATE "C" NOT NULL,
            routing_key text NOT NULL,
            body        bytea NOT NULL,
            created_at  timestamptz NOT NULL,
            bulk        boolean NOT NULL DEFAULT false,
            sent_at     timestamptz,
            parked_at   timestamptz,
            error       text
        );
        -- the relay's cursor is "no mark", never a number: numbers are given out before commit; one index for each lane
        CREATE INDEX outbox_express ON plut.outbox (position) WHERE sent_at IS NULL AND NOT bulk;
        CREATE INDEX outbox_bulk ON plut.outbox (position) WHERE sent_at IS NULL AND bulk;
        -- whether an earlier event of the aggregate is still unsent
        CREATE INDEX outbox_unsent_of ON plut.outbox (subject, bulk, position) WHERE sent_at IS NULL;
        CREATE INDEX outbox_parked ON plut.outbox (subject) WHERE parked_at IS NOT NULL;
        CREATE INDEX outbox_sent ON plut.outbox (sent_at, position) WHERE sent_at IS NOT NULL;

        CREATE TABLE plut.inbox (
            event_id     uuid NOT NULL,
            subscription text NOT NULL,
            received_at  timestamptz NOT NULL,
            PRIMARY KEY (event_id, subscription)
        ) PARTITION BY RANGE (event_id);
        CREATE TABLE plut.inbox_other PARTITION OF plut.inbox DEFAULT;

        CREATE TABLE plut.latest (
            subscription text NOT NULL,
            subject      text NOT NULL,
            sequence     bigint NOT NULL,
            PRIMARY KEY (subscription, subject)
        );

        CREATE TABLE plut.failed_event (
            id              uuid PRIMARY KEY,
            subscription    text NOT NULL,
            event_id        uuid,
            type            text,
            unit            text COLLATE "C",
            subject         text,
            body            bytea NOT NULL,
            error           text NOT NULL,
            attempts        integer NOT NULL,
            failed_at       timestamptz NOT NULL,
            next_attempt_at timestamptz,
            state           text NOT NULL CHECK (state IN ('waiting', 'dead', 'dropped'))
        );
        CREATE INDEX failed_event_due ON plut.failed_event (next_attempt_at) WHERE state = 'waiting';
        CREATE INDEX failed_event_of ON plut.failed_event (subscription, event_id);

        CREATE TABLE plut.idempotency (
            account     text NOT NULL,
            key         text NOT NULL,
            fingerprint bytea NOT NULL,
            reply       jsonb,
            created_at  timestamptz NOT NULL,
            PRIMARY KEY (account, key)
        );
        CREATE INDEX idempotency_age ON plut.idempotency USING brin (created_at);

        CREATE TABLE plut.audit (
            id             uuid PRIMARY KEY,
            at             timestamptz NOT NULL,
            account        text NOT NULL,
            on_behalf_of   text,
            action         text NOT NULL,
            subject        text,
            unit           text COLLATE "C",
            purpose        text,
            correlation_id text,
            detail         jsonb
        );
        CREATE INDEX audit_subject ON plut.audit (subject, at);

        CREATE TABLE plut.job (
            id             uuid PRIMARY KEY,
            kind           text NOT NULL,
            unit           text COLLATE "C" NOT NULL,
            account        text NOT NULL,
            context        bytea NOT NULL,
            params         jsonb NOT NULL,
            state          text NOT NULL CHECK (state IN ('waiting', 'running', 'stopped', 'succeeded', 'failed')),
            done           bigint NOT NULL DEFAULT 0,
            total          bigint,
            note           text,
            result         jsonb,
            error          jsonb,
            stop_requested boolean NOT NULL DEFAULT false,
            run            integer NOT NULL DEFAULT 0,
            version        integer NOT NULL DEFAULT 1,
            created_at     timestamptz NOT NULL,
            started_at     timestamptz,
            finished_at    timestamptz
        );
        CREATE INDEX job_recent ON plut.job (unit, created_at DESC);
        """
    )


def downgrade() -> None:
    """Remove them."""
    op.execute(
        "DROP TABLE plut.outbox, plut.inbox, plut.latest, plut.failed_event, plut.idempotency, plut.audit, plut.job"
    )
