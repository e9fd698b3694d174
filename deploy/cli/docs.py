"""`./plut docs`."""

from __future__ import annotations

import subprocess
import sys

import click

from deploy.processes import ROOT


@click.command()
def docs() -> None:
    """Write the generated documents anew."""
    sys.exit(subprocess.run([sys.executable, "-m", "deploy.documents"], cwd=ROOT, check=False).returncode)
