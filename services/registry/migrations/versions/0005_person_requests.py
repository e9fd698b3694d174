"""What persons ask for about their own data; an enterprise whose identifying data was destroyed is `erased`."""

from __future__ import annotations

from alembic import op

revision = "registry_0005"
down_revision = "registry_0004"
branch_labels = None
depends_on = None

REQUESTS = """
CREATE TABLE person_request (
    id           uuid PRIMARY KEY,
    unit         text COLLATE "C" NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('export', 'erasure')),
    state        text NOT NULL CHECK (state IN ('open', 'ready', 'closed')),
    enterprise   uuid NOT NULL,
    owner_id     uuid NOT NULL,
    owners       uuid[] NOT NULL,
    enterprises  uuid[] NOT NULL,
    how          text NOT NULL,
    requested_at timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    created_by   text NOT NULL,
    awaited      text[] NOT NULL,
    answers      jsonb NOT NULL DEFAULT '[]',
    private_key  bytea,
    warned_at    timestamptz,
    overdue_at   timestamptz,
    completed_at timestamptz,
    closed_at    timestamptz,
    closed_by    text,
    version      integer NOT NULL
);
CREATE INDEX person_request_unit ON person_request (unit, id);
CREATE INDEX person_request_due ON person_request (due_at) WHERE state <> 'closed';
"""


def upgrade() -> None:
    """Make room for requests."""
    op.execute("ALTER TABLE enterprise DROP CONSTRAINT enterprise_state_check")
    op.execute(
        "ALTER TABLE enterprise ADD CONSTRAINT enterprise_state_check"
        " CHECK (state IN ('active', 'closed', 'merged', 'erased'))"
    )
    op.execute(REQUESTS)
    op.execute("SELECT plut.protect('person_request'); SELECT plut.open_to_owners('person_request', 'owner_id')")
    # an owner's request has a key of its own, sealed with the unit's; those are wrapped, and open by the master key alone
    op.execute(
        "DROP POLICY owner ON plut.data_key;"
        " CREATE POLICY owner ON plut.data_key AS RESTRICTIVE FOR DELETE USING ((SELECT plut.office()) IS NOT NULL)"
    )


def downgrade() -> None:
    """Not offered: what was erased does not come back, and a request's deadline runs on."""
    raise NotImplementedError
