"""`./plut check`: what can be said about the code without running it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import click

from deploy.processes import ROOT

_BIN = Path(sys.executable).parent

CHECKS = (
    ("ruff check", [str(_BIN / "ruff"), "check"]),
    ("ruff format", [str(_BIN / "ruff"), "format", "--check"]),
    ("mypy", [str(_BIN / "mypy")]),
    ("import-linter", [str(_BIN / "lint-imports")]),
    ("generated documents", [sys.executable, "-m", "deploy.documents", "--check"]),
    ("known weaknesses", [sys.executable, "-m", "deploy.dependency_audit"]),
)


@click.command()
def check() -> None:
    """Run the linters, the type checker and the checks of the documents; each is told with its time and verdict."""
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    if failed:
        click.echo(f"\nfailed: {', '.join(failed)}")
        sys.exit(1)


def _passes(name: str, command: list[str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "✓" if done.returncode == 0 else "✗"
    skipped = f", {done.stdout.strip()}" if done.returncode == 0 and done.stdout.startswith("skipped: ") else ""
    click.echo(f"{verdict} {name} ({time.monotonic() - began:.1f} s){skipped}")
    if done.returncode != 0:
        click.echo(done.stdout)
    return done.returncode == 0
