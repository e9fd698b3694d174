"""`./plut events retry` and `drop`: by ids wherever they are, or by conditions."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import click

from deploy.cli.events.asking import PATH, Services, counted
from deploy.cli.events.confirming import LARGE, confirm
from deploy.cli.events.failed import STATES
from deploy.cli.events.selecting import EVENT_ID, Selection, selecting
from deploy.cli.language import words
from deploy.cli.remote import REFUSED, remote
from deploy.client import PlatformClient

PARKED = "parked"
_RETRY = {"failed": f"{PATH}/failed/retry", PARKED: f"{PATH}/parked/release"}
_DROP = {"failed": f"{PATH}/failed/drop", PARKED: f"{PATH}/parked/drop"}
#: What only one kind has.
_NOT_OF = {"failed": "subject", PARKED: "subscription"}
#: Ids that one request of the API takes.
_AT_A_TIME = 1_000

_ids = click.argument("ids", nargs=-1, type=EVENT_ID, metavar="[EVENT]...")
_selection = selecting("service", "subscription", "type", "unit", "subject", "since", "until")
_state = click.option(
    "--state",
    type=click.Choice((*STATES, PARKED)),
    help="All in this state; `parked` are those that the broker refused.",
)


@click.command()
@_ids
@_selection
@_state
@remote
def retry(ids: tuple[str, ...], selection: Selection, state: str | None, client: PlatformClient) -> None:
    """Try events again at once: failed ones (dead and dropped ones, too), or parked ones.

    By the ids that `failed` and `parked` show, or all that fit the options. --since and --until are about when they
    failed or were parked.
    """
    mending = _Mending(client, _RETRY, _bodies(ids, selection, state), Services(selection.services))
    count = mending.carry_out()
    click.echo(f"{words('Dicoba lagi', 'Tried again')}: {counted(count.total())}.")
    _end(mending, ids, count)


@click.command()
@_ids
@_selection
@_state
@click.option("--reason", help="Why; kept with the event. Parked ones need one.")
@click.option("--yes", is_flag=True, help="Don't ask before many are dropped.")
@remote
def drop(  # noqa: PLR0917 (click hands options over by name)
    ids: tuple[str, ...],
    selection: Selection,
    state: str | None,
    reason: str | None,
    yes: bool,  # noqa: FBT001
    client: PlatformClient,
) -> None:
    """Give events up: failed ones are tried no more, of parked ones nobody ever hears. They are kept with the reason.

    By the ids that `failed` and `parked` show, or all that fit the options. Asks before it drops many.
    """
    mending = _Mending(client, _DROP, _bodies(ids, selection, state), Services(selection.services))
    count = mending.carry_out(dry_run=True, reason=reason or "dry run")
    if count[PARKED] and not reason:
        raise click.UsageError(
            words("kejadian terparkir dilepas dengan --reason", "parked events are given up with a --reason")
        )
    if count.total() >= LARGE:
        confirm(f"{words('Lepaskan', 'Give up')} {counted(count.total())}?", yes=yes)
    mending.services = Services(selection.services)
    count = mending.carry_out(**({"reason": reason} if reason else {})) if count.total() else count
    click.echo(f"{words('Dilepas', 'Given up')}: {counted(count.total())}.")
    _end(mending, ids, count)


@dataclass
class _Mending:
    """One verb for failed and parked events of several services: which path of the API, and which requests."""

    client: PlatformClient
    paths: dict[str, str]
    bodies: list[tuple[str, dict[str, Any]]]
    services: Services = field(default_factory=lambda: Services(()))

    def carry_out(self, **more: Any) -> Counter[str]:
        """Ask every service; returns how many failed and how many parked events that were."""
        count: Counter[str] = Counter()
        for kind, body in self.bodies:
            # failed ones need no reason, but a parked one's dry run does
            request = {**body, **more}
            for _, reply in self.services.each(lambda name: self._post(kind, {"service": name, **request})):  # noqa: B023
                count[kind] += reply["count"]
        return count

    def _post(self, kind: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.client.post(self.paths[kind], request)


def _bodies(ids: tuple[str, ...], selection: Selection, state: str | None) -> list[tuple[str, dict[str, Any]]]:
    """Requests by kind. An id may be a failed or a parked event's; conditions are of failed ones unless the state says so."""
    conditions: dict[str, Any] = dict(selection.conditions)
    if bool(ids) == bool(conditions or state):
        raise click.UsageError(
            words(
                "sebutkan id kejadian, atau syarat (--state dead …)", "name events, or give conditions (--state dead …)"
            )
        )
    if ids:
        chunks = [list(ids[start : start + _AT_A_TIME]) for start in range(0, len(ids), _AT_A_TIME)]
        return [(kind, {"ids": chunk}) for chunk in chunks for kind in ("failed", PARKED)]
    kind = PARKED if state == PARKED else "failed"
    if (wrong := _NOT_OF[kind]) in conditions:
        raise click.UsageError(
            words(f"--{wrong} tidak berlaku di sini; ", f"--{wrong} has no meaning here; ")
            + (
                words("kejadian terparkir belum sampai ke langganan", "parked events have reached no subscription")
                if kind == PARKED
                else words(
                    "kejadian gagal dipilih dengan --subscription", "failed events are selected by --subscription"
                )
            )
        )
    return [(kind, conditions | ({"state": state} if state else {}))]


def _end(mending: _Mending, ids: tuple[str, ...], count: Counter[str]) -> None:
    """Say who didn't answer, and which ids nobody had; status 1 where there are any."""
    mending.services.end()
    if missing := len(set(ids)) - count.total() if ids else 0:
        text = words(
            f"{missing} dari {len(set(ids))} tidak ditemukan; mungkin sudah dicoba lagi dengan hasil baik.",
            f"{missing} of {len(set(ids))} were not found; they may have been tried again with success.",
        )
        click.echo(text, err=True)
        sys.exit(REFUSED)
