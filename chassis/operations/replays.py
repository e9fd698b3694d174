"""Replays, asked for and steered by operators. What carries them out is `chassis.replay`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, func, select

from chassis import jobs
from chassis.jobs import REPLAY
from chassis.operations.published import of_targets
from chassis.settings import Settings
from chassis.tables import job as table
from chassis.tables import outbox
from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, NOT_FOUND, PlutError

#: One replay of a service runs at a time, so that imports and exports find a free thread in its worker.
LOCK: Final = "replay-events"

_SHOWN = ("id", "state", "done", "total", "note", "error", "created_at", "started_at", "finished_at", "version")
_ASKED = ("subscription", "types", "unit", "since", "until", "rate", "again")


def plan_replay(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """How many events a replay would publish; raises PlutError `invalid-request` where the window can't be replayed."""
    window = _window(uow, request)
    events = uow.session.execute(select(func.count()).select_from(outbox).where(of_targets(window))).scalar_one()
    return {"types": _types(request), "events": events, "since": window["since"], "until": window["until"]}


def start_replay(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin a replay as a job; raises PlutError `invalid-request` where the window can't be replayed."""
    plan = plan_replay(uow, request)
    asked = {
        "subscription": request["subscription"],
        "types": plan["types"],
        "unit": request.get("unit"),
        "since": plan["since"].isoformat(),
        "until": plan["until"].isoformat(),
        "rate": request["rate"],
        "again": request["again"],
    }
    job_id = jobs.start_job(uow, REPLAY, unit="", params={**asked, "targets": request["targets"]}, lock=LOCK)
    uow.audit("replay.started", subject=job_id, unit=request.get("unit"), detail={**asked, "events": plan["events"]})
    return get_replay(uow, {"id": job_id})


def list_replays(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replays of the service's events, newest first."""
    query = select(table).where(table.c.kind == REPLAY).order_by(table.c.id.desc()).limit(request["limit"] + 1)
    if request["cursor"]:
        query = query.where(table.c.id < request["cursor"])
    rows = uow.session.execute(query).mappings().all()
    page = rows[: request["limit"]]
    return {"items": [_view(row) for row in page], "next": page[-1]["id"] if len(rows) > len(page) else None}


def get_replay(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """One replay; raises PlutError `not-found`."""
    query = select(table).where(table.c.id == request["id"], table.c.kind == REPLAY)
    row = uow.session.execute(query).mappings().one_or_none()
    if row is None:
        raise PlutError(NOT_FOUND, "There is no such replay.", "Pemutaran ulang itu tidak ada.")
    return _view(row)


def stop_replay(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Stop a replay after the events that are under way."""
    jobs.stop_job(uow, _known(uow, request))
    return get_replay(uow, request)


def resume_replay(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Go on with a stopped or failed replay where it ended."""
    jobs.resume_job(uow, _known(uow, request), lock=LOCK)
    return get_replay(uow, request)


def _known(uow: UnitOfWork, request: Mapping[str, Any]) -> UUID:
    found: UUID = get_replay(uow, request)["id"]
    return found


def _view(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN} | {name: row["params"].get(name) for name in _ASKED}


def _types(request: Mapping[str, Any]) -> list[str]:
    return [target["type"] for target in request["targets"]]


def _window(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """The request with its end fixed; refused where it begins before what is kept."""
    days = Settings.from_environment().retention_days
    earliest = uow.now - timedelta(days=days)
    until = min(request["until"] or uow.now, uow.now)
    if request["since"] < earliest:
        at = f"{earliest:%Y-%m-%d %H:%M} UTC"
        raise PlutError(
            INVALID_REQUEST,
            f"Events are kept for {days} days after they were published: a replay can't begin before {at}.",
            f"Kejadian disimpan {days} hari setelah diterbitkan: pemutaran ulang paling awal dari {at}.",
            fields={"since": [f"Paling awal {at}. / Not before {at}."]},
            earliest=earliest.isoformat(),
        )
    if until <= request["since"]:
        raise PlutError(
            INVALID_REQUEST,
            "The window ends before it begins, or lies in the future.",
            "Rentang waktu berakhir sebelum mulai, atau berada di masa depan.",
            fields={"until": ["Harus setelah since. / Must be after since."]},
        )
    return {**request, "until": until}
