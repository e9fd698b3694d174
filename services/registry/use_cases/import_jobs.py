"""What the two jobs of an import, taking in and undoing, have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database_errors import is_away
from chassis.jobs import Interrupted, JobStopped, Superseded, Work, get_job
from chassis.rpc import as_problem
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.storage.tables import imports

JOB: Final = "import-enterprises"
UNDO_JOB: Final = "undo-import"


def unit_lock(unit: str) -> str:
    """Imports of one unit run one after another: each must see what the one before has brought."""
    return f"import:{unit}"


def import_at_work(uow: UnitOfWork, import_id: UUID) -> Any:
    """The import's row, for one of its jobs; raises PlutError where the job's account may not act for the unit."""
    row = uow.session.execute(select(imports).where(imports.c.id == import_id)).one()
    uow.require_scope(row.unit)
    return row


@contextmanager
def early_end_told(work: Work, import_id: UUID) -> Iterator[None]:
    """Say in the import when its job is stopped or fails within the block; not when the job will go on by itself."""
    try:
        yield
    except JobStopped:
        _end_early(work, import_id, state="stopped")
        raise
    except (Interrupted, Superseded):
        raise
    except Exception as error:
        if not is_away(error):
            _end_early(work, import_id, state="failed", error=_for_people(as_problem(error)))
        raise


def _end_early(work: Work, import_id: UUID, **changes: Any) -> None:
    with work.unit_of_work() as uow:
        uow.session.execute(
            imports.update()
            .where(imports.c.id == import_id, imports.c.state.in_(("reading", "committing", "undoing")))
            .values(**changes, version=imports.c.version + 1)
        )


def _for_people(refusal: PlutError) -> dict[str, Any]:
    """The error as the import keeps it: in both languages, since whoever reads it isn't known yet."""
    return {
        "code": refusal.code,
        "message_en": refusal.message_en,
        "message_id": refusal.message_id,
        "fields": refusal.fields,
        "params": refusal.params,
    }


def state_at_work(uow: UnitOfWork, job: UUID, *, commit: bool) -> str:
    """What an import is doing once its job goes on."""
    if get_job(uow, job)["kind"] == UNDO_JOB:
        return "undoing"
    return "committing" if commit else "reading"
