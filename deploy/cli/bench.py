"""`./plut bench`: benchmarks; figures, not verdicts."""

from __future__ import annotations

import os
import sys

import click

from deploy.processes import ROOT

_BENCHMARKS = {
    "import": "tests.bench.import_bench",
    "matching": "tests.bench.matching",
    "events": "tests.bench.events",
    "gateway": "tests.bench.gateway",
    "fairness": "tests.bench.fairness",
}


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice(list(_BENCHMARKS)))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str, arguments: tuple[str, ...]) -> None:
    """Run the benchmark NAME.

    import: rows per second, growth, memory, searches. matching: one list, without a database. events: publishing and
    effects beside plain nameko, FastStream, Celery and the bare floor. gateway: requests per second and times, beside a
    monolith. fairness: one unit's registrations while another imports its whole list.
    """
    os.chdir(ROOT)
    # becomes the benchmark, so that Ctrl-C reaches nobody but it, and it can clean up
    os.execv(sys.executable, [sys.executable, "-m", _BENCHMARKS[name], *arguments])  # noqa: S606
