"""Whether somebody has changed a record that an import made: its version when only imports had changed it."""

from __future__ import annotations

from alembic import op

revision = "registry_0002"
down_revision = "registry_0001"
branch_labels = None
depends_on = None

# what imports have left behind until now: version 1, or 2 with a size, or what the last row made of it that filled it in
LEFT_BY_IMPORTS = """
UPDATE enterprise e SET import_version = left_at.version
FROM (
    SELECT made.id, greatest(CASE WHEN measured.enterprise IS NULL THEN 1 ELSE 2 END, coalesce(filled.version, 1)) AS version
    FROM enterprise made
    LEFT JOIN (SELECT DISTINCT enterprise FROM measurement WHERE size IS NOT NULL AND source = 'import') measured
        ON measured.enterprise = made.id
    LEFT JOIN (SELECT coalesce(candidate, enterprise) AS id, max(version) AS version FROM import_row
               WHERE version IS NOT NULL GROUP BY 1) filled ON filled.id = made.id
    WHERE made.import_id IS NOT NULL
) left_at
WHERE left_at.id = e.id
"""


def upgrade() -> None:
    """Add the column, and say of each record in which version imports have left it."""
    op.execute("ALTER TABLE enterprise ADD COLUMN import_version integer")
    op.execute(LEFT_BY_IMPORTS)


def downgrade() -> None:
    """Back to version and rows."""
    op.execute("ALTER TABLE enterprise DROP COLUMN import_version")
