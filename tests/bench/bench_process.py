"""One measured process: an import's job as the worker runs it, or the bare floor under it. Prints one line of JSON."""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import threading
import time
from pathlib import Path

import click
import psycopg
import structlog

from chassis.settings import Settings
from chassis.worker.service_worker import ServiceWorker
from services.registry.workbook import open_workbook

_WIDTH = 24


def bare(file: Path, settings: Settings) -> None:
    """Read the file by the same reader, and insert its rows as they stand, as text, with COPY."""
    columns = ", ".join(f"c{number} text" for number in range(_WIDTH))
    with psycopg.connect(settings.owner_url("registry")) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(f"CREATE TABLE bare ({columns})")  # type: ignore[arg-type]
        with connection.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as copy:
            for sheet in open_workbook(file).sheets:
                for number, cells in sheet.rows():
                    row = [str(number), *(None if cell == "" else str(cell) for cell in cells[: _WIDTH - 1])]
                    copy.write_row(row + [None] * (_WIDTH - len(row)))


def main(kind: str, what: str) -> None:
    """Run it and print seconds, processor seconds and peak memory."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    settings = Settings.from_environment()
    worker = ServiceWorker(settings, "registry", threading.Event()) if kind == "import" else None
    started, cpu = time.perf_counter(), _processor_seconds()
    if worker is not None:
        worker.jobs.run(what)
    else:
        bare(Path(what), settings)
    # an import reads its file in a process of its own: both are counted, as if their peaks came at once
    peaks = [resource.getrusage(whose).ru_maxrss for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    figures = {
        "seconds": round(time.perf_counter() - started, 3),
        "cpu": round(_processor_seconds() - cpu, 3),
        "peak_mb": sum(peaks) // 1024,
    }
    click.echo(json.dumps(figures))


def _processor_seconds() -> float:
    """Of this process and those that it has started and seen end."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


if __name__ == "__main__":
    main(*sys.argv[1:])
