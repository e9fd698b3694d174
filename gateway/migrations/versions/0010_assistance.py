"""Assisted mode: who may act for which owner, and how the owner has allowed it."""

from __future__ import annotations

from alembic import op

revision = "gateway_0010"
down_revision = "gateway_0009"


def upgrade() -> None:
    """Make the table; an owner sees the own."""
    op.execute(
        """
        CREATE TABLE assistance (
            id         uuid PRIMARY KEY,
            unit       text COLLATE "C" NOT NULL,
            owner_id   uuid NOT NULL,
            helper     uuid NOT NULL REFERENCES account,
            how        text NOT NULL CHECK (how IN ('in-person', 'telephone', 'writing')),
            note       text,
            witness    text NOT NULL,
            begun_at   timestamptz NOT NULL,
            until      timestamptz NOT NULL,
            ended_at   timestamptz,
            ended_by   text CHECK (ended_by IN ('helper', 'owner', 'head', 'time')),
            end_reason text,
            CHECK ((ended_at IS NULL) = (ended_by IS NULL))
        );
        CREATE UNIQUE INDEX assistance_now ON assistance (helper, owner_id) WHERE ended_at IS NULL;
        CREATE INDEX assistance_owner ON assistance (owner_id, id);
        CREATE INDEX assistance_unit ON assistance (unit, id);
        SELECT plut.protect('assistance');
        SELECT plut.open_to_owners('assistance', 'owner_id');
        """
    )


def downgrade() -> None:
    """Not offered: what an owner has allowed, and what it was used for, stays told."""
    raise NotImplementedError
