"""Which RabbitMQ the tests run on: the machine's own, or version 4 out of a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from deploy.cli.language import words
from deploy.cli.state import layout
from deploy.local import debian_root, install_broker

BROKER_ROOT = "PLUT_TEST_BROKER_ROOT"
"""Environment variable: tells the tests, which start stacks of their own, where another Debian's RabbitMQ is."""


def rabbitmq_option() -> Callable[[Any], Any]:
    """`--rabbitmq 4`."""
    return click.option(
        "--rabbitmq", type=click.Choice(["4"]), help="Run on RabbitMQ 4, from a folder that is made once (as root)."
    )


def broker_root(version: str | None) -> Path | None:
    """The folder to run the broker from, None for the machine's own; either is installed where it is missing.

    Raises ClickException that says in one sentence what to do where it can't be had.
    """
    layout().make()
    if version is None:
        _ensure_own()
        return None
    root = layout().debian_13
    log = layout().logs / "debian-13.log"
    try:
        debian_root.ensure(
            root,
            log,
            lambda: click.echo(words("· Mengambil RabbitMQ 4 dari Debian 13", "· Getting RabbitMQ 4 from Debian 13")),
        )
    except debian_root.RootUnavailableError as error:
        raise click.ClickException(str(error)) from None
    return root


def _ensure_own() -> None:
    try:
        install_broker.ensure(
            layout(), lambda: click.echo(words("· Memasang RabbitMQ dari Debian", "· Installing RabbitMQ from Debian"))
        )
    except install_broker.BrokerMissingError as error:
        text = words("RabbitMQ belum ada; ketik", "RabbitMQ is missing; type")
        raise click.ClickException(f"{text}: {error}") from None
