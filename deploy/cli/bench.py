"""`./plut bench`: benchmarks; figures, not verdicts."""

from __future__ import annotations

import subprocess
import sys

import click

from deploy.processes import ROOT

_FOLDER = ROOT / "tests" / "bench"
_NAMES = sorted(file.stem for file in _FOLDER.glob("[a-z]*.py")) if _FOLDER.is_dir() else []


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice(_NAMES))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str, arguments: tuple[str, ...]) -> None:
    """Run the benchmark NAME (import: rows per second, growth, memory; search: times at two sizes)."""
    command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)
