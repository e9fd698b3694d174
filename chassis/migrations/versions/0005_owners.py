"""Rows that an owner of a business may touch: none, but where a table is opened to owners."""

from __future__ import annotations

from alembic import op

revision = "chassis_0005"
down_revision = "chassis_0004"
branch_labels = None
depends_on = None

FUNCTIONS = """
-- Whose rows this transaction may touch at most; NULL where that plays no part, because somebody of an office works.
CREATE FUNCTION plut.owners() RETURNS uuid[] LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('plut.owners', true), '')::uuid[] $$;

-- True where somebody of an office works, or the platform itself; NULL for who is held to `plut.owners()`. Asked as `IS NOT
-- NULL`, which the planner believes to hold nearly always: so it plans an office's queries as if this were not there.
CREATE FUNCTION plut.office() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT CASE WHEN plut.owners() IS NULL THEN true END $$;

-- Shows an owner nothing of a table. The condition has no column in it, so it is asked once for a query.
CREATE FUNCTION plut.close_to_owners(protected regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY owner ON %s AS RESTRICTIVE USING ((SELECT plut.office()) IS NOT NULL)', protected);
END $$;

CREATE OR REPLACE FUNCTION plut.protect(protected regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
    EXECUTE format(
        'CREATE POLICY scope ON %s USING ((coalesce(unit, '''') || ''.'') ^@ ANY ((SELECT plut.scopes())::text[]))',
        protected
    );
    PERFORM plut.close_to_owners(protected);
END $$;

-- Opens a protected table to owners, as far as a row's column `theirs` is one of `among`, which is worked out once for a
-- query, and not at all for an office's: `SELECT plut.open_to_owners('licence', 'owner')` in the migration that makes it.
CREATE FUNCTION plut.open_to_owners(protected regclass, theirs name, among text DEFAULT 'plut.owners()')
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'ALTER POLICY owner ON %s USING ((SELECT plut.office()) IS NOT NULL OR %I = ANY ((SELECT %s)::uuid[]))',
        protected, theirs, among
    );
END $$;
"""

POLICIES = """
SELECT plut.close_to_owners(polrelid) FROM pg_policy WHERE polname = 'scope';
-- what owners do is published and on record; of the record they read what others did on their behalf
DROP POLICY owner ON plut.outbox;
CREATE POLICY owner ON plut.outbox AS RESTRICTIVE USING ((SELECT plut.office()) IS NOT NULL) WITH CHECK (true);
DROP POLICY owner ON plut.audit;
CREATE POLICY owner ON plut.audit AS RESTRICTIVE
    USING ((SELECT plut.office()) IS NOT NULL OR on_behalf_of = ANY ((SELECT plut.owners())::text[])) WITH CHECK (true);
CREATE INDEX audit_on_behalf_of ON plut.audit (on_behalf_of, id DESC) WHERE on_behalf_of IS NOT NULL;
"""


def upgrade() -> None:
    """Make the functions, and close everything that is protected."""
    op.execute(FUNCTIONS)
    op.execute(POLICIES)


def downgrade() -> None:
    """Not offered: what was closed for the sake of people's data is not opened again by a command."""
    raise NotImplementedError
