"""What an owner sees of the registry: the own person, the own enterprises and what hangs on them."""

from __future__ import annotations

from alembic import op

revision = "registry_0004"
down_revision = "registry_0003"
branch_labels = None
depends_on = None

OPEN = """
CREATE FUNCTION own_enterprises() RETURNS uuid[] LANGUAGE sql STABLE AS
    $$ SELECT array_agg(id) FROM public.enterprise WHERE owner_id = ANY (plut.owners()) $$;

SELECT plut.open_to_owners('owner', 'id');
SELECT plut.open_to_owners('enterprise', 'owner_id');
SELECT plut.open_to_owners(name::regclass, 'enterprise', 'own_enterprises()')
    FROM unnest(ARRAY['measurement', 'cooperative', 'rat', 'binaan', 'consent', 'access_log']) AS name;
"""

# Also what was seen while the enterprise belonged to another unit; `audit_subject` finds it.
LOOKS = """
ALTER POLICY owner ON plut.audit USING ((SELECT plut.office()) IS NOT NULL
    OR on_behalf_of = ANY ((SELECT plut.owners())::text[]) OR subject = ANY ((SELECT own_enterprises())::text[]));
CREATE POLICY looks ON plut.audit FOR SELECT USING (subject = ANY ((SELECT own_enterprises())::text[]));
"""


def upgrade() -> None:
    """Open the tables."""
    op.execute(OPEN)
    op.execute(LOOKS)


def downgrade() -> None:
    """Not offered: a record that was read by its owner is not taken away from them by a command."""
    raise NotImplementedError
