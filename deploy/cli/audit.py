"""`./plut audit verify`: whether what is on record is what was written."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from deploy.cli.local import running_stack
from deploy.processes import DATABASES, ROOT


@click.group()
def audit() -> None:
    """What is on record: who did or saw what. It is read at GET /api/v1/audit."""


@audit.command()
@click.argument("databases", nargs=-1, type=click.Choice(DATABASES))
def verify(databases: tuple[str, ...]) -> None:
    """Verify every chain of DATABASES (all of them): of PLUT_DATABASE_URL or else of the running local stack.

    Ends with 1, and says where, when a row was changed, put in or taken out.
    """
    environment = dict(os.environ)
    if "PLUT_DATABASE_URL" not in environment:
        environment |= running_stack().environment()
    command = [sys.executable, "-m", "chassis.audit", *(databases or DATABASES)]
    sys.exit(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
