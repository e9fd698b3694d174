"""Hand over the messages of a channel that are due. Any number of senders may do this at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from chassis.database import Database
from chassis.database_errors import is_away
from chassis.log import logger
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from services.notifications.carrier import Carrier, NotNowError, RefusedError, ServerAwayError
from services.notifications.domain.templates.rendering import UnrenderableError
from services.notifications.metrics import MESSAGE_SECONDS, MESSAGES_DUE, OLDEST_DUE, SERVER_AWAY
from services.notifications.storage import messages
from services.notifications.storage.messages import Claim
from services.notifications.use_cases import settle_message

log = logger(__name__)

#: Messages that one sender claims at a time, and for how long they are nobody else's.
BATCH: Final = 20
LEASE: Final = timedelta(seconds=180)
#: Seconds to leave a server alone that can't be used, doubled each time up to the second figure.
BACKOFF: Final = (1.0, 60.0)
#: Seconds between two looks at how long the queue is: counting it costs more than taking from it.
OBSERVE: Final = 5.0
#: Seconds between two tries to write down what the server answered, while the database is away.
INSIST: Final = 0.5

Settle = Callable[[UnitOfWork], None]


@dataclass(slots=True)
class MessageSender:
    """One sender: its way out, and how long it leaves a server alone that was away."""

    database: Database
    carrier: Carrier
    stopping: threading.Event
    batch: int = BATCH
    lease: timedelta = LEASE
    clock: Callable[[], float] = time.monotonic
    _delay: float = BACKOFF[0]
    _away_until: float = 0.0
    _observe_at: float = 0.0

    def step(self) -> int:
        """Claim what is due, up to a batch, and try it; returns how many were dealt with."""
        if self.clock() < self._away_until:
            return 0
        began = self.clock()
        self._observe(began)
        with self._unit_of_work() as uow:
            claims = messages.claim(uow.session, self.carrier.channel, limit=self.batch, lease=self.lease)
        done = 0
        # one more message may take as long as it takes to connect and to hand over; the lease must outlast that
        last_start = began + self.lease.total_seconds() - self.carrier.longest
        for index, claimed in enumerate(claims):
            if self.stopping.is_set() or (index and self.clock() > last_start):
                self._give_back(claims[index:])
                break
            try:
                self._insist(claimed, self._take(claimed))
            except ServerAwayError as error:
                self._leave_alone(error)
                self._give_back(claims[index:])
                break
            done += claimed.known or claimed.enterprise is None
        if len(claims) < self.batch:
            self.carrier.close()
        return done

    def _take(self, claimed: Claim) -> Settle:
        """Try one message, or put it aside; returns what is to be written down. Raises ServerAwayError."""
        if claimed.enterprise and not claimed.known:
            return lambda uow: settle_message.recipient_unknown(uow=uow, claimed=claimed)
        if reason := self._no_use(claimed):
            return lambda uow: settle_message.suppressed(uow=uow, claimed=claimed, reason=reason)
        try:
            written = self.carrier.write(claimed)
        except UnrenderableError as error:
            log.warning("message has no words", message=str(claimed.id), error=str(error))
            return lambda uow: settle_message.failed(uow=uow, claimed=claimed, reason="unrenderable")
        return self._hand_over(claimed, written)

    def _hand_over(self, claimed: Claim, written: bytes) -> Settle:
        try:
            with MESSAGE_SECONDS.labels(self.carrier.channel).time():
                accepted = self.carrier.hand_over(claimed, written)
        except NotNowError as answer:
            self._is_there()
            problem = answer  # the name of an except clause is gone when the settlement is called
            log.info("message not taken", message=str(claimed.id), status=problem.status, attempt=claimed.attempts)
            if isinstance(problem, RefusedError):
                return lambda uow: settle_message.failed(uow=uow, claimed=claimed, reason="refused", problem=problem)
            return lambda uow: settle_message.refused_for_now(uow=uow, claimed=claimed, problem=problem)
        self._is_there()
        return lambda uow: settle_message.delivered(uow=uow, claimed=claimed, accepted=accepted)

    def _insist(self, claimed: Claim, settle: Settle) -> None:
        """Write it down, also when the database comes back only in a while: a message whose answer is lost is sent again."""
        until = self.clock() + self.lease.total_seconds() / 3
        while True:
            try:
                with self._unit_of_work(claimed) as uow:
                    return settle(uow)
            except SQLAlchemyError as error:
                if not is_away(error) or self.clock() > until:
                    raise
                time.sleep(INSIST)

    def _give_back(self, claims: list[Claim]) -> None:
        with self._unit_of_work() as uow:
            messages.give_back(uow.session, claims, timedelta())

    def _is_there(self) -> None:
        SERVER_AWAY.labels(self.carrier.channel).set(0)
        self._delay = BACKOFF[0]

    def _leave_alone(self, error: ServerAwayError) -> None:
        SERVER_AWAY.labels(self.carrier.channel).set(1)
        self._away_until = self.clock() + self._delay
        log.warning("server can't be used", channel=self.carrier.channel, error=str(error), seconds=self._delay)
        self._delay = min(self._delay * 2, BACKOFF[1])

    def _observe(self, now: float) -> None:
        if now < self._observe_at:
            return
        self._observe_at = now + OBSERVE
        with self._unit_of_work() as uow:
            seconds, due = messages.backlog(uow.session, self.carrier.channel)
        OLDEST_DUE.labels(self.carrier.channel).set(seconds)
        MESSAGES_DUE.labels(self.carrier.channel).set(due)

    def _unit_of_work(self, claimed: Claim | None = None) -> UnitOfWork:
        correlation = (claimed and claimed.correlation_id) or ""
        return UnitOfWork(self.database, msgspec.structs.replace(SYSTEM, correlation_id=correlation))

    def _no_use(self, claimed: Claim) -> str | None:
        """Why a message isn't to be sent at all; None where it is."""
        if claimed.expired:
            return "expired"
        if claimed.removed:
            return "removed"
        if not claimed.may_serve:
            return "no-consent"
        if not claimed.address:
            return "no-address"
        return None if self.carrier.can_reach(claimed.address) else "bad-address"
