"""`./plut status`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from deploy.cli.language import words
from deploy.cli.local import known_stack
from deploy.cli.table import show_table
from deploy.local.condition import condition, not_running


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:  # noqa: FBT001
    """Show what runs, and what is unsent, parked or failed. Exit status 1 when something isn't ready."""
    stack = known_stack()
    found = condition(stack) if stack and stack.supervisor.pid() else not_running()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        _show(found)
    sys.exit(0 if found["running"] and all(process["ready"] for process in found["processes"]) else 1)


def _show(found: dict[str, Any]) -> None:
    show_table(
        ("process", "state", "ready", "pid", "up for"),
        [
            (
                process["name"],
                process["state"],
                "yes" if process["ready"] else "NO",
                process["pid"] or "",
                "" if process["uptime"] is None else f"{process['uptime']} s",
            )
            for process in found["processes"]
        ],
    )
    click.echo()
    if not found["running"]:
        click.echo(words("Platform tidak berjalan; ketik: ./plut up", "The platform isn't running; type: ./plut up"))
        return
    counts = {"unsent": found["outbox_unsent"], "parked": found["parked_events"], "failed": found["failed_events"]}
    click.echo(" · ".join(f"{name} events: {count}" for name, count in counts.items()))
    if found["parked_events"] or found["failed_events"]:
        click.echo("./plut events parked · ./plut events failed · docs/operations/events.md")
    waiting = [queue for queue in found["queues"] if queue["messages"]]
    for queue in waiting:
        click.echo(f"{queue['name']}: {queue['messages']} messages, {queue['consumers']} consumers")
    if not waiting:
        click.echo(f"{len(found['queues'])} queues, all empty")
