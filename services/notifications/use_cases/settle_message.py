"""Write down what came of a message: its row, its event, and what the unit should know of it, in one transaction."""

from __future__ import annotations

from chassis.unit_of_work import UnitOfWork
from contracts.notifications import MessageDelivered, MessageFailed, Reason
from services.notifications.carrier import Accepted, NotNowError
from services.notifications.domain import telling
from services.notifications.domain.schedule import UNKNOWN_LIMIT, UNKNOWN_PAUSE, next_delay
from services.notifications.metrics import MESSAGES
from services.notifications.storage import messages
from services.notifications.storage.messages import Claim


def delivered(*, uow: UnitOfWork, claimed: Claim, accepted: Accepted) -> None:
    """The server has taken it over. Nothing is changed where another sender has the mail by now."""
    mine = messages.settle(uow.session, claimed, "sent", status=accepted.status, answer=accepted.answer)
    if mine and _is_told(claimed):
        event = MessageDelivered(
            message=claimed.id, template=claimed.template, channel="email", enterprise=claimed.enterprise,
            account=claimed.account, cause=claimed.cause, attempts=claimed.attempts,
        )  # fmt: skip
        uow.publish(event, subject=claimed.id, unit=claimed.unit, sequence=claimed.attempts)
    MESSAGES.labels(claimed.channel, "sent").inc()


def failed(*, uow: UnitOfWork, claimed: Claim, reason: Reason, problem: NotNowError | None = None) -> None:
    """It won't be tried again; where a server said no, the unit learns that the address wants looking at."""
    status, answer = (problem.status, problem.answer) if problem else (None, None)
    mine = messages.settle(uow.session, claimed, "failed", error=reason, status=status, answer=answer)
    if mine and _is_told(claimed):
        event = MessageFailed(
            message=claimed.id, template=claimed.template, channel="email", enterprise=claimed.enterprise,
            account=claimed.account, cause=claimed.cause, attempts=claimed.attempts, reason=reason, status=status,
        )  # fmt: skip
        uow.publish(event, subject=claimed.id, unit=claimed.unit, sequence=claimed.attempts)
        if claimed.enterprise and problem:
            told = telling.undeliverable(
                message=claimed.id, template=claimed.template, unit=claimed.unit, enterprise=claimed.enterprise,
                reason=reason,
            )  # fmt: skip
            messages.write(uow.session, [told], uow.now)
    MESSAGES.labels(claimed.channel, "failed").inc()


def _is_told(claimed: Claim) -> bool:
    """Whether an event says what came of it. The events' first version doesn't know of short messages."""
    return not claimed.direct and claimed.channel == "email"


def refused_for_now(*, uow: UnitOfWork, claimed: Claim, problem: NotNowError) -> None:
    """It is tried again by the schedule, or has failed when that was the last time."""
    delay = next_delay(claimed.round, soon=claimed.expires_at is not None)
    if delay is None:
        failed(uow=uow, claimed=claimed, reason="gave-up", problem=problem)
        return
    messages.postpone(uow.session, claimed, delay, error="not-now", status=problem.status, answer=problem.answer)
    MESSAGES.labels(claimed.channel, "postponed").inc()


def suppressed(*, uow: UnitOfWork, claimed: Claim, reason: str) -> None:
    """It is not sent, for a reason that isn't the server's."""
    messages.settle(uow.session, claimed, "suppressed", error=reason)
    MESSAGES.labels(claimed.channel, "suppressed").inc()


def recipient_unknown(*, uow: UnitOfWork, claimed: Claim) -> None:
    """It waits, without losing an attempt, until we hear of the enterprise; after `UNKNOWN_LIMIT` it is given up."""
    if uow.now - claimed.created_at > UNKNOWN_LIMIT:
        suppressed(uow=uow, claimed=claimed, reason="unknown-recipient")
    else:
        messages.give_back(uow.session, [claimed], UNKNOWN_PAUSE)
