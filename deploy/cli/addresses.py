"""What a person needs after the start: addresses and accounts."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.language import words
from deploy.local.broker import USER
from deploy.local.stack import LocalStack


def show_addresses(stack: LocalStack) -> None:
    """Print addresses, and the demo's accounts when there are some."""
    gateway = stack.ports.url("gateway")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("API", f"{gateway}/api/v1/docs")
    table.add_row(words("Surat keluar", "Outgoing mail"), stack.ports.url("mail"))
    broker = f"{stack.ports.url('management')}   {USER} / {stack.passwords.broker}"
    table.add_row("RabbitMQ", broker)
    console = Console(highlight=False, soft_wrap=True)
    click.echo()
    console.print(table)
    accounts = _accounts(stack)
    if accounts:
        table = Table(box=None, pad_edge=False, header_style="dim")
        columns = (
            words("akun", "account"),
            words("kata sandi", "password"),
            words("nama", "name"),
            words("peran", "role"),
        )
        for column in columns:
            table.add_column(column)
        for account in accounts:
            roles = ", ".join(f"{grant['role']} {grant['scope']}".strip() for grant in account["grants"])
            table.add_row(account["email"], account["password"], account["name"], roles)
        click.echo()
        console.print(table)
    click.echo()


def _accounts(stack: LocalStack) -> list[dict[str, Any]]:
    try:
        return list(json.loads(stack.layout.token.read_text())["accounts"])
    except (OSError, ValueError, KeyError):
        return []
