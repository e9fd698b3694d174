"""The jobs of an import, and in what order imports are carried out."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from chassis.jobs import Work, get_job
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.storage.tables import imports

JOB: Final = "import-enterprises"
UNDO_JOB: Final = "undo-import"


def unit_lock(unit: str) -> str:
    """Imports of one unit run one after another: each must see what the one before has brought."""
    return f"import:{unit}"


def kept_error(refusal: PlutError) -> dict[str, Any]:
    """Why a job of the import failed, as the import keeps it for people to read."""
    return {
        "code": refusal.code,
        "message_en": refusal.message_en,
        "message_id": refusal.message_id,
        "fields": refusal.fields,
        "params": refusal.params,
    }


def end_early(work: Work, import_id: UUID, state: str, **changes: Any) -> None:
    """Say in the import that its job was stopped or has failed."""
    with work.unit_of_work() as uow:
        uow.session.execute(
            imports.update()
            .where(imports.c.id == import_id, imports.c.state.in_(("reading", "committing", "undoing")))
            .values(state=state, **changes, version=imports.c.version + 1)
        )


def state_at_work(uow: UnitOfWork, job: UUID, *, commit: bool) -> str:
    """What an import is doing once its job goes on."""
    if get_job(uow, job)["kind"] == UNDO_JOB:
        return "undoing"
    return "committing" if commit else "reading"
