"""Imports, their rows, and how far they are."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from chassis import jobs
from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.queries.pages import page_of, position_of, row_number
from services.registry.storage.import_rows import decode_reasons, decode_record, shown_cells
from services.registry.storage.tables import import_row, imports


def import_of(uow: UnitOfWork, import_id: UUID, *, lock: bool = False) -> Any:
    """The row of an import, by its own id or its present job's; raises `registry.import-not-found`."""
    query = select(imports).where(
        or_(imports.c.id == import_id, imports.c.job == import_id), in_scope(imports.c.unit, uow.scopes)
    )
    row = uow.session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise PlutError("registry.import-not-found", "There is no such import.", "Impor itu tidak ada.")
    return row


def import_view(uow: UnitOfWork, import_id: UUID) -> dict[str, Any]:
    """An import as officers see it."""
    return _view(import_of(uow, import_id))


def _view(row: Any) -> dict[str, Any]:
    hidden = ("file", "analysed_at", "taken")
    view = {name: value for name, value in row._mapping.items() if name not in hidden}  # noqa: SLF001 - SQLAlchemy's own name
    view["total"] = row.rows or None
    view["rows_per_second"] = round(row.rows / row.seconds, 1) if row.seconds and row.rows else None
    return view


def list_imports(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Imports, newest first."""
    query = select(imports).where(in_scope(imports.c.unit, uow.scopes)).order_by(imports.c.id.desc())
    if request.get("unit"):
        query = query.where(in_scope(imports.c.unit, [request["unit"]]))
    if (position := position_of(request, UUID)) is not None:
        query = query.where(imports.c.id < position[0])
    rows = uow.session.execute(query.limit(request["limit"] + 1)).all()
    return page_of([_view(row) for row in rows], request["limit"], lambda item: (item["id"],))


def list_import_rows(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """The rows of an import in order, with what was found."""
    import_ = import_of(uow, request["id"])
    query = select(import_row).where(import_row.c.import_id == import_.id).order_by(import_row.c.number)
    if request.get("outcome"):
        query = query.where(import_row.c.outcome == request["outcome"])
    if (position := position_of(request, row_number)) is not None:
        query = query.where(import_row.c.number > position[0])
    rows = uow.session.execute(query.limit(request["limit"] + 1)).all()
    uow.audit("import-rows.viewed", subject=request["id"], unit=import_.unit)
    return page_of([row_view(row) for row in rows], request["limit"], lambda item: (item["number"],))


def row_view(row: Any) -> dict[str, Any]:
    """One row with its cells as they were read."""
    return {
        "number": row.number,
        "sheet": row.sheet,
        "row": row.row,
        "outcome": row.outcome,
        "enterprise": row.enterprise,
        "candidate": row.candidate,
        "decision": row.decision,
        "reasons": [
            {"code": code, "id": text_id, "en": text_en} for code, text_id, text_en in decode_reasons(row.reasons)
        ],
        "cells": shown_cells(decode_record(row.record), row.nik_shown) if row.record else {},
    }


def get_import_report(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """The file of an import's report; raises `registry.report-not-found` while there is none yet."""
    import_ = import_of(uow, request["id"])
    # an import whose undo was stopped or has failed has one, too
    if import_.state != "preview" and import_.finished_at is None:
        raise PlutError(
            "registry.report-not-found",
            "The report is written when the rows have been read.",
            "Laporan tersedia setelah semua baris dibaca.",
        )
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", import_.name.rpartition(".")[0] or import_.name)[:80]
    return {"file": report_key(import_.id), "name": f"laporan-{stem}.csv", "media_type": "text/csv; charset=utf-8"}


def report_key(import_id: UUID) -> str:
    """Where an import's report stands in the file store."""
    return f"registry/reports/{import_id}.csv"


def list_jobs(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Jobs, newest first."""
    position = position_of(request, UUID)
    rows = jobs.list_jobs(
        uow,
        kind=request.get("kind"),
        unit=request.get("unit"),
        before=position[0] if position else None,
        limit=request["limit"] + 1,
    )
    return page_of(rows, request["limit"], lambda item: (item["id"],))
