"""Carries errands out: one thread per process, which sleeps until there is something to do.

Any number of processes share the work. An errand that fails for now is tried again until it has expired; each task is
harmless when it is done twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from chassis.database import Database
from chassis.log import logger
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM, AccessContext
from contracts.errors import DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, PlutError
from gateway.identity import errands
from gateway.identity.account_key import AccountKey
from gateway.identity.errands import Errand

log = logger(__name__)

#: Seconds after which a process looks without having been woken: for what another one has left behind.
LOOK_EVERY: Final = 5.0
#: Seconds that an errand under way is given when the process ends.
GRACE: Final = 5.0
_FOR_NOW: Final = frozenset({UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL})


class Services(Protocol):
    """The way to the services (`chassis.rpc_client.RpcClient`)."""

    def request(
        self, service: str, method: str, request: Mapping[str, Any], context: AccessContext, *, repeatable: bool = ...
    ) -> Any:
        """Ask one."""


class Courier:
    """`wake` it after a commit that has put an errand."""

    def __init__(self, database: Database, services: Services, key: AccountKey, tasks: Mapping[str, Task]) -> None:
        self._database = database
        self._services = services
        self.key = key
        self._tasks = tasks
        self._called = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There is something to do. Begins the thread at the first call, so that a fork before it harms nothing."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
                self._thread.start()
        self._called.set()

    def close(self) -> None:
        """End after the errand under way, but don't wait for it for ever: what was taken falls due again."""
        self._stopping.set()
        self._called.set()
        if self._thread is not None:
            self._thread.join(GRACE)

    def step(self) -> bool:
        """Carry out one errand that is due; False where there is none."""
        with self._database.engine.begin() as connection:
            taken = errands.take(connection, self.key, datetime.now(UTC))
        if taken is None:
            return False
        try:
            self._tasks[taken.task](self, taken)
            with self._database.engine.begin() as connection:
                errands.done(connection, taken)
        except PlutError as error:
            self._settle(taken, error)
        return True

    def ask(self, one: Errand, service: str, method: str, values: Mapping[str, Any]) -> Any:
        """What a service answers to the platform itself."""
        return self._services.request(service, method, values, _context(one), repeatable=True).result

    def unit_of_work(self, one: Errand) -> UnitOfWork:
        """A transaction in the gateway's own database, on behalf of the platform itself."""
        return UnitOfWork(self._database, _context(one))

    def _settle(self, taken: Errand, error: PlutError) -> None:
        with self._database.engine.begin() as connection:
            if error.code in _FOR_NOW:
                log.info("errand waits", task=taken.task, attempts=taken.attempts, code=error.code)
                errands.later(connection, taken, datetime.now(UTC))
            else:
                # its text is about our own request, and may quote it
                log.error("errand refused", task=taken.task, code=error.code)
                errands.done(connection, taken)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._called.wait(LOOK_EVERY)
            self._called.clear()
            try:
                while not self._stopping.is_set() and self.step():
                    pass
            except SQLAlchemyError as error:
                log.warning("errands wait for the database", error=type(error).__name__)
            except Exception:  # the next one may well succeed, and nobody else would carry it out
                log.exception("errand failed")


Task = Callable[[Courier, Errand], None]
"""What is done for one errand. Raises PlutError."""


def _context(one: Errand) -> AccessContext:
    return msgspec.structs.replace(SYSTEM, correlation_id=one.values.get("correlation_id", ""))


def send(courier: Courier, one: Errand) -> None:
    """Have notifications write to somebody; the errand's id keeps a repeat from being a second message."""
    values = {name: value for name, value in one.values.items() if name != "correlation_id"}
    courier.ask(one, "notifications", "send_secret", {"id": str(UUID(int=one.id.int)), **values})
