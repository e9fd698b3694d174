"""How fast a city's list is taken in, and how fast it is searched.

    ./plut bench import [--rows 75000] [--enterprises 1000000] [--json FILE] [--runs 3]
                       [--file LIST.xlsx]

Import: rows per second beside those of a process that reads the same file and inserts the bare rows with COPY; growth per
row from 5,000 rows; peak memory of the process. Search: p95 of searches with typing mistakes beside a read by primary key,
both through the service's own unit of work, at two sizes. Everything runs on a private database, made for it and removed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import click

from deploy.local.temporary import temporary_stack
from deploy.processes import ROOT
from tests.bench import bench_search, lists
from tests.service.registry.registry import Registry
from tests.stack import Corner

SMALL = 5_000


def main() -> None:
    """Run all of it, print a table, write JSON where asked to."""
    parser = argparse.ArgumentParser(prog="plut bench import")
    parser.add_argument("--rows", type=int, default=75_000)
    parser.add_argument("--enterprises", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="imports of each size; medians are told")
    parser.add_argument("--file", type=Path, help="a list of its own instead of a made one")
    parser.add_argument("--json", nargs="?", const="-", help="where to write the figures; - or nothing for the screen")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, temporary_stack() as stack:
        corner = Corner(stack, "registry")
        corner.make()
        os.environ.update(corner.environment)
        registry = Registry(corner)
        registry.load_regions()
        small = lists.make(SMALL, Path(folder))
        large = arguments.file or lists.make(arguments.rows, Path(folder))
        figures: dict[str, Any] = {
            "import": [measure_import(registry, each, arguments.runs) for each in (small, large)]
        }
        first, last = figures["import"]
        figures["growth_per_row"] = round(last["seconds_per_row"] / first["seconds_per_row"], 3)
        figures["search"] = bench_search.run(registry, (arguments.rows, arguments.enterprises))
        registry.close()
    click.echo(table(figures))
    if arguments.json:
        text = json.dumps(figures, indent=2)
        click.echo(text) if arguments.json == "-" else Path(arguments.json).write_text(text + "\n")


def measure_import(registry: Registry, file: Path, runs: int) -> dict[str, Any]:
    """Medians of `runs` imports into an empty registry and as many bare runs, in turn, so that a busy machine slows both."""
    bares, imports = [], []
    outcomes, rows = None, 0
    for _ in range(runs):
        registry.empty()
        bares.append(in_process(registry, "bare", str(file)))
        started = registry.begin_import(file)
        imports.append(in_process(registry, "import", str(started["job"])))
        state, outcomes, rows, error = registry.import_row(started["id"])
        assert state == "completed", error
    bare, bare_cpu = (median(run[what] for run in bares) for what in ("seconds", "cpu"))
    ours = {what: median(run[what] for run in imports) for what in ("seconds", "cpu", "peak_mb")}
    return {
        "rows": rows,
        "outcomes": outcomes,
        "seconds": ours["seconds"],
        "seconds_per_row": ours["seconds"] / rows,
        "rows_per_second": round(rows / ours["seconds"]),
        "bare_rows_per_second": round(rows / bare),
        "ratio": round(bare / ours["seconds"], 3),
        "ratio_of_processor_time": round(bare_cpu / ours["cpu"], 3),
        "processor_seconds": ours["cpu"],
        "bare_processor_seconds": bare_cpu,
        "runs": [{"bare": bare, "import": ours} for bare, ours in zip(bares, imports, strict=True)],
        "peak_mb": ours["peak_mb"],
        "events": registry.look.execute("SELECT count(*) FROM plut.outbox").fetchone()[0],  # type: ignore[index]
    }


def in_process(registry: Registry, *arguments: str) -> dict[str, Any]:
    """Run `tests.bench.bench_process` in a process of its own; returns its figures."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_process", *arguments],
        cwd=ROOT,
        env=registry.corner.environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def table(figures: dict[str, Any]) -> str:
    """The figures for people, with the goals beside them."""
    lines = ["import        rows   rows/s   bare rows/s   ratio (goal 0.25)   peak MB (goal 600)"]
    lines += [
        f"        {each['rows']:>10,} {each['rows_per_second']:>8,} {each['bare_rows_per_second']:>13,}"
        f" {each['ratio']:>19} {each['peak_mb']:>20}"
        for each in figures["import"]
    ]
    lines.append(f"growth per row {figures['growth_per_row']} (goal 1.3)")
    lines.append("search  enterprises   by key p95 ms   unit p95 ms   country p95 ms   ratio of unit's (goal 10)")
    lines += [
        f"        {each['enterprises']:>11,} {each['key']['p95']:>15} {each['unit']['p95']:>13}"
        f" {each['country']['p95']:>16} {each['ratio']:>19}"
        for each in figures["search"]["sizes"]
    ]
    lines.append(f"growth of the unit's p95 {figures['search']['growth']} (goal 2)")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
