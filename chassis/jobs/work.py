"""One run of a job, as its function sees it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.database import Database
from chassis.files import FileStore
from chassis.unit_of_work import UnitOfWork
from contracts.access import AccessContext


class JobStopped(Exception):  # noqa: N818 - an order
    """The asker wants the job to stop: it is raised out of `Work.progress`, between two steps."""


class Interrupted(Exception):  # noqa: N818
    """This worker is being shut down: another run goes on from the last committed step."""


class Superseded(Exception):  # noqa: N818
    """Another worker has taken the job over, because this one was away for too long."""


@dataclass(slots=True)
class Work:
    """One run of a job: what was asked for, and the means to do it in steps."""

    id: UUID
    kind: str
    unit: str
    params: Mapping[str, Any]
    context: AccessContext
    files: FileStore
    database: Database
    run: int
    stopping: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        """A step: committed at the end of the block, unless another worker has taken the job over meanwhile.

        Its events go by the bulk lane.
        """
        with UnitOfWork(self.database, self.context, bulk=True) as uow:
            self._require_mine(uow)
            yield uow
            # locked only now: who asks the job to stop must not wait for a long step
            self._require_mine(uow, "FOR UPDATE")

    def _require_mine(self, uow: UnitOfWork, lock: str = "") -> None:
        mine = uow.session.execute(
            text(f"SELECT true FROM plut.job WHERE id = :id AND run = :run AND state = 'running' {lock}"),
            {"id": self.id, "run": self.run},
        ).scalar()
        if not mine:
            raise Superseded

    def progress(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """Tell the asker how far the job is; raises JobStopped, Interrupted or Superseded when it must not go on."""
        if self.stopping.is_set():
            raise Interrupted
        with UnitOfWork(self.database, self.context) as uow:
            stop = uow.session.execute(
                text(
                    "UPDATE plut.job"
                    " SET done = :done, total = coalesce(:total, total), note = :note, version = version + 1"
                    " WHERE id = :id AND run = :run AND state = 'running' RETURNING stop_requested"
                ),
                {"id": self.id, "run": self.run, "done": done, "total": total, "note": note},
            ).scalar()
        if stop is None:
            raise Superseded
        if stop:
            raise JobStopped
