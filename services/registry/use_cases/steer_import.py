"""What people do with an import under way: correct its columns, decide rows, commit, stop, resume, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.jobs import resume_job, start_job, stop_job
from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.registry.domain.importing import FIELDS
from services.registry.queries.imports import import_of, import_view, row_view
from services.registry.storage import import_mappings
from services.registry.storage.tables import import_mapping, import_row, imports
from services.registry.use_cases.import_jobs import JOB, UNDO_JOB, state_at_work, unit_lock


def set_import_mapping(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Say what the columns mean, and read the file again. Only while no row has been taken in."""
    import_ = _in_state(uow, request["id"], "preview", "failed", "stopped")
    if import_.taken:
        raise _conflict(
            "Rows have been taken in already; undo the import first.",
            "Sebagian baris sudah masuk; batalkan impornya dahulu.",
        )
    unknown = sorted({str(field) for field in request["mapping"].values()} - {*FIELDS, ""})
    if unknown:
        raise PlutError(
            INVALID_REQUEST,
            "There is no such field.",
            "Arti kolom itu tidak ada.",
            fields={"mapping": [f"{name}: one of {', '.join(FIELDS)}." for name in unknown]},
        )
    signature = import_mappings.signature(import_.columns or {})
    if request["save"] and signature is not None:
        row = {
            "unit": import_.unit,
            "signature": signature,
            "mapping": request["mapping"],
            "saved_at": uow.now,
            "saved_by": uow.context.account,
        }
        uow.session.execute(
            insert(import_mapping).values(row).on_conflict_do_update(index_elements=["unit", "signature"], set_=row)
        )
    _again(uow, import_, "reading", mapping=request["mapping"], analysed_at=None)
    return import_view(uow, import_.id)


def commit_import(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Take in the rows of a preview."""
    import_ = _in_state(uow, request["id"], "preview")
    _again(uow, import_, "committing", commit=True)
    uow.audit("import.committed", subject=import_.id, unit=import_.unit)
    return import_view(uow, import_.id)


def stop_import(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Stop after the chunk that is being written; one that hasn't begun stops at once."""
    import_ = _in_state(uow, request["id"], "reading", "committing")
    job = stop_job(uow, import_.job)
    if job["state"] == "stopped":
        _change(uow, import_.id, state="stopped")
    return import_view(uow, import_.id)


def resume_import(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Go on where it ended."""
    import_ = _in_state(uow, request["id"], "stopped", "failed")
    resume_job(uow, import_.job, lock=unit_lock(import_.unit))
    state = state_at_work(uow, import_.job, commit=import_.commit and import_.analysed_at is not None)
    _change(uow, import_.id, state=state, error=None)
    return import_view(uow, import_.id)


def undo_import(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Take everything back, as a job; rows on which something has been built since stay, and are listed.

    Asked again, it goes on where it failed, and tries once more what stayed.
    """
    import_ = _in_state(uow, request["id"], "completed", "stopped", "failed", "preview", "undone")
    stayed = import_.state == "undone" and import_.kept
    if not import_.taken and not stayed:
        if import_.state != "undone":
            _change(uow, import_.id, state="undone", finished_at=uow.now)
        return import_view(uow, import_.id)
    job = start_job(uow, UNDO_JOB, unit=import_.unit, params={"import": str(import_.id)}, lock=unit_lock(import_.unit))
    done = import_.rows if stayed else import_.done
    _change(uow, import_.id, state="undoing", job=job, kept=[], done=done, error=None)
    uow.audit("import.undone", subject=import_.id, unit=import_.unit)
    return import_view(uow, import_.id)


def decide_import_row(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Decide about a row for review, before its import is committed (afterwards: `decide_duplicate`)."""
    import_ = _in_state(uow, request["id"], "preview")
    where = (import_row.c.import_id == import_.id, import_row.c.number == request["row"])
    row = uow.session.execute(select(import_row.c.outcome).where(*where)).scalar()
    if row is None:
        raise PlutError("registry.import-row-not-found", "There is no such row.", "Baris itu tidak ada.")
    if row != "review":
        raise PlutError(
            "registry.import-row-refused", "Only rows for review are decided.", "Hanya baris tinjauan yang diputuskan."
        )
    changed = uow.session.execute(
        import_row.update().where(*where).values(decision=request["decision"]).returning(import_row)
    ).one()
    return row_view(changed)


def _in_state(uow: UnitOfWork, import_id: UUID, *states: str) -> Any:
    import_ = import_of(uow, import_id, lock=True)
    if import_.state not in states:
        raise _conflict(
            f"The import is {import_.state}; this needs {' or '.join(states)}.",
            f"Keadaan impor: {import_.state}; tindakan ini perlu {' atau '.join(states)}.",
        )
    return import_


def _conflict(en: str, indonesian: str) -> PlutError:
    return PlutError("registry.import-state-conflict", en, indonesian)


def _again(uow: UnitOfWork, import_: Any, state: str, **changes: Any) -> None:
    job = start_job(uow, JOB, unit=import_.unit, params={"import": str(import_.id)}, lock=unit_lock(import_.unit))
    _change(uow, import_.id, state=state, job=job, error=None, **changes)


def _change(uow: UnitOfWork, import_id: UUID, **changes: Any) -> None:
    uow.session.execute(
        imports.update().where(imports.c.id == import_id).values(**changes, version=imports.c.version + 1)
    )
