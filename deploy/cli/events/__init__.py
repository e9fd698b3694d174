"""`./plut events`: what became of events, and what can be done about it."""

from __future__ import annotations

import click

from deploy.cli.events.failed import failed
from deploy.cli.events.mending import drop, retry
from deploy.cli.events.parked import parked
from deploy.cli.events.replaying import replay
from deploy.cli.events.replays import replays
from deploy.cli.events.showing import show
from deploy.cli.events.subscriptions import subscriptions
from deploy.cli.events.tailing import tail


@click.group()
def events() -> None:
    """See what became of events, and mend it.

    A handler raised: `failed`, `show`, `retry`, `drop`. The broker refused an event: `parked`, then the same. A
    subscription missed events: `replay`. What is published: `tail`. See docs/operations/events.md.
    """


for _command in (failed, show, retry, drop, parked, replay, replays, subscriptions, tail):
    events.add_command(_command)
