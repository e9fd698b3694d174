"""Row-level security: which rows a transaction may touch, by the scope that its unit of work has set."""

from __future__ import annotations

from alembic import op

revision = "chassis_0002"
down_revision = "chassis_0001"
branch_labels = None
depends_on = None

FUNCTIONS = """
-- The places of this transaction, each with a dot behind it ('21.', '21.71.'; the nation is the empty text); NULL without
-- any. A setting that was made for one transaction stays behind as an empty text on a pooled connection.
CREATE FUNCTION plut.scopes() RETURNS text[] LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('plut.scope', true), '')::text[] $$;

-- Closes a table whose rows belong to units: `SELECT plut.protect('enterprise')` in the migration that makes it. Forced, so
-- that it holds for the owner, too. The sub-select is worked out once for a query, not for each row.
CREATE FUNCTION plut.protect(protected regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
    EXECUTE format(
        'CREATE POLICY scope ON %s USING ((coalesce(unit, '''') || ''.'') ^@ ANY ((SELECT plut.scopes())::text[]))',
        protected
    );
END $$;
"""

# A day of the inbox is a table, and services own none: they ask for it by these two.
INBOX = """
CREATE FUNCTION plut.add_inbox_day(name text, low uuid, high uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF name !~ '^inbox_[0-9]{8}$' THEN RAISE EXCEPTION 'not a day of the inbox: %', name; END IF;
    EXECUTE format('CREATE TABLE plut.%I PARTITION OF plut.inbox FOR VALUES FROM (%L) TO (%L)', name, low, high);
END $$;

CREATE FUNCTION plut.drop_inbox_day(name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF name !~ '^inbox_[0-9]{8}$' THEN RAISE EXCEPTION 'not a day of the inbox: %', name; END IF;
    EXECUTE format('DROP TABLE plut.%I', name);
END $$;

REVOKE EXECUTE ON FUNCTION plut.add_inbox_day, plut.drop_inbox_day FROM PUBLIC;
"""

POLICIES = """
SELECT plut.protect(name::regclass) FROM unnest(ARRAY['plut.outbox', 'plut.failed_event', 'plut.audit', 'plut.job']) AS name;
-- the relay publishes everybody's events, and has no other table
CREATE POLICY relay ON plut.outbox TO plut_relay USING (true);
-- everybody's acts are on record, also those that concern no unit
CREATE POLICY record ON plut.audit FOR INSERT WITH CHECK (true);
"""


def upgrade() -> None:
    """Make the functions, and close the chassis's own tables."""
    for statements in (FUNCTIONS, INBOX, POLICIES):
        op.execute(statements)


def downgrade() -> None:
    """Open the tables again."""
    op.execute("DROP POLICY relay ON plut.outbox; DROP POLICY record ON plut.audit")
    for table in ("outbox", "failed_event", "audit", "job"):
        op.execute(f"DROP POLICY scope ON plut.{table}")
        op.execute(f"ALTER TABLE plut.{table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE plut.{table} DISABLE ROW LEVEL SECURITY")
    op.execute(
        "DROP FUNCTION plut.protect(regclass), plut.scopes(), plut.add_inbox_day(text, uuid, uuid),"
        " plut.drop_inbox_day(text)"
    )
