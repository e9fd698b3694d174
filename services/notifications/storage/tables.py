"""The tables of notifications, as queries name them; laid by migrations/versions."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

recipient = Table(
    "recipient",
    metadata,
    Column("enterprise", Uuid, primary_key=True),
    Column("unit", Text(collation="C"), nullable=False),
    Column("unit_version", Integer, nullable=False),
    Column("business", Text),
    Column("person", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("language", Text, nullable=False),
    Column("contact_version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_version", Integer, nullable=False),
    Column("may_serve", Boolean, nullable=False),
    Column("consent_version", Integer, nullable=False),
)
"""Our own copy of whom to reach about an enterprise. A facet whose version is 0 has not been heard of yet."""

delivery = Table(
    "delivery",
    metadata,
    Column("account", Text, primary_key=True),
    Column("email", Text),
    Column("language", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
"""Where an account wants copies of its own inbox, as it said itself."""

message = Table(
    "message",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cause", Uuid, nullable=False),
    Column("audience", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("unit", Text(collation="C"), nullable=False),
    Column("enterprise", Uuid),
    Column("other", Uuid),
    Column("account", Text),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempts_before", Integer, nullable=False),
    Column("next_attempt_at", DateTime(timezone=True)),
    Column("address", Text),
    Column("language", Text),
    Column("error", Text),
    Column("status", Integer),
    Column("answer", Text),
    Column("correlation_id", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("sent_at", DateTime(timezone=True)),
)
"""One row per fact (`cause`, an event), audience and channel. Where its state is `sending`, `next_attempt_at` is the end
of the sender's lease; `address` and `language` are settled by the first attempt, so that a repeat is the same mail.
`attempts_before` are those before a person had it sent again: the schedule begins there."""

inbox_read = Table(
    "inbox_read",
    metadata,
    Column("account", Text, primary_key=True),
    Column("message", Uuid, primary_key=True),
    Column("read_at", DateTime(timezone=True), nullable=False),
)
"""Which account has read which message of its inbox."""
