"""How many requests somebody may still make, counted for all processes and replicas of the gateway together.

Counted is by the minute of the database's clock. A process leases requests from it in blocks, a twentieth of the limit at a
time and less towards its end, and hands them out by itself: most requests write nothing. The table is UNLOGGED, so a lease
waits for no disk; what a crash of the database forgets is one minute's counts.

**Exactness.** Within a minute never more than the limit is handed out, by however many processes. It may be less, by what
other processes have leased and don't use: at most a twentieth of the limit for each of them. Around the turn of a minute
somebody may use the end of one and the beginning of the next.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Counter
from sqlalchemy import delete, text
from sqlalchemy.exc import SQLAlchemyError

from chassis.database import Database
from chassis.log import logger
from gateway.identity.tables import rate_window

WINDOW: Final = 60
"""Seconds."""
_BLOCKS: Final = 20
#: After the database hasn't answered, it isn't asked for so long: a request waits for it once, not again and again.
_PAUSE: Final = 2.0

UNCHECKED: Final = Counter(
    "plut_rate_limit_unchecked_total", "Requests that no limit was held for, as the database was away.", ["policy"]
)
log = logger(__name__)

_NOW: Final = f"floor(extract(epoch FROM statement_timestamp()) / {WINDOW})"
# what is left, and of that a block, or a tenth where that is less: the last ones go singly, to whoever asks
_LEFT = "greatest(0, CAST(:quota AS integer) - held.taken)"
_GRANTED = f"least({_LEFT}, greatest(1, least(CAST(:block AS integer), {_LEFT} / 10)))"
# a transaction that waited for another's row may have begun in the minute before: time doesn't go back
_LEASE: Final = text(
    "INSERT INTO rate_window AS held (name, began, taken, granted)"
    f" VALUES (:name, {_NOW}, :block, :block)"
    " ON CONFLICT (name) DO UPDATE SET began = greatest(held.began, excluded.began),"
    f" taken = CASE WHEN held.began < excluded.began THEN excluded.taken ELSE held.taken + {_GRANTED} END,"
    f" granted = CASE WHEN held.began < excluded.began THEN excluded.granted ELSE {_GRANTED} END"
    " RETURNING granted, taken,"
    f" CAST((began + 1) * {WINDOW} - extract(epoch FROM statement_timestamp()) AS double precision) AS seconds"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """A limit: so many requests in a minute, of everything that is counted under `name`."""

    name: str
    quota: int

    @property
    def block(self) -> int:
        """How many a process leases at a time."""
        return max(1, self.quota // _BLOCKS)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands after a request: how many `remain`, as far as this process knows, for so many seconds."""

    policy: Policy
    allowed: bool
    remain: int
    seconds: int


@dataclass(slots=True)
class _Lease:
    """What this process holds of one count until the minute is over; `beyond` is what the database had left then."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    left: int = 0
    beyond: int = 0
    until: float = 0.0


class Leases:
    """Those of one process; threads share them."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lock = threading.Lock()
        self._held: dict[str, _Lease] = {}
        self._asks_from = 0.0
        self._tidies_from = time.monotonic() + WINDOW

    def take(self, policy: Policy, who: str) -> Standing | None:
        """Count one request of `who`; None where it can't be counted, which refuses nobody."""
        name = f"{policy.name}:{who}"
        with self._lock:
            lease = self._held.setdefault(name, _Lease())
        with lease.lock:
            now = time.monotonic()
            spent = lease.left == 0 and lease.beyond > 0
            if (now >= lease.until or spent) and not self._renew(lease, policy, name):
                UNCHECKED.labels(policy.name).inc()
                return None
            allowed = lease.left > 0
            lease.left -= allowed
            seconds = max(1, round(lease.until - now))
            return Standing(policy, allowed, lease.left + lease.beyond, seconds)

    def _renew(self, lease: _Lease, policy: Policy, name: str) -> bool:
        """Lease a block; one thread does it for a count, the others wait for what it brings."""
        began = time.monotonic()
        if began < self._asks_from:
            return False
        try:
            with self._engine.connect() as connection:
                values = {"name": name, "quota": policy.quota, "block": policy.block}
                row = connection.execute(_LEASE, values).one()
                if began >= self._tidies_from:
                    self._tidy(began)
                    connection.execute(delete(rate_window).where(text(f"began < {_NOW} - 1")))
        except SQLAlchemyError as error:
            self._asks_from = time.monotonic() + _PAUSE
            log.warning("rate limits are not held", error=type(error).__name__)
            return False
        lease.left, lease.beyond = row.granted, max(0, policy.quota - row.taken)
        lease.until = began + row.seconds
        return True

    def _tidy(self, now: float) -> None:
        """Forget leases whose minute is over."""
        self._tidies_from = now + WINDOW
        with self._lock:
            self._held = {name: lease for name, lease in self._held.items() if lease.until > now or lease.lock.locked()}
