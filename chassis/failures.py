"""Events that could not be taken, as rows: what came, what was wrong, and when it is tried again."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DBAPIError

from chassis.identifiers import new_id
from chassis.subscriptions import RETRY_SCHEDULE, Drop, Retry
from chassis.tables import failed_event
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope, Event, UnreadableEventError, decode


@dataclass(slots=True)
class Incoming:
    """A message's body and, where it could be read, its envelope."""

    body: bytes
    envelope: Envelope[Any] | None
    error: str = ""

    @classmethod
    def read(cls, body: bytes, expected: type[Event] | None = None) -> Incoming:
        """Read a body, quickest where it holds what is expected; one that can't be read is kept with the reason."""
        try:
            return cls(body, decode(body, expected))
        except UnreadableEventError as error:
            return cls(body, None, f"unreadable: {error}")


def record_failure(
    uow: UnitOfWork,
    subscription: str,
    incoming: Incoming,
    error_text: str,
    *,
    attempts: int,
    cause: Exception | None = None,
) -> None:
    """Write a `failed_event` row: waiting for its next attempt, dead, or dropped when the handler said so."""
    envelope = incoming.envelope
    state, next_attempt_at = next_step(cause, attempts, uow.now)
    uow.session.execute(
        failed_event.insert(),
        {
            "id": new_id(),
            "subscription": subscription,
            "event_id": envelope.id if envelope else None,
            "type": envelope.type if envelope else None,
            "unit": envelope.unit if envelope else None,
            "subject": envelope.subject if envelope else None,
            "body": incoming.body,
            "error": error_text,
            "attempts": attempts,
            "failed_at": uow.now,
            "next_attempt_at": next_attempt_at,
            "state": state,
        },
    )


def next_step(cause: Exception | None, attempts: int, now: datetime) -> tuple[str, datetime | None]:
    """State of an event after `attempts` failed attempts, the last one because of `cause`, and when it is tried again."""
    if isinstance(cause, Drop):
        return "dropped", None
    if attempts > len(RETRY_SCHEDULE):
        return "dead", None
    delay = cause.after if isinstance(cause, Retry) else RETRY_SCHEDULE[attempts - 1]
    return "waiting", now + delay


def describe(error: Exception) -> str:
    """What an operator reads of an error: what it is and where it came from, innermost frames last.

    Of libraries only the innermost frame: theirs are many, and it is the handler that is looked for.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames[:-1] if "site-packages" not in frame.filename]
    places = "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in [*own[-6:], *frames[-1:]])
    return f"{summary(error)}\n{places}"


def summary(error: BaseException) -> str:
    """What an error is, in one line."""
    # a statement's parameters may hold personal data: only the driver's first line is kept
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    first_line = (str(cause).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first_line}"
