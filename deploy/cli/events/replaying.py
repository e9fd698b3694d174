"""`./plut events replay`: published events once more, to one subscription."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from deploy.cli.events.asking import PATH, clock, counted
from deploy.cli.events.confirming import confirm
from deploy.cli.events.replays import follow, tell
from deploy.cli.events.selecting import Selection, selecting
from deploy.cli.language import words
from deploy.cli.remote import remote
from deploy.client import PlatformClient

#: Missed events that are named; of the others only the number is told.
_NAMED = 20


@click.command()
@click.argument("subscription")
@selecting("type", "unit", "since", "until")
@click.option(
    "--rate", type=click.IntRange(1, 2000), default=200, show_default=True, help="Events per second, at most."
)
@click.option("--again", is_flag=True, help="Repeat the effects of what was taken before: mails are sent again.")
@click.option("--dry-run", is_flag=True, help="Only say how many events that is, and which of them were missed.")
@click.option("--yes", is_flag=True, help="Don't ask before effects are repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for programs.")
@remote
def replay(  # noqa: PLR0917 (click hands options over by name)
    subscription: str,
    selection: Selection,
    rate: int,
    again: bool,  # noqa: FBT001
    dry_run: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    client: PlatformClient,
) -> None:
    """Publish events of the past once more, to SUBSCRIPTION alone.

    What it has missed is mended; what it has taken has no second effect, unless --again. --since and --until are about
    when the events were published. `./plut events subscriptions` lists the subscriptions.
    """
    if "since" not in selection.conditions:
        raise click.UsageError(
            words("--since harus diisi, misalnya --since 2h", "--since is needed, such as --since 2h")
        )
    window = {"subscription": subscription, **selection.conditions}
    plan = client.get("/operations/replays/plan", **window)
    if not as_json:
        _tell_plan(plan, subscription, rate)
    # what is published from here on is no part of it
    window["until"] = plan["until"]
    if dry_run:
        _tell_missed(client, window, plan, as_json=as_json)
        return
    if not plan["events"]:
        return
    if again:
        confirm(
            words(
                f"Ulangi pengaruh dari {counted(plan['events'])}, juga surat kepada orang?",
                f"Repeat the effects of {counted(plan['events'])}, mails to people, too?",
            ),
            yes=yes,
        )
    begun = client.post("/operations/replays", {**window, "rate": rate, "again": again})
    tell(follow(client, begun, quiet=as_json), as_json=as_json)


def _tell_plan(plan: dict[str, Any], subscription: str, rate: int) -> None:
    types = ", ".join(each.removeprefix("id.plut.") for each in plan["types"])
    window = f"{clock(plan['since'])} … {clock(plan['until'])}"
    seconds = -(-plan["events"] // rate)
    click.echo(
        words(
            f"{counted(plan['events'])} ({types}), diterbitkan {window}, untuk {subscription}: paling cepat {seconds} detik",
            f"{counted(plan['events'])} ({types}), published {window}, for {subscription}: {seconds} s at the fastest",
        ),
        err=True,
    )


def _tell_missed(client: PlatformClient, window: dict[str, str], plan: dict[str, Any], *, as_json: bool) -> None:
    missed: list[str] = []
    checked, cursor = 0, None
    while True:
        page = client.get(f"{PATH}/missed", **window, cursor=cursor)
        checked += page["checked"]
        missed += page["missed"]
        cursor = page["next"]
        if cursor is None:
            break
        if not as_json and sys.stderr.isatty():
            click.echo(f"\r{checked}/{plan['events']}", nl=False, err=True)
    if as_json:
        click.echo(json.dumps({**plan, "checked": checked, "missed": missed}, indent=2))
        return
    if not missed:
        text = words("Tidak ada yang terlewat: semuanya sudah diterima.", "None was missed: it has taken all of them.")
    else:
        text = words(
            f"Terlewat: {counted(len(missed))}; pulihkan dengan perintah yang sama tanpa --dry-run:",
            f"Missed: {counted(len(missed))}; mend that by the same command without --dry-run:",
        )
    click.echo(text)
    for event in missed[:_NAMED]:
        click.echo(f"  {event}")
    if len(missed) > _NAMED:
        click.echo(words("  … semuanya dengan --json", "  … all of them with --json"))
