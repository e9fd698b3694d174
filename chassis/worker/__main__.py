"""`python -m chassis.worker [service ...]`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from chassis import log, process
from chassis.collector import keep_for_good
from chassis.health import Check, Health
from chassis.services import service_names
from chassis.settings import Settings
from chassis.worker.service_worker import ServiceWorker


async def _work(workers: Sequence[ServiceWorker]) -> None:
    await asyncio.gather(*(worker.run() for worker in workers))


def main(services: Sequence[str]) -> None:
    """Run the workers of `services` (all by default) until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    log.configure("worker", settings.log_level)
    os.nice(settings.worker_nice)  # somebody waits for a request, nobody for the last second of an import
    stopping = process.stop_on_signals()
    workers = [ServiceWorker(settings, service, stopping) for service in services or service_names()]
    checks: dict[str, Check] = {worker.service: worker.database.is_ready for worker in workers}
    health = Health(settings, checks)
    health.start()
    keep_for_good()
    try:
        asyncio.run(_work(workers))
    finally:
        stopping.set()
        health.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
