"""What a person needs after the start: addresses and accounts."""

from __future__ import annotations

import json
from typing import Any

import click

from deploy.broker_definitions import ADMIN
from deploy.cli.language import is_indonesian, words
from deploy.cli.table import show_table
from deploy.local.stack import LocalStack


def show_addresses(stack: LocalStack) -> None:
    """Print addresses, and the demo's accounts when there are some."""
    click.echo()
    rows = [
        (words("Halaman depan", "First page"), stack.ports.url("gateway")),
        ("API", f"{stack.ports.url('gateway')}/api/v1/docs"),
        (words("Surat keluar", "Outgoing mail"), stack.ports.url("mail")),
        ("RabbitMQ", f"{stack.ports.url('management')}  ({ADMIN} / {stack.passwords.broker})"),
    ]
    show_table(("", ""), rows)
    accounts = _accounts(stack)
    if accounts:
        headers = ("akun", "kata sandi", "nama", "peran"), ("account", "password", "name", "role")
        click.echo()
        show_table(
            headers[0] if is_indonesian() else headers[1],
            [(each["email"], each["password"], each["name"], _roles(each)) for each in accounts],
        )
    click.echo()


def _roles(account: dict[str, Any]) -> str:
    return ", ".join(f"{grant['role']} {grant['scope']}".strip() for grant in account["grants"])


def _accounts(stack: LocalStack) -> list[dict[str, Any]]:
    try:
        return list(json.loads(stack.layout.token.read_text())["accounts"])
    except (OSError, ValueError, KeyError):
        return []
