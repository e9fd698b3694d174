"""Jobs as their askers see them: started, looked at, stopped, gone on with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import select, text

from chassis.database import driver_connection
from chassis.identifiers import new_id
from chassis.scope import in_scope
from chassis.tables import job as table
from chassis.unit_of_work import UnitOfWork
from contracts.access import OPERATORS
from contracts.errors import NOT_FOUND, VERSION_CONFLICT, PlutError

#: The one task of procrastinate that carries out jobs.
TASK: Final = "run-job"

#: The chassis's own kind of job: events published once more, for operators. Nobody else sees or stops one.
REPLAY: Final = "replay-events"

# defers over connections that are handed in: it never opens one of its own
_queue = App(connector=SyncPsycopgConnector())


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
    query = select(*_VIEW).where(*_callers(uow)).order_by(table.c.id.desc()).limit(limit)
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
    conditions: list[Any] = [table.c.id == job_id, *_callers(uow)]
    return [*conditions, table.c.kind == kind] if kind else conditions


def _callers(uow: UnitOfWork) -> list[Any]:
    """Jobs that the caller may see."""
    conditions: list[Any] = [in_scope(table.c.unit, uow.scopes)]
    return conditions if uow.context.has_role(OPERATORS) else [*conditions, table.c.kind != REPLAY]


def _no_such_job() -> PlutError:
    return PlutError(NOT_FOUND, "There is no such job.", "Pekerjaan itu tidak ada.")
