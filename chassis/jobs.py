"""Jobs: long work that somebody waits for, and work by the clock. Carried out by the worker process.

A job is a row in `plut.job`, which its asker sees, and a task of procrastinate, which any worker of the service claims;
both are written in the transaction that asks for the job. A job runs in steps, each a unit of work: when its process
dies, another worker calls the function again, which goes on where the last committed step ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import select, text

from chassis.database import Database, driver_connection
from chassis.files import FileStore
from chassis.identifiers import new_id
from chassis.scope import in_scope
from chassis.settings import Settings
from chassis.tables import job as table
from chassis.unit_of_work import UnitOfWork
from contracts.access import AccessContext
from contracts.errors import NOT_FOUND, VERSION_CONFLICT, PlutError

F = TypeVar("F", bound=Callable[..., Any])
_JOB: Final = "__plut_job__"
_EVERY: Final = "__plut_every__"
_CONTINUOUSLY: Final = "__plut_continuously__"
#: The one task of procrastinate that carries out jobs.
TASK: Final = "run-job"

# defers over connections that are handed in: it never opens one of its own
_queue = App(connector=SyncPsycopgConnector())


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
        """A step: committed at the end of the block, unless another worker has taken the job over meanwhile."""
        with UnitOfWork(self.database, self.context) as uow:
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


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Work by the clock: `function(uow)`, at the times of a cron expression."""

    cron: str
    name: str
    function: Callable[[UnitOfWork], None]


@dataclass(frozen=True, slots=True)
class Means:
    """What continuous work has at hand; `stopping` is set when the worker is being shut down."""

    settings: Settings
    database: Database
    stopping: threading.Event


@dataclass(frozen=True, slots=True)
class Continuous:
    """Work that goes on all the time: `begin(means)` gives `step()`, which says how much it did."""

    name: str
    pause: float
    begin: Callable[[Means], Callable[[], int]]


def job(kind: str) -> Callable[[F], F]:
    """Make a function of `services/<service>/jobs.py` carry out jobs of `kind`: `(work) -> result as JSON values`."""

    def mark(function: F) -> F:
        setattr(function, _JOB, kind)
        return function

    return mark


def every(cron: str, name: str) -> Callable[[F], F]:
    """Make a function of `services/<service>/jobs.py` run by the clock: `(uow) -> None`.

    It runs once per time, whatever the number of workers.
    """

    def mark(function: F) -> F:
        setattr(function, _EVERY, Clockwork(cron, name, function))
        return function

    return mark


def continuously(name: str, *, pause: float = 1.0) -> Callable[[F], F]:
    """Make a function of `services/<service>/jobs.py` begin work that goes on as long as the worker does.

    `(means) -> step`, and `step() -> int` does a bounded share of what is due and returns how much that was: it is called
    again at once while there was something, otherwise after `pause` seconds. Every worker runs it, so what a step takes
    it must claim (`FOR UPDATE SKIP LOCKED` and a lease).
    """

    def mark(function: F) -> F:
        setattr(function, _CONTINUOUSLY, Continuous(name, pause, function))
        return function

    return mark


def jobs_in(module: ModuleType | None) -> dict[str, Callable[[Work], Any]]:
    """A module's jobs by kind."""
    return {getattr(each, _JOB): each for each in _functions(module) if hasattr(each, _JOB)}


def clockwork_in(module: ModuleType | None) -> list[Clockwork]:
    """A module's work by the clock."""
    return [getattr(each, _EVERY) for each in _functions(module) if hasattr(each, _EVERY)]


def continuous_in(module: ModuleType | None) -> list[Continuous]:
    """A module's continuous work."""
    return [getattr(each, _CONTINUOUSLY) for each in _functions(module) if hasattr(each, _CONTINUOUSLY)]


def _functions(module: ModuleType | None) -> list[Any]:
    return [each for each in vars(module).values() if callable(each)] if module else []


def start_job(
    uow: UnitOfWork, kind: str, *, unit: str, params: Mapping[str, Any] | None = None, lock: str | None = None
) -> UUID:
    """Ask for a job, with the caller's transaction; returns its id. Jobs with the same `lock` run one after another."""
    job_id = new_id()
    uow.session.execute(
        table.insert(),
        {
            "id": job_id,
            "kind": kind,
            "unit": unit,
            "account": uow.context.account,
            "context": msgspec.json.encode(uow.context),
            "params": dict(params or {}),
            "state": "waiting",
            "done": 0,
            "stop_requested": False,
            "run": 0,
            "version": 1,
            "created_at": uow.now,
        },
    )
    defer(uow, job_id, lock)
    return job_id


def defer(uow: UnitOfWork, job_id: UUID, lock: str | None = None) -> None:
    """Have a worker call the job's function, after this transaction's commit."""
    uow.session.flush()
    _queue.configure_task(
        TASK, lock=lock or str(job_id), queue="jobs", connection=driver_connection(uow.session.connection())
    ).defer(job_id=str(job_id), lock=lock)


def get_job(uow: UnitOfWork, job_id: UUID, *, kind: str | None = None) -> dict[str, Any]:
    """A job as its asker sees it; raises PlutError `not-found` also where it lies outside the caller's scope."""
    row = uow.session.execute(select(*_VIEW).where(*_visible(uow, job_id, kind))).mappings().one_or_none()
    if row is None:
        raise _no_such_job()
    return dict(row)


def stop_job(uow: UnitOfWork, job_id: UUID) -> dict[str, Any]:
    """Ask a job to stop at its next step; one that waits stops at once."""
    changed = uow.session.execute(
        text(
            "UPDATE plut.job SET stop_requested = (state = 'running'), version = version + 1,"
            " state = CASE state WHEN 'waiting' THEN 'stopped' ELSE state END"
            " WHERE id = :id AND state IN ('waiting', 'running')"
        ),
        {"id": get_job(uow, job_id)["id"]},
    )
    uow.audit("job.stopped", subject=job_id)
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise PlutError(VERSION_CONFLICT, "The job has ended already.", "Pekerjaan sudah selesai.")
    return get_job(uow, job_id)


def resume_job(uow: UnitOfWork, job_id: UUID, *, lock: str | None = None) -> dict[str, Any]:
    """Go on with a job that was stopped or failed, from its last committed step."""
    changed = uow.session.execute(
        text(
            "UPDATE plut.job SET state = 'waiting', stop_requested = false, error = NULL, finished_at = NULL,"
            " version = version + 1 WHERE id = :id AND state IN ('stopped', 'failed')"
        ),
        {"id": get_job(uow, job_id)["id"]},
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise PlutError(
            VERSION_CONFLICT,
            "Only a stopped or failed job can go on.",
            "Hanya pekerjaan yang berhenti atau gagal yang dapat dilanjutkan.",
        )
    uow.audit("job.resumed", subject=job_id)
    defer(uow, job_id, lock)
    return get_job(uow, job_id)


def list_jobs(
    uow: UnitOfWork, *, kind: str | None = None, unit: str | None = None, before: UUID | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Jobs that the caller may see, newest first; `before` is the last id of the page before."""
    query = select(*_VIEW).where(in_scope(table.c.unit, uow.scopes)).order_by(table.c.id.desc()).limit(limit)
    if kind:
        query = query.where(table.c.kind == kind)
    if unit:
        query = query.where(in_scope(table.c.unit, [unit]))
    if before:
        query = query.where(table.c.id < before)
    return [dict(row) for row in uow.session.execute(query).mappings()]


#: What the worker needs, and what was asked for, which may be somebody's number, is not shown.
_HIDDEN: Final = ("account", "context", "params", "run", "stop_requested")
_VIEW = [column for column in table.c if column.name not in _HIDDEN]


def _visible(uow: UnitOfWork, job_id: UUID, kind: str | None) -> list[Any]:
    conditions: list[Any] = [table.c.id == job_id, in_scope(table.c.unit, uow.scopes)]
    return [*conditions, table.c.kind == kind] if kind else conditions


def _no_such_job() -> PlutError:
    return PlutError(NOT_FOUND, "There is no such job.", "Pekerjaan itu tidak ada.")
