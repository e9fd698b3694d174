"""`./plut events replays`: replays that run or ran, watched, stopped, gone on with."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from deploy.cli.events.asking import Services, clock, first_line, listed, show_listing
from deploy.cli.events.selecting import EVENT_ID, Selection, selecting
from deploy.cli.language import words
from deploy.cli.progress import JobProgress
from deploy.cli.remote import REFUSED, remote
from deploy.client import PlatformClient
from deploy.processes import SERVICES

ENDED = frozenset({"succeeded", "stopped", "failed"})


@click.command()
@click.argument("job", type=EVENT_ID, required=False)
@selecting("service")
@click.option("--stop", is_flag=True, help="Stop JOB after the events that are under way.")
@click.option("--resume", is_flag=True, help="Go on with JOB where it ended.")
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many; 0 shows all.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@remote
def replays(  # noqa: PLR0917 (click hands options over by name)
    job: str | None,
    selection: Selection,
    stop: bool,  # noqa: FBT001
    resume: bool,  # noqa: FBT001
    limit: int,
    as_json: bool,  # noqa: FBT001
    client: PlatformClient,
) -> None:
    """List replays, newest first; or watch, --stop or --resume the one named JOB."""
    if job is None:
        if stop or resume:
            raise click.UsageError(words("sebutkan pekerjaannya", "name the job"))
        _list(client, selection, limit, as_json=as_json)
        return
    if stop and resume:
        raise click.UsageError(words("--stop atau --resume, tidak keduanya", "--stop or --resume, not both"))
    found = _find(client, job)
    if stop or resume:
        found = client.post(f"/operations/jobs/{job}/{'stop' if stop else 'resume'}", {"service": found["service"]})
    tell(follow(client, found, quiet=as_json), as_json=as_json, wanted="stopped" if stop else "succeeded")


def follow(client: PlatformClient, replay: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    """Show a replay's progress until it ends. Ctrl-C asks whether it is to stop or to go on by itself."""
    path = f"/operations/jobs/{replay['id']}?service={replay['service']}"
    while True:
        try:
            with JobProgress(quiet=quiet) as progress:
                return client.watch(path, ENDED, progress)
        except KeyboardInterrupt:
            if not _wants_to_stop():
                click.echo(
                    words("Tetap berjalan; lihat dengan", "It goes on; watch it with")
                    + f": ./plut events replays {replay['id']}",
                    err=True,
                )
                sys.exit(130)
            client.post(f"/operations/jobs/{replay['id']}/stop", {"service": replay["service"]})


def tell(replay: dict[str, Any], *, as_json: bool, wanted: str = "succeeded") -> None:
    """Say what became of a replay; ends with status 1 unless its state is the `wanted` one."""
    if as_json:
        click.echo(json.dumps(replay, indent=2))
    else:
        total = "?" if replay["total"] is None else replay["total"]
        click.echo(f"{replay['subscription']}: {replay['state']}, {replay['done']}/{total}")
        if error := replay.get("error"):
            click.echo(f"  {words(error['message_id'], error['message_en'])}", err=True)
        if replay["state"] in {"stopped", "failed"}:
            text = words("lanjutkan dengan", "go on with")
            click.echo(f"  {text}: ./plut events replays {replay['id']} --resume", err=True)
    if replay["state"] != wanted:
        sys.exit(REFUSED)


def _wants_to_stop() -> bool:
    """Whether a replay is to stop; a second Ctrl-C, or nobody there to ask, leaves it running."""
    if not sys.stdin.isatty():
        return False
    try:
        answer = click.prompt(
            words("\nHentikan (h) atau biarkan berjalan (b)?", "\nStop it (s) or leave it running (l)?"),
            type=click.Choice(words("h b", "s l").split()), default=words("b", "l"), err=True, show_choices=False,
        )  # fmt: skip
    except click.Abort:
        return False
    return bool(answer in {"h", "s"})


def _find(client: PlatformClient, job: str) -> dict[str, Any]:
    services = Services(SERVICES)
    for service, found in services.have(client, f"/operations/jobs/{job}"):
        return {**found, "service": service}
    services.end()
    raise click.ClickException(
        words(
            f"tidak ada pemutaran ulang {job}; yang ada: ./plut events replays",
            f"there is no replay {job}; those there are: ./plut events replays",
        )
    )


def _list(client: PlatformClient, selection: Selection, limit: int, *, as_json: bool) -> None:
    services = Services(selection.services)
    found, cut = listed(client, services, "/operations/jobs", limit, "created_at")
    again = words(" (diulang)", " (again)")
    show_listing(
        services,
        found,
        {
            words("pekerjaan", "job"): lambda each: each["id"],
            words("langganan", "subscription"): lambda each: each["subscription"] + (again if each["again"] else ""),
            words("keadaan", "state"): lambda each: each["state"],
            words("selesai", "done"): lambda each: f"{each['done']}/{'?' if each['total'] is None else each['total']}",
            words("diminta pada", "asked for at"): lambda each: clock(each["created_at"]),
            words("rentang", "window"): lambda each: f"{clock(each['since'])} … {clock(each['until'])}",
            words("galat", "error"): lambda each: first_line((each.get("error") or {}).get("message_en")),
        },
        empty=words("Belum ada pemutaran ulang.", "No replays yet."),
        as_json=as_json,
        cut=cut,
    )
