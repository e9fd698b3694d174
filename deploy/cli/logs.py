"""`./plut logs`."""

from __future__ import annotations

import os

import click

from deploy.cli.state import layout
from deploy.local.stack import STORES
from deploy.processes import PROCESSES

NAMES = [*(process.name for process in PROCESSES), *STORES, "supervisor"]


@click.command()
@click.argument("process", required=False, type=click.Choice(NAMES))
@click.option("-f", "--follow", is_flag=True, help="Go on showing what is written.")
@click.option("-n", "--lines", default=100, show_default=True, help="So many lines from before.")
def logs(process: str | None, follow: bool, lines: int) -> None:  # noqa: FBT001 (click hands options over by name)
    """Show the end of PROCESS's log, or of the platform's processes together."""
    names = [process] if process else [known.name for known in PROCESSES]
    files = [file for name in names if (file := layout().logs / f"{name}.log").exists()]
    if not files:
        raise click.ClickException("there are no logs yet")
    # -F goes on with the new file when a log is rotated; tail names the files by itself when there are several
    os.execvp("tail", ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, files)])  # noqa: S606
