"""`./plut run`, `env` and `migrate`: one process from the environment alone, as in production."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from deploy.cli.local import running_stack
from deploy.processes import DATABASES, PROCESSES, ROOT, become, find


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("process", type=click.Choice([process.name for process in PROCESSES]))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(process: str, arguments: tuple[str, ...]) -> None:
    """Become PROCESS; ARGUMENTS are added to its command line (registry --only rpc, worker registry)."""
    become(process, arguments)


@click.command()
@click.argument("process", required=False, type=click.Choice([process.name for process in PROCESSES]))
def env(process: str | None) -> None:
    """Print the settings that PROCESS has in the running local stack: env $(./plut env registry) ./plut run registry.

    Without PROCESS those of who runs the platform: every key, and the role that owns the databases.
    """
    for name, value in running_stack().environment(find(process) if process else None).items():
        click.echo(f"{name}={value}")


@click.command()
@click.argument("databases", nargs=-1, type=click.Choice(DATABASES))
def migrate(databases: tuple[str, ...]) -> None:
    """Create and migrate DATABASES (all of them), of PLUT_DATABASE_OWNER_URL or else of the running local stack."""
    environment = dict(os.environ)
    if "PLUT_DATABASE_OWNER_URL" not in environment:
        environment |= running_stack().environment()
    command = [sys.executable, "-m", "chassis.migrations", *(databases or DATABASES)]
    sys.exit(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
