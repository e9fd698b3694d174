"""Tables of the gateway's own database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData()


def _time(name: str, **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **options)


account = Table(
    "account",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, server_default="person"),
    Column("email", Text, unique=True),
    Column("phone", Text, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    _time("disabled_at"),
    _time("created_at", nullable=False),
    Column("version", Integer, nullable=False),
)
"""Who signs in. `kind` is person (by `email`, in lower case), or owner (of a business, by `phone` in the form of E.164) or
partner (a system, by keys). Without a hash nobody can sign in with a password."""

account_owner = Table(
    "account_owner",
    metadata,
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("owner_id", Uuid, primary_key=True),
    Column("unit", Text(collation="C"), primary_key=True),
)
"""Which of the registry's owners an owner's account stands for, and in which units, as of the last sign-in."""

assistance = Table(
    "assistance",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("unit", Text(collation="C"), nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("helper", Uuid, ForeignKey("account.id"), nullable=False),
    Column("how", Text, nullable=False),
    Column("note", Text),
    Column("witness", Text, nullable=False),
    _time("begun_at", nullable=False),
    _time("until", nullable=False),
    _time("ended_at"),
    Column("ended_by", Text),
    Column("end_reason", Text),
)
"""Who may act for which of the registry's owners, and how the owner has allowed it. It holds while `ended_at` is null and
`until` has not come."""

phone_code = Table(
    "phone_code",
    metadata,
    Column("phone_hash", LargeBinary, primary_key=True),
    Column("code_hash", LargeBinary, nullable=False),
    Column("tries", Integer, nullable=False),
    _time("expires_at", nullable=False),
)
"""One-time codes that were sent to phones, as keyed hashes. A code goes with its use."""

account_grant = Table(
    "account_grant",
    metadata,
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("scope", Text(collation="C"), primary_key=True),
    Index("account_grant_scope", "scope", "account_id"),
)
"""Which role an account has for which scope (a prefix of the region code; the empty one is national)."""

sign_in = Table(
    "sign_in",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("address", Text),
    _time("created_at", nullable=False),
    _time("seen_at", nullable=False),
    _time("expires_at", nullable=False),
    _time("ends_at", nullable=False),
    Column("method", Text, nullable=False),
    Column("strong", Boolean, nullable=False),
)
"""Sign-ins that hold: `expires_at` moves on with use, `ends_at` doesn't. The token itself is stored nowhere. `strong` are
those that a second factor has proved, or that were made on the machine itself."""

second_factor = Table(
    "second_factor",
    metadata,
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("secret", LargeBinary),
    Column("last_step", BigInteger),
    _time("confirmed_at"),
    Column("pending", LargeBinary),
    _time("pending_at"),
)
"""Secrets of second factors, sealed for their account; `pending` is one that waits to be confirmed. `last_step` is the
step of the last code that was taken: none up to it is taken again (RFC 6238 section 5.2)."""

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    _time("used_at"),
)
"""Recovery codes as keyed hashes; each counts once."""

partner_key = Table(
    "partner_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("prefix", Text, nullable=False, unique=True),
    Column("key_hash", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    _time("created_at", nullable=False),
    _time("expires_at", nullable=False),
    _time("last_used_at"),
    _time("revoked_at"),
)
"""Keys of partner systems; the prefix finds one, and is what people know it by. `last_used_at` is true to five minutes."""

password_token = Table(
    "password_token",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    _time("created_at", nullable=False),
    _time("expires_at", nullable=False),
)
"""What lets somebody set a password once: `kind` is invitation or reset. It goes with its use."""

errand = Table(
    "errand",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    _time("due_at", nullable=False, index=True),
    _time("expires_at", nullable=False),
)
"""What is to be done after the answer, written with the change: it may hold secrets, so it is sealed, and goes when done."""

account_subject = Table(
    "account_subject",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    _time("linked_at", nullable=False),
    UniqueConstraint("issuer", "account_id"),
)
"""Who an account is at another sign-in provider: linked by a verified e-mail once, known by the subject from then on."""

device = Table(
    "device",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    _time("seen_at", nullable=False, index=True),
)
"""Devices (and programs) that have signed in to an account. The token that proves it is stored nowhere."""

sign_in_history = Table(
    "sign_in_history",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    _time("at", nullable=False, index=True),
    Column("accepted", Boolean, nullable=False),
    Column("method", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("new_device", Boolean, nullable=False),
    Index("sign_in_history_account", "account_id", "id"),
)
"""What became of every try to sign in to an account, for 180 days."""

attempt = Table(
    "attempt",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email_hash", LargeBinary, nullable=False),
    Column("address", Text, nullable=False),
    _time("at", nullable=False),
    Index("attempt_pair", "email_hash", "address", "at"),
    Index("attempt_address", "address", "at"),
)
"""Attempts to sign in that haven't succeeded, for a day. Whom they were for is kept as a hash."""

rate_window = Table(
    "rate_window",
    metadata,
    Column("name", Text, primary_key=True),
    Column("began", BigInteger, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("granted", Integer, nullable=False),
    prefixes=["UNLOGGED"],
)
"""Requests that were leased in a minute (`began`, in minutes since 1970), by what they are counted for; `granted` is the last
lease (`gateway.leases`)."""
