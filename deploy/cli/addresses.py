"""What a person needs after the start: addresses and accounts."""

from __future__ import annotations

import json
from typing import Any

import click

from deploy.broker_definitions import ADMIN
from deploy.cli.language import is_indonesian, words
from deploy.cli.table import show_table
from deploy.local.layout import Layout
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
    accounts = demo_accounts(stack.layout)
    if accounts:
        headers = ("akun", "kata sandi", "nama", "peran"), ("account", "password", "name", "role")
        click.echo()
        show_table(
            headers[0] if is_indonesian() else headers[1],
            [(each["email"], each["password"], each["name"], _roles(each)) for each in accounts],
        )
        if any("second_factor" in each for each in accounts):
            click.echo()
            click.echo(
                words(
                    "Peran yang mengelola akun masuk juga dengan kode: ./plut code <akun>",
                    "Roles that administer accounts sign in with a code, too: ./plut code <account>",
                )
            )
    click.echo()


def _roles(account: dict[str, Any]) -> str:
    return ", ".join(f"{grant['role']} {grant['scope']}".strip() for grant in account["grants"])


def demo_accounts(layout: Layout) -> list[dict[str, Any]]:
    """The demo's accounts with their secrets, as the gateway has left them; none without a demo."""
    try:
        return list(json.loads(layout.token.read_text())["accounts"])
    except (OSError, ValueError, KeyError):
        return []
