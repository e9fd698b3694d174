"""`./plut status`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from deploy.cli.local import known_stack
from deploy.local.condition import condition, not_running


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:  # noqa: FBT001
    """Show what runs, and what is unsent or failed. Exit status 1 when something isn't ready."""
    stack = known_stack()
    found = condition(stack) if stack and stack.supervisor.pid() else not_running()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        _show(found)
    sys.exit(0 if found["running"] and all(process["ready"] for process in found["processes"]) else 1)


def _show(found: dict[str, Any]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("process", "state", "ready", "pid", "up for"):
        table.add_column(column)
    for process in found["processes"]:
        ready = "[green]yes[/]" if process["ready"] else "[red]no[/]"
        since = f"{process['uptime']} s" if process["uptime"] is not None else ""
        table.add_row(process["name"], process["state"], ready, str(process["pid"] or ""), since)
    console.print(table)
    if not found["running"]:
        console.print("The platform isn't running; type: ./plut up")
        return
    console.print(f"\nunsent events: {found['outbox_unsent']} · failed events: {found['failed_events']}")
    waiting = [queue for queue in found["queues"] if queue["messages"]]
    for queue in waiting:
        console.print(f"{queue['name']}: {queue['messages']} messages, {queue['consumers']} consumers")
    if not waiting:
        console.print(f"{len(found['queues'])} queues, all empty")
