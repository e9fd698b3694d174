"""One service's share of the worker: its jobs, its work by the clock, the retries of its failed events."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chassis import failed_events, log, retention
from chassis.database import Database
from chassis.database_errors import is_away
from chassis.files import FileStore
from chassis.jobs import (
    REPLAY,
    TASK,
    Clockwork,
    Interrupted,
    JobStopped,
    Means,
    Superseded,
    Work,
    clockwork_in,
    continuous_in,
    defer,
    jobs_in,
)
from chassis.metrics import JOB_SECONDS, JOBS
from chassis.replay import replay_events
from chassis.rpc import as_problem
from chassis.services import load
from chassis.settings import Settings
from chassis.subscriptions import subscriptions_in
from chassis.unit_of_work import UnitOfWork
from chassis.worker.continuous import ContinuousThread
from contracts.access import SYSTEM, AccessContext

logger = log.logger(__name__)

#: Jobs of one service that run at a time in one process: a small export doesn't stand behind an import.
CONCURRENCY = 2
#: Seconds between heartbeats, and without one until a worker counts as dead.
HEARTBEAT, DEAD_AFTER = 2.0, 10.0
#: Seconds to wait for a database that is away, doubled each time up to the second figure.
BACKOFF = (0.5, 5.0)

_CLAIM = text(
    "UPDATE plut.job SET state = 'running', run = run + 1, version = version + 1,"
    " started_at = coalesce(started_at, now()) WHERE id = :id AND state IN ('waiting', 'running')"
    " RETURNING id, kind, unit, params, context, run"
)
_END = text(
    "UPDATE plut.job SET state = :state, result = cast(:result AS jsonb), error = cast(:error AS jsonb),"
    " finished_at = now(), version = version + 1, stop_requested = false WHERE id = :id AND run = :run"
)


class ServiceWorker:
    """Carries out one service's jobs, clockwork, continuous work and retries of failed events."""

    def __init__(self, settings: Settings, service: str, stopping: threading.Event) -> None:
        self.service = service
        self._stopping = stopping
        self._files = FileStore(settings)
        self.database = Database(settings, service, pool_size=CONCURRENCY + 4, statement_timeout=0)
        self._retention_days = settings.retention_days
        jobs = load(service, "jobs")
        self._functions = {REPLAY: partial(replay_events, settings)} | jobs_in(jobs)
        self._clockwork = clockwork_in(jobs)
        means = Means(settings, self.database, stopping)
        self._continuous = [ContinuousThread(work, means) for work in continuous_in(jobs)]
        subscriptions = subscriptions_in(load(service, "handlers"))
        self._retries = failed_events.Retries(self.database, subscriptions, stopping=stopping)
        self._conninfo = settings.libpq_url(service)

    def _make_app(self) -> App:
        app = App(connector=PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=5))
        app.task(name=TASK)(self._run_job)
        own = Clockwork("17 * * * *", "retention", self._keep_house)
        for work in [own, *self._clockwork]:
            task = app.task(name=work.name)(_by_the_clock(self.database, work))
            app.periodic(cron=work.cron)(task)
        return app

    async def run(self) -> None:
        """Work until told to stop, through every absence of this service's database."""
        for thread in self._continuous:
            thread.start()
        delay = BACKOFF[0]
        while not self._stopping.is_set():
            try:
                await self._serve()
                delay = BACKOFF[0]
            except (ConnectorException, psycopg.OperationalError, OSError) as error:
                logger.warning("worker waits", service=self.service, error=type(error).__name__, seconds=delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, BACKOFF[1])
        for thread in self._continuous:
            await asyncio.to_thread(thread.join)

    async def _serve(self) -> None:
        """Claim and run jobs until told to stop; those under way are given the time to reach their next step."""
        app = self._make_app()
        async with app.open_async():
            worker = app.run_worker_async(
                concurrency=CONCURRENCY,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=DEAD_AFTER,
                shutdown_graceful_timeout=15.0,
                delete_jobs="successful",
                install_signal_handlers=False,
                name=f"worker-{self.service}",
            )
            coroutines = (worker, self._take_over(app), self._retry(), self._wait_for_stop())
            tasks = [asyncio.create_task(each) for each in coroutines]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result

    async def _wait_for_stop(self) -> None:
        while not self._stopping.is_set():  # noqa: ASYNC110 - set by a signal handler, for threads and loops alike
            await asyncio.sleep(0.2)

    async def _take_over(self, app: App) -> None:
        """Give jobs whose worker has died to the living."""
        manager = app.job_manager
        while not self._stopping.is_set():
            for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
                logger.warning("job taken over", job=stalled.task_kwargs.get("job_id"), task=stalled.task_name)
                await manager.retry_job(stalled)
            await asyncio.sleep(3)

    async def _retry(self) -> None:
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(self._retries.run_due)
                await asyncio.to_thread(self._retries.observe)
            except (SQLAlchemyError, psycopg.Error) as error:
                reason = (str(error).splitlines() or [type(error).__name__])[0]
                logger.warning("retries wait", service=self.service, error=reason)
            await asyncio.sleep(1)

    def _keep_house(self, uow: UnitOfWork) -> None:
        retention.keep(uow, days=self._retention_days)

    def _run_job(self, job_id: str, lock: str | None = None) -> None:
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
        with UnitOfWork(self.database, SYSTEM) as uow:
            claimed = uow.session.execute(_CLAIM, {"id": job_id}).one_or_none()
        if claimed is None:
            return
        context = msgspec.json.decode(bytes(claimed.context), type=AccessContext)
        work = Work(
            id=claimed.id, kind=claimed.kind, unit=claimed.unit, params=claimed.params, context=context,
            files=self._files, database=self.database, run=claimed.run, stopping=self._stopping,
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
            with UnitOfWork(self.database, work.context) as uow:
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
        with UnitOfWork(self.database, work.context) as uow:
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


def _by_the_clock(database: Database, work: Clockwork) -> Callable[[int], None]:
    def run(timestamp: int) -> None:
        logger.info("clockwork", name=work.name, timestamp=timestamp)
        with UnitOfWork(database, SYSTEM) as uow:
            work.function(uow)

    return run
