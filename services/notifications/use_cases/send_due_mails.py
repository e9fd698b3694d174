"""Hand over the mails that are due. Any number of senders may do this at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from typing import Final

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from chassis.consume import is_away
from chassis.database import Database
from chassis.log import logger
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from contracts.notifications import MessageDelivered, MessageFailed, Reason
from services.notifications.domain import telling
from services.notifications.domain.addresses import is_address
from services.notifications.domain.letter import letter
from services.notifications.domain.schedule import UNKNOWN_LIMIT, UNKNOWN_PAUSE, next_delay
from services.notifications.domain.templates.rendering import UnrenderableError, render
from services.notifications.mail.connection import (
    STEP,
    WHOLE,
    Accepted,
    MailConnection,
    NotNowError,
    RefusedError,
    ServerAwayError,
)
from services.notifications.mail.metrics import MAIL_SECONDS, MAILS, MAILS_DUE, OLDEST_DUE, SERVER_AWAY
from services.notifications.storage import messages
from services.notifications.storage.messages import Claim

log = logger(__name__)

#: Mails that one sender claims at a time, and for how long they are nobody else's.
BATCH: Final = 20
LEASE: Final = timedelta(seconds=180)
#: Seconds to leave a mail server alone that can't be used, doubled each time up to the second figure.
BACKOFF: Final = (1.0, 60.0)
#: Seconds between two looks at how long the queue is.
OBSERVE: Final = 5.0
#: Seconds between two tries to write down what the mail server answered, while the database is away.
INSIST: Final = 0.5


@dataclass(slots=True)
class MailSender:
    """One sender: its connection, and how long it leaves a server alone that was away."""

    database: Database
    settings: Settings
    connection: MailConnection
    stopping: threading.Event
    batch: int = BATCH
    lease: timedelta = LEASE
    clock: Callable[[], float] = time.monotonic
    _delay: float = BACKOFF[0]
    _away_until: float = 0.0
    _observe_at: float = 0.0

    def step(self) -> int:
        """Claim what is due, up to a batch, and try it; returns how many mails were tried or put aside for good."""
        if self.clock() < self._away_until:
            return 0
        began = self.clock()
        self._observe(began)
        with self._unit_of_work() as uow:
            claims = messages.claim(uow.session, limit=self.batch, lease=self.lease)
        done = 0
        # one more mail may take as long as it takes to connect and to hand over; the lease must outlast that
        last_start = began + self.lease.total_seconds() - (STEP + 2 * WHOLE)
        for index, claimed in enumerate(claims):
            if self.stopping.is_set() or (index and self.clock() > last_start):
                self._give_back(claims[index:], timedelta())
                break
            try:
                done += self._take(claimed)
            except ServerAwayError as error:
                self._leave_alone(error)
                self._give_back(claims[index:], timedelta())
                break
        if len(claims) < self.batch:
            self.connection.close()
        return done

    def _observe(self, now: float) -> None:
        # counting a long queue costs more than taking from it
        if now < self._observe_at:
            return
        self._observe_at = now + OBSERVE
        with self._unit_of_work() as uow:
            seconds, due = messages.backlog(uow.session)
        OLDEST_DUE.set(seconds)
        MAILS_DUE.set(due)

    def _take(self, claimed: Claim) -> int:
        """Try one mail, or put it aside; raises ServerAwayError."""
        if claimed.enterprise and not claimed.known:
            return self._wait_for_recipient(claimed)
        if reason := _no_use(claimed):
            return self._suppress(claimed, reason)
        try:
            mail = self._letter(claimed)
        except UnrenderableError as error:
            log.error("mail has no words", message=str(claimed.id), error=str(error))  # noqa: TRY400 - the reason says all
            return self._fail(claimed, "unrenderable")
        assert claimed.address is not None
        try:
            with MAIL_SECONDS.time():
                accepted = self.connection.hand_over(
                    mail, sender=parseaddr(self.settings.mail_from)[1], to=claimed.address
                )
        except RefusedError as refusal:
            self._is_there()
            return self._fail(claimed, "refused", refusal)
        except NotNowError as problem:
            self._is_there()
            return self._try_later(claimed, problem)
        self._is_there()
        return self._insist(lambda: self._sent(claimed, accepted))

    def _insist(self, settle: Callable[[], int]) -> int:
        """Write down that a mail was taken, also when the database comes back only in a while: else it is sent again."""
        until = self.clock() + self.lease.total_seconds() / 3
        while True:
            try:
                return settle()
            except SQLAlchemyError as error:
                if not is_away(error) or self.clock() > until:
                    raise
                time.sleep(INSIST)

    def _letter(self, claimed: Claim) -> bytes:
        rendered = render(
            claimed.template, claimed.facts, language=claimed.language, on=claimed.created_at.date()
        )  # fmt: skip
        assert claimed.address is not None
        return letter(
            claimed.id, rendered, to=claimed.address, mail_from=self.settings.mail_from, written=claimed.created_at,
            place=self.settings.public_url,
        )  # fmt: skip

    def _wait_for_recipient(self, claimed: Claim) -> int:
        with self._unit_of_work(claimed) as uow:
            if uow.now - claimed.created_at > UNKNOWN_LIMIT:
                messages.settle(uow.session, claimed, "suppressed", error="unknown-recipient")
                return 1
            messages.give_back(uow.session, [claimed], UNKNOWN_PAUSE)
        return 0

    def _suppress(self, claimed: Claim, reason: str) -> int:
        with self._unit_of_work(claimed) as uow:
            messages.settle(uow.session, claimed, "suppressed", error=reason)
        MAILS.labels("suppressed").inc()
        return 1

    def _sent(self, claimed: Claim, accepted: Accepted) -> int:
        with self._unit_of_work(claimed) as uow:
            if messages.settle(uow.session, claimed, "sent", status=accepted.status, answer=accepted.answer):
                delivered = MessageDelivered(
                    message=claimed.id, template=claimed.template, channel="email", enterprise=claimed.enterprise,
                    account=claimed.account, cause=claimed.cause, attempts=claimed.attempts,
                )  # fmt: skip
                uow.publish(delivered, subject=claimed.id, unit=claimed.unit, sequence=claimed.attempts)
        MAILS.labels("sent").inc()
        return 1

    def _try_later(self, claimed: Claim, problem: NotNowError) -> int:
        delay = next_delay(claimed.round)
        if delay is None:
            return self._fail(claimed, "gave-up", problem)
        with self._unit_of_work(claimed) as uow:
            messages.postpone(
                uow.session, claimed, delay, error="not-now", status=problem.status, answer=problem.answer
            )  # fmt: skip
        MAILS.labels("postponed").inc()
        log.info("mail postponed", message=str(claimed.id), status=problem.status, seconds=delay.total_seconds())
        return 1

    def _fail(self, claimed: Claim, reason: Reason, problem: NotNowError | None = None) -> int:
        status = problem.status if problem else None
        with self._unit_of_work(claimed) as uow:
            if messages.settle(
                uow.session, claimed, "failed", error=reason, status=status,
                answer=problem.answer if problem else None,
            ):  # fmt: skip
                failed = MessageFailed(
                    message=claimed.id, template=claimed.template, channel="email", enterprise=claimed.enterprise,
                    account=claimed.account, cause=claimed.cause, attempts=claimed.attempts, reason=reason,
                    status=status,
                )  # fmt: skip
                uow.publish(failed, subject=claimed.id, unit=claimed.unit, sequence=claimed.attempts)
                if claimed.enterprise and problem:
                    told = telling.undeliverable(
                        message=claimed.id, template=claimed.template, unit=claimed.unit,
                        enterprise=claimed.enterprise, reason=reason,
                    )  # fmt: skip
                    messages.write(uow.session, [told], uow.now)
        MAILS.labels("failed").inc()
        log.warning("mail failed", message=str(claimed.id), reason=reason, status=status)
        return 1

    def _give_back(self, claims: list[Claim], delay: timedelta) -> None:
        with self._unit_of_work() as uow:
            messages.give_back(uow.session, claims, delay)

    def _is_there(self) -> None:
        SERVER_AWAY.set(0)
        self._delay = BACKOFF[0]

    def _leave_alone(self, error: ServerAwayError) -> None:
        SERVER_AWAY.set(1)
        self._away_until = self.clock() + self._delay
        log.warning("mail server can't be used", error=str(error), seconds=self._delay)
        self._delay = min(self._delay * 2, BACKOFF[1])

    def _unit_of_work(self, claimed: Claim | None = None) -> UnitOfWork:
        correlation = (claimed and claimed.correlation_id) or ""
        return UnitOfWork(self.database, msgspec.structs.replace(SYSTEM, correlation_id=correlation))


def _no_use(claimed: Claim) -> str | None:
    """Why a mail isn't to be sent at all; None where it is."""
    if claimed.removed:
        return "removed"
    if not claimed.may_serve:
        return "no-consent"
    if not claimed.address:
        return "no-address"
    return None if is_address(claimed.address) else "bad-address"
