"""Row-level security on everything that belongs to a unit; the search's index holds no words any more."""

from __future__ import annotations

from alembic import op

revision = "registry_0003"
down_revision = "registry_0002"
branch_labels = None
depends_on = None

# PostgreSQL asks a GIN index before it looks at who may see a row only where that can tell nothing: so the index stands in a
# table of numbers alone, and the words behind them with the enterprise, where the policy holds. A block is nobody's.
SEARCH = """
ALTER TABLE enterprise ADD COLUMN words text NOT NULL DEFAULT '';
UPDATE enterprise e SET words = s.words FROM search_entry s WHERE s.enterprise = e.id;
ALTER TABLE search_entry DROP COLUMN words, DROP COLUMN unit;
ALTER TABLE search_block RENAME COLUMN unit TO place;
"""

# Who accompanied an enterprise stays said when it, and with it the right to read this, goes to another unit.
BINAAN = """
ALTER TABLE binaan ADD COLUMN by_unit text COLLATE "C";
UPDATE binaan SET by_unit = unit;
UPDATE binaan b SET unit = e.unit FROM enterprise e WHERE e.id = b.enterprise;
ALTER TABLE binaan ALTER COLUMN by_unit SET NOT NULL;
"""

PROTECT = """
SELECT plut.protect(name::regclass) FROM unnest(ARRAY['owner', 'enterprise', 'measurement', 'cooperative', 'rat', 'binaan',
    'consent', 'merge', 'duplicate', 'access_log', 'import', 'import_row', 'import_mapping']) AS name
"""


def upgrade() -> None:
    """Move the words, and close the tables."""
    op.execute(SEARCH)
    op.execute(BINAAN)
    op.execute(PROTECT)


def downgrade() -> None:
    """Not offered: what was closed for the sake of people's data is not opened again by a command."""
    raise NotImplementedError
