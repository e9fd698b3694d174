"""One service's share of the worker: its jobs, its work by the clock, the retries of its failed events."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import SQLAlchemyError

from chassis import failed_events, log, retention
from chassis.audit.anchors import drop_anchor
from chassis.database import Database
from chassis.files import FileStore
from chassis.jobs import REPLAY, TASK, Clockwork, Means, clockwork_in, continuous_in, jobs_in
from chassis.replay import replay_events
from chassis.services import load
from chassis.settings import Settings
from chassis.subscriptions import subscriptions_in
from chassis.unit_of_work import UnitOfWork
from chassis.worker.continuous import ContinuousThread
from chassis.worker.job_runner import JobRunner
from contracts.access import SYSTEM

logger = log.logger(__name__)

#: Jobs of one service that run at a time in one process: a small export doesn't stand behind an import.
CONCURRENCY = 2
#: Seconds between heartbeats, and without one until a worker counts as dead.
HEARTBEAT, DEAD_AFTER = 2.0, 10.0
#: Seconds to wait for a database that is away, doubled each time up to the second figure.
BACKOFF = (0.5, 5.0)


class ServiceWorker:
    """Carries out one service's jobs, clockwork, continuous work and retries of failed events."""

    def __init__(self, settings: Settings, service: str, stopping: threading.Event) -> None:
        self.service = service
        self._stopping = stopping
        self.database = Database(settings, service, pool_size=CONCURRENCY + 4, statement_timeout=0)
        self._retention_days = settings.retention_days
        jobs = load(service, "jobs")
        functions = {REPLAY: partial(replay_events, settings)} | jobs_in(jobs)
        self._files = FileStore(settings)
        self.jobs = JobRunner(self.database, self._files, functions, stopping)
        self._clockwork = clockwork_in(jobs)
        means = Means(settings, self.database, stopping)
        self._continuous = [ContinuousThread(work, means) for work in continuous_in(jobs)]
        subscriptions = subscriptions_in(load(service, "handlers"))
        self._retries = failed_events.Retries(self.database, subscriptions, stopping=stopping)
        self._conninfo = settings.libpq_url(service)

    def _make_app(self) -> App:
        app = App(connector=PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=5))
        app.task(name=TASK)(self.jobs.run)
        own = [
            Clockwork("17 * * * *", "retention", self._keep_house),
            Clockwork("7 * * * *", "anchor-audit", self._anchor),
        ]
        for work in [*own, *self._clockwork]:
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

    def _anchor(self, uow: UnitOfWork) -> None:
        drop_anchor(uow, self.database.audit_keys, self._files, self.service)

    def _keep_house(self, uow: UnitOfWork) -> None:
        retention.keep(uow, days=self._retention_days)


def _by_the_clock(database: Database, work: Clockwork) -> Callable[[int], None]:
    def run(timestamp: int) -> None:
        logger.info("clockwork", name=work.name, timestamp=timestamp)
        with UnitOfWork(database, SYSTEM) as uow:
            work.function(uow)

    return run
