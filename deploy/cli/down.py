"""`./plut down`."""

from __future__ import annotations

import click

from deploy.cli.language import words
from deploy.cli.local import known_stack


@click.command()
def down() -> None:
    """Stop everything. Data stay in .plut/ for the next start."""
    stack = known_stack()
    running = stack is not None and stack.supervisor.pid() is not None
    if stack is not None:
        if running:
            click.echo(words("Menghentikan …", "Stopping …"))
        stack.stop()  # also when the process manager is gone: something may have been left behind
    click.echo(
        words("Platform berhenti.", "Stopped.") if running else words("Tidak ada yang berjalan.", "Nothing ran.")
    )
