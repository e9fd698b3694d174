"""The chassis's own tables: schema `plut` of every service's database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="plut")


def _time(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("routing_key", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _time("created_at", nullable=False),
    Column("bulk", Boolean, nullable=False, server_default="false"),
    _time("sent_at"),
    _time("parked_at"),
    Column("error", Text),
)
"""What is to be published, and for 30 days what was. Unsent rows are those without `sent_at`; `bulk` chooses the lane.
Parked rows have `parked_at` and the broker's reason; one with `sent_at`, too, was given up by an operator."""

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("subscription", Text, primary_key=True),
    _time("received_at", nullable=False),
)
"""Which subscription has taken which event. Partitioned by the day in the UUIDv7: an event falls into the same
partition however often it comes, and old days are dropped, not deleted."""

latest = Table(
    "latest",
    metadata,
    Column("subscription", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
"""The version of the last event that a subscription with `latest_only` took of each aggregate."""

failed_event = Table(
    "failed_event",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("subscription", Text, nullable=False),
    Column("event_id", Uuid),
    Column("type", Text),
    Column("unit", Text),
    Column("subject", Text),
    Column("body", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    _time("failed_at", nullable=False),
    _time("next_attempt_at"),
    Column("state", Text, nullable=False),
)
"""Events whose handler raised: `state` is waiting (tried again at `next_attempt_at`), dead or dropped."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("reply", JSONB),
    _time("created_at", nullable=False),
)
"""Replies of commands that came with an Idempotency-Key, written in the command's own transaction."""

audit = Table(
    "audit",
    metadata,
    Column("id", Uuid, primary_key=True),
    _time("at", nullable=False),
    Column("account", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("action", Text, nullable=False),
    Column("subject", Text),
    Column("unit", Text),
    Column("purpose", Text),
    Column("correlation_id", Text),
    Column("detail", JSONB),
    Column("chain", SmallInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Who did or saw what, when, on whose behalf and why; written by `chassis.audit.chain`, and never changed."""

job = Table(
    "job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("context", LargeBinary, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("note", Text),
    Column("result", JSONB),
    Column("error", JSONB),
    Column("stop_requested", Boolean, nullable=False),
    Column("run", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    _time("created_at", nullable=False),
    _time("started_at"),
    _time("finished_at"),
)
"""Long work, as the one who asked for it sees it; procrastinate's tables hold how it is carried out."""
