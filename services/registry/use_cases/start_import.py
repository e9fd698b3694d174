"""Begin to take in a file, or go on with the same file's unfinished import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from chassis.jobs import resume_job, start_job
from chassis.unit_of_work import UnitOfWork
from services.registry.queries.imports import import_view
from services.registry.storage.tables import imports
from services.registry.storage.units import require_region
from services.registry.use_cases.import_jobs import JOB, state_at_work, unit_lock
from services.registry.use_cases.steer_import import set_import_mapping

UNFINISHED = ("reading", "preview", "committing", "stopped")


def start_import(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Start the job, or re-attach: killing the client and calling again goes on, and creates nothing twice.

    Another mapping than before has the file read again. Raises PlutError `invalid-request` for a unit that is nowhere,
    `registry.import-state-conflict` for another mapping while the file is being read or taken in.
    """
    unit = request["unit"]
    uow.require_scope(unit)
    require_region(uow, unit, "unit")
    # two calls at once for the same file: the second waits here for the first one's commit
    uow.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": f"{unit}:{request['sha256']}"}
    )
    there = uow.session.execute(
        select(imports.c.id, imports.c.job, imports.c.state, imports.c.commit, imports.c.mapping).where(
            imports.c.unit == unit, imports.c.sha256 == request["sha256"], imports.c.state.in_(UNFINISHED)
        )
    ).one_or_none()
    if there is not None:
        return _go_on(uow, there, request)
    job = start_job(uow, JOB, unit=unit, params={}, lock=unit_lock(unit))
    uow.session.execute(
        imports.insert(),
        {
            "id": job,
            "unit": unit,
            "job": job,
            "file": request["file"],
            "name": request["name"],
            "sha256": request["sha256"],
            "size": request["size"],
            "state": "reading",
            "commit": request["commit"],
            "taken": False,
            "mapping": request.get("mapping"),
            "outcomes": dict.fromkeys(("new", "same", "review", "broken"), 0),
            "kept": [],
            "rows": 0,
            "done": 0,
            "seconds": 0.0,
            "version": 1,
            "created_at": uow.now,
            "created_by": uow.context.account,
        },
    )
    uow.audit(
        "import.started", subject=job, unit=unit, detail={"sha256": request["sha256"], "commit": request["commit"]}
    )
    return import_view(uow, job)


def _go_on(uow: UnitOfWork, there: Any, request: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if request["commit"] and not there.commit:
        changes["commit"] = True
    if request.get("mapping") is not None and request["mapping"] != there.mapping:
        corrected = {"id": there.id, "mapping": request["mapping"], "save": False}
        set_import_mapping(uow=uow, request=corrected)
    elif there.state == "stopped":
        resume_job(uow, there.job, lock=unit_lock(request["unit"]))
        changes["state"] = state_at_work(uow, there.job, commit=there.commit or request["commit"])
    elif there.state == "preview" and request["commit"]:
        changes |= {"job": _commit_job(uow, there.id, request["unit"]), "state": "committing"}
    if changes:
        uow.session.execute(
            imports.update().where(imports.c.id == there.id).values(**changes, version=imports.c.version + 1)
        )
    return import_view(uow, there.id)


def _commit_job(uow: UnitOfWork, import_id: UUID, unit: str) -> UUID:
    return start_job(uow, JOB, unit=unit, params={"import": str(import_id)}, lock=unit_lock(unit))
