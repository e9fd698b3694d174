"""Plain nameko: `@event_handler`, SQLAlchemy, a transaction per event. `nameko run` starts it."""

from __future__ import annotations

import os
from typing import Any

from nameko.events import event_handler
from nameko.extensions import DependencyProvider
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tests.bench.events.statements import INBOX, UPSERT, values

# psycopg blocks all workers while it waits, unless it is told of eventlet; it reads this when it is imported, later
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"

_INBOX = text(INBOX).bindparams(subscription="nameko")
_UPSERT = text(UPSERT)


class Database(DependencyProvider):
    """A session for each worker, as nameko's documentation shows it."""

    def setup(self) -> None:
        """A pool as large as nameko's number of workers."""
        url = os.environ["BENCH_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
        self.engine = create_engine(url, pool_size=10)

    def get_dependency(self, _: Any) -> Session:
        """What the worker sees as `self.session`."""
        return Session(self.engine)


class Businesses:
    """Keeps a list of businesses."""

    name = "businesses"
    session = Database()

    @event_handler("registrar", "enterprise-registered", requeue_on_error=True)
    def list_business(self, event: dict[str, Any]) -> None:
        """Once for each event, however often it comes."""
        with self.session, self.session.begin():
            if self.session.execute(_INBOX, {"id": event["id"]}).rowcount:
                self.session.execute(_UPSERT, values(event))
