"""Audit rows in hash chains."""

from __future__ import annotations

from alembic import op

revision = "chassis_0003"
down_revision = "chassis_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the chains."""
    op.execute(
        """
        -- rows of before there were chains are kept apart: in a chain they would look as if they had been there
        CREATE TABLE plut.audit_before AS SELECT * FROM plut.audit;
        SELECT plut.protect('plut.audit_before');
        DELETE FROM plut.audit;
        ALTER TABLE plut.audit ADD COLUMN chain smallint NOT NULL, ADD COLUMN sequence bigint NOT NULL,
            ADD COLUMN hash bytea NOT NULL;
        CREATE UNIQUE INDEX audit_chain_row ON plut.audit (chain, sequence);
        -- what a unit's head looks through, newest first
        CREATE INDEX audit_unit ON plut.audit (unit, id DESC);
        CREATE INDEX audit_account ON plut.audit (account, id DESC);

        CREATE TABLE plut.audit_chain (
            chain    smallint PRIMARY KEY,
            sequence bigint NOT NULL,
            hash     bytea NOT NULL
        ) WITH (fillfactor = 50);
        INSERT INTO plut.audit_chain SELECT chain, 0, '' FROM generate_series(0, 31) AS chain;
        """
    )


def downgrade() -> None:
    """Back to rows without chains."""
    op.execute(
        "DROP TABLE plut.audit_chain; DROP INDEX plut.audit_unit; DROP INDEX plut.audit_account;"
        " DROP TABLE plut.audit_before; ALTER TABLE plut.audit DROP COLUMN chain, DROP COLUMN sequence, DROP COLUMN hash"
    )
