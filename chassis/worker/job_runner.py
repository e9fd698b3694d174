"""Runs one job to its end, and writes down how it ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chassis import log
from chassis.database import Database
from chassis.database_errors import is_away
from chassis.files import FileStore
from chassis.jobs import Interrupted, JobStopped, Superseded, Work, defer
from chassis.metrics import JOB_SECONDS, JOBS
from chassis.rpc import as_problem
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM, AccessContext

logger = log.logger(__name__)

_CLAIM = text(
    "UPDATE plut.job SET state = 'running', run = run + 1, version = version + 1,"
    " started_at = coalesce(started_at, now()) WHERE id = :id AND state IN ('waiting', 'running')"
    " RETURNING id, kind, unit, params, context, run"
)
_END = text(
    "UPDATE plut.job SET state = :state, result = cast(:result AS jsonb), error = cast(:error AS jsonb),"
    " finished_at = now(), version = version + 1, stop_requested = false WHERE id = :id AND run = :run"
)


class JobRunner:
    """Runs one service's jobs; `functions` are what to do by kind."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        functions: Mapping[str, Callable[[Work], Any]],
        stopping: threading.Event,
    ) -> None:
        self._database = database
        self._files = files
        self._functions = functions
        self._stopping = stopping

    def run(self, job_id: str, lock: str | None = None) -> None:
        """Run a job to its end, to its asker's stop, or to this worker's; waits out a database that is away."""
        while True:
            try:
                return self._run_once(UUID(job_id), lock)
            except (SQLAlchemyError, psycopg.Error) as error:  # the driver's own: a job's COPY goes past SQLAlchemy
                if not is_away(error) or self._stopping.is_set():
                    raise
                logger.warning("job waits for the database", job=job_id)
                time.sleep(1)

    def _run_once(self, job_id: UUID, lock: str | None) -> None:
        with UnitOfWork(self._database, SYSTEM) as uow:
            claimed = uow.session.execute(_CLAIM, {"id": job_id}).one_or_none()
        if claimed is None:
            return
        context = msgspec.json.decode(bytes(claimed.context), type=AccessContext)
        work = Work(
            id=claimed.id, kind=claimed.kind, unit=claimed.unit, params=claimed.params, context=context,
            files=self._files, database=self._database, run=claimed.run, stopping=self._stopping,
        )  # fmt: skip
        with log.bound_contextvars(correlation_id=context.correlation_id, job=str(job_id), kind=work.kind):
            started = time.perf_counter()
            outcome = self._carry_out(work, lock)
            JOBS.labels(work.kind, outcome).inc()
            JOB_SECONDS.labels(work.kind).observe(time.perf_counter() - started)
            logger.info("job ended", outcome=outcome, seconds=round(time.perf_counter() - started, 2))

    def _carry_out(self, work: Work, lock: str | None) -> str:
        function = self._functions.get(work.kind)
        try:
            if function is None:
                raise LookupError(f"no job of kind {work.kind} in this service")  # noqa: TRY301 - fails as any job does
            result = function(work)
        except Superseded:
            return "superseded"
        except Interrupted:
            with UnitOfWork(self._database, work.context) as uow:
                uow.session.execute(
                    text("UPDATE plut.job SET state = 'waiting', version = version + 1 WHERE id = :id AND run = :run"),
                    {"id": work.id, "run": work.run},
                )
                defer(uow, work.id, lock)
            return "interrupted"
        except JobStopped:
            self._end(work, "stopped")
            return "stopped"
        except Exception as error:
            if is_away(error):
                raise
            problem = as_problem(error)
            logger.exception("job failed", code=problem.code)
            self._end(work, "failed", error=problem.to_view())
            return "failed"
        self._end(work, "succeeded", result=result)
        return "succeeded"

    def _end(self, work: Work, state: str, *, result: Any = None, error: Any = None) -> None:
        with UnitOfWork(self._database, work.context) as uow:
            uow.session.execute(
                _END,
                {
                    "id": work.id,
                    "run": work.run,
                    "state": state,
                    "result": None if result is None else msgspec.json.encode(result).decode(),
                    "error": None if error is None else msgspec.json.encode(error).decode(),
                },
            )
