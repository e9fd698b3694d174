"""Messages: written by facts, claimed by senders, settled by what the mail server answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from chassis.identifiers import new_id
from services.notifications.domain.telling import Draft

# The fact is the key: an event that comes again, also long after the inbox has forgotten it, writes nothing.
_WRITE = text(
    "INSERT INTO message (id, cause, audience, channel, template, params, unit, enterprise, other, account,"
    " address, correlation_id, state, next_attempt_at, created_at, sent_at)"
    " SELECT id, cause, audience, channel, template, params, unit, enterprise, other, account, address,"
    " correlation_id, CASE channel WHEN 'inbox' THEN 'sent' ELSE 'waiting' END,"
    " CASE channel WHEN 'inbox' THEN NULL ELSE now() END, :now, CASE channel WHEN 'inbox' THEN :now END"
    " FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS new(id uuid, cause uuid, audience text, channel text,"
    " template text, params jsonb, unit text, enterprise uuid, other uuid, account text,"
    " address text, correlation_id text)"
    " ON CONFLICT (cause, audience, channel) DO NOTHING"
)

#: The audience of what somebody was written at an address that the gateway named, without an event.
DIRECT = "direct"
_WRITE_DIRECT = text(
    "INSERT INTO message (id, cause, audience, channel, template, params, unit, account, address, language,"
    " correlation_id, state, next_attempt_at, created_at, secret, expires_at)"
    f" VALUES (:new_id, :id, '{DIRECT}', :channel, :template, cast(:params AS jsonb), '', :account, :address, :language,"
    " :correlation_id, 'waiting', now(), :now, :secret, :expires_at)"
    " ON CONFLICT (cause, audience, channel) DO NOTHING"
)

# Due is what waits, and what a sender claimed whose lease has run out. The database's clock decides, so that two machines
# whose clocks differ don't take each other's mail. The attempt is counted before it is made.
_CLAIM = text(
    "WITH due AS (SELECT id FROM message WHERE channel = :channel AND state IN ('waiting', 'sending')"
    " AND next_attempt_at <= now() ORDER BY next_attempt_at, id LIMIT :limit FOR UPDATE SKIP LOCKED),"
    " claimed AS (UPDATE message SET state = 'sending', attempts = attempts + 1, next_attempt_at = now() + :lease,"
    " address = coalesce(message.address, found.address), language = coalesce(message.language, found.language)"
    " FROM (SELECT due.id, coalesce(delivery.email, owner.email, second.email) AS address,"
    " coalesce(delivery.language, owner.language, 'id') AS language,"
    " owner.business, owner.person, second.business AS other_business, owner.state AS owner_state,"
    " coalesce(owner.may_serve, true) AS may_serve, coalesce(owner.contact_version, 0) > 0 AS known"
    " FROM due JOIN message USING (id) LEFT JOIN recipient owner USING (enterprise)"
    " LEFT JOIN recipient second ON second.enterprise = message.other"
    " LEFT JOIN delivery ON delivery.account = message.account) AS found"
    " WHERE message.id = found.id RETURNING message.*, found.business, found.person, found.other_business,"
    " found.owner_state, found.may_serve, found.known)"
    " SELECT * FROM claimed ORDER BY created_at, id"
)
# A sender whose lease ran out finds the number of attempts raised, and changes nothing any more.
_MINE = " WHERE id = :id AND state = 'sending' AND attempts = :attempts"
_SETTLE = text(
    "UPDATE message SET state = :state, error = :error, status = :status, answer = :answer, next_attempt_at = :next,"
    f" secret = NULL, sent_at = CASE WHEN :state = 'sent' THEN now() END{_MINE} RETURNING true"
)
_LATER = text(
    "UPDATE message SET state = 'waiting', error = :error, status = :status, answer = :answer,"
    f" next_attempt_at = now() + :delay{_MINE}"
)
_GIVE_BACK = text(
    f"UPDATE message SET state = 'waiting', attempts = attempts - 1, next_attempt_at = now() + :delay{_MINE}"
)
_RESEND = text(
    "UPDATE message SET state = 'waiting', attempts_before = attempts, next_attempt_at = now(), error = NULL, status = NULL,"
    " answer = NULL, address = NULL, language = NULL"
    " WHERE id = :id AND channel = 'email' AND state IN ('failed', 'suppressed') AND expires_at IS NULL RETURNING true"
)
# A sender that has claimed one is given its time.
_EXPIRE = text(
    "UPDATE message SET state = 'suppressed', error = 'expired', secret = NULL, next_attempt_at = NULL"
    " WHERE secret IS NOT NULL AND expires_at <= now()"
    " AND (state = 'waiting' OR (state = 'sending' AND next_attempt_at <= now()))"
)
_PRUNE = text(
    "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE id < :oldest"
    " AND state IN ('sent', 'failed', 'suppressed') ORDER BY id LIMIT :limit)"
)
_OLDEST_DUE = text(
    "SELECT coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0)::float, count(*) FROM message"
    " WHERE channel = :channel AND state IN ('waiting', 'sending') AND next_attempt_at <= now()"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this sender may try now, with what is known of its recipient."""

    id: UUID
    cause: UUID
    channel: str
    template: str
    facts: Mapping[str, Any]
    unit: str
    enterprise: UUID | None
    account: str | None
    attempts: int
    round: int
    """Which attempt of the schedule it is, from 1."""
    address: str | None
    language: str
    known: bool
    removed: bool
    may_serve: bool
    correlation_id: str | None
    created_at: datetime
    direct: bool
    """Whether it was asked for without an event, so that none tells what became of it."""
    expires_at: datetime | None
    secret: str | None = field(repr=False)

    @property
    def expired(self) -> bool:
        """Whether it is of no use any more."""
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)


_SAME = tuple(name for name in Claim.__slots__ if name not in ("facts", "round", "removed", "direct"))


def write(session: Session, drafts: Iterable[Draft], now: datetime) -> None:
    """Write messages that aren't there yet; what goes to the inbox has arrived by that."""
    rows = [{"id": new_id(), **_row(draft)} for draft in drafts]
    if rows:
        rows.sort(key=lambda row: (row["cause"], row["audience"], row["channel"]))
        session.execute(_WRITE, {"rows": orjson.dumps(rows).decode(), "now": now})


def claim(session: Session, channel: str, *, limit: int, lease: timedelta) -> list[Claim]:
    """Up to `limit` of a channel's messages that are due, nobody else's for the length of `lease`."""
    return [_claim(row) for row in session.execute(_CLAIM, {"channel": channel, "limit": limit, "lease": lease})]


def settle(
    session: Session, claimed: Claim, state: str, *, error: str | None = None, status: int | None = None,
    answer: str | None = None,
) -> bool:  # fmt: skip
    """End a message as sent, failed or suppressed. False when the lease had run out and another sender has it."""
    values = {"state": state, "error": error, "status": status, "answer": answer, "next": None}
    return bool(session.execute(_SETTLE, values | _mine(claimed)).scalar())


def postpone(
    session: Session, claimed: Claim, delay: timedelta, *, error: str, status: int | None = None,
    answer: str | None = None,
) -> None:  # fmt: skip
    """Try it again after `delay`."""
    session.execute(_LATER, {"delay": delay, "error": error, "status": status, "answer": answer} | _mine(claimed))


def give_back(session: Session, claims: Sequence[Claim], delay: timedelta) -> None:
    """Messages that were claimed and not tried: they keep their attempts."""
    if claims:
        session.execute(_GIVE_BACK, [{"delay": delay} | _mine(each) for each in claims])


def resend(session: Session, message: UUID) -> bool:
    """Have a failed or suppressed mail tried from the first attempt; False where it is in no such state."""
    return bool(session.execute(_RESEND, {"id": message}).scalar())


def write_direct(session: Session, asked: Mapping[str, Any], *, now: datetime, correlation_id: str) -> None:
    """Write what the gateway has asked for (`contracts.api.for_gateway.SendSecret`), unless its cause is known."""
    values = {**asked, "params": orjson.dumps(asked["params"]).decode(), "new_id": new_id(), "now": now}
    session.execute(_WRITE_DIRECT, values | {"correlation_id": correlation_id})


def expire(session: Session) -> int:
    """Suppress what carries a secret that has expired, and scrub it; returns how many there were."""
    return session.execute(_EXPIRE).rowcount  # type: ignore[attr-defined, no-any-return]


def prune(session: Session, *, oldest: UUID, limit: int) -> int:
    """Delete ended messages that are older than the id `oldest`; returns how many there were."""
    return session.execute(_PRUNE, {"oldest": oldest, "limit": limit}).rowcount  # type: ignore[attr-defined, no-any-return]


def backlog(session: Session, channel: str) -> tuple[float, int]:
    """Seconds that a channel's longest due message has been due for, and how many are due."""
    seconds, count = session.execute(_OLDEST_DUE, {"channel": channel}).one()
    return seconds, count


def _mine(claimed: Claim) -> dict[str, Any]:
    return {"id": claimed.id, "attempts": claimed.attempts}


def _row(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in Draft.__slots__} | {"params": dict(draft.params)}


def _claim(row: Row[Any]) -> Claim:
    names = {
        "business": row.business,
        "other_business": row.other_business,
        "person": row.person,
        "unit": row.unit,
        "enterprise": row.enterprise,
    }
    same = {name: getattr(row, name) for name in _SAME}
    return Claim(
        **same,
        facts={**row.params, **names, "secret": row.secret},
        direct=row.audience == DIRECT,
        round=row.attempts - row.attempts_before,
        removed=row.owner_state == "removed",
    )
