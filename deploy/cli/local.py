"""The local stack as the commands see it."""

from __future__ import annotations

import click

from deploy.cli.language import words
from deploy.cli.state import STATE, layout
from deploy.local.ports import USUAL, Ports, read
from deploy.local.stack import LocalStack


def known_stack() -> LocalStack | None:
    """The stack that was started here before, whether it runs or not; None when there never was one."""
    ports = read(layout().ports)
    return LocalStack(STATE, Ports(ports)) if ports.keys() >= USUAL.keys() else None


def running_stack() -> LocalStack:
    """The stack that runs here; ClickException when none does."""
    stack = known_stack()
    if stack is None or stack.supervisor.pid() is None:
        raise click.ClickException(
            words("platform tidak berjalan; ketik: ./plut up", "the platform isn't running; type: ./plut up")
        )
    return stack
