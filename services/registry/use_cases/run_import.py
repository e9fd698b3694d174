"""Carry an import out, step by step: read and compare all rows, then take them in chunk by chunk.

Every step is one transaction that also moves the import's mark (`done`). A run that is killed, stopped or taken over goes
on after the last committed step; nothing is done twice, because a chunk's rows, events and mark stand or fall together.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.collector import collector_at_rest
from chassis.jobs import Work
from chassis.unit_of_work import UnitOfWork
from contracts.registry import ImportCompleted
from services.registry.storage.search_index import Place
from services.registry.storage.tables import imports
from services.registry.use_cases.import_jobs import early_end_told, import_at_work
from services.registry.use_cases.read_rows import NothingReadableError, read_rows
from services.registry.use_cases.take_in_rows import take_in
from services.registry.use_cases.write_report import write_report


def run_import(*, work: Work) -> dict[str, Any]:
    """The job's whole course; returns its result. Raises JobStopped when asked to stop."""
    import_id = UUID(str(work.params.get("import", work.id)))
    with early_end_told(work, import_id):
        with collector_at_rest():
            _read(work, import_id)
            with work.unit_of_work() as uow:
                import_ = import_at_work(uow, import_id)
            if import_.commit:
                _take_in(work, import_)
        return _finish(work, import_id)


def _read(work: Work, import_id: UUID) -> None:
    with work.unit_of_work() as uow:
        import_ = import_at_work(uow, import_id)
        if import_.taken or (import_.analysed_at is not None and not _moved_on(uow, import_)):
            return
    work.progress(0, None, "reading")
    started = time.monotonic()
    try:
        with work.unit_of_work() as uow:
            import_ = import_at_work(uow, import_id)
            read_rows(uow=uow, files=work.files, import_=import_)
            _advance(uow, import_id, started, state="committing" if import_.commit else "preview", done=0)
    except NothingReadableError as refusal:
        # what was found, for a person to say what it means
        with work.unit_of_work() as uow:
            _advance(uow, import_id, started, columns=refusal.columns)
        raise


def _moved_on(uow: UnitOfWork, import_: Any) -> bool:
    """Whether the unit's enterprises have changed since the rows were compared with them."""
    return bool(
        uow.session.execute(
            text("SELECT EXISTS (SELECT FROM enterprise WHERE unit = :unit AND updated_at > :since)"),
            {"unit": import_.unit, "since": import_.analysed_at},
        ).scalar()
    )


def _take_in(work: Work, import_: Any) -> None:
    known_terms: set[Place] = set()
    done = import_.done
    # a run that was killed may have completed the import, and not yet said so: then there is nothing left to take in
    while done < import_.rows:
        started = time.monotonic()
        with work.unit_of_work() as uow:
            done = take_in(uow=uow, import_=import_, done=done, known_terms=known_terms)
            _advance(uow, import_.id, started, done=done, state="committing", taken=True)
        work.progress(done, import_.rows, "taking in")


def _finish(work: Work, import_id: UUID) -> dict[str, Any]:
    with work.unit_of_work() as uow:
        import_ = import_at_work(uow, import_id)
        started = time.monotonic()
        report = write_report(uow=uow, files=work.files, import_id=import_id)
    work.progress(import_.rows, import_.rows, None)
    with work.unit_of_work() as uow:
        _advance(uow, import_id, started)
        if import_.commit:
            _complete(uow, import_id)
        import_ = import_at_work(uow, import_id)
    return {
        "import": str(import_id),
        "outcomes": import_.outcomes,
        "seconds": round(import_.seconds, 3),
        "rows_per_second": round(import_.rows / import_.seconds, 1) if import_.seconds else None,
        "report": report,
    }


def _complete(uow: UnitOfWork, import_id: UUID) -> None:
    """The end of an import, said once."""
    import_ = uow.session.execute(
        imports.update()
        .where(imports.c.id == import_id, imports.c.state != "completed")
        .values(state="completed", finished_at=uow.now, error=None, version=imports.c.version + 1)
        .returning(imports)
    ).one_or_none()
    if import_ is None:
        return
    outcomes = import_.outcomes
    event = ImportCompleted(job=import_id, sha256=import_.sha256, rows=import_.rows, **outcomes)
    if outcomes["new"] or outcomes["review"] or _filled_something(uow, import_id):
        uow.publish(event, subject=import_id, unit=import_.unit, sequence=1)
    uow.audit("import.completed", subject=import_id, unit=import_.unit, detail=outcomes)


def _filled_something(uow: UnitOfWork, import_id: UUID) -> bool:
    return bool(
        uow.session.execute(
            text("SELECT EXISTS (SELECT FROM import_row WHERE import_id = :id AND before IS NOT NULL)"),
            {"id": import_id},
        ).scalar()
    )


def _advance(uow: UnitOfWork, import_id: UUID, started: float, **changes: Any) -> None:
    """Move the import's mark, with the time that the step took."""
    uow.session.execute(
        imports.update()
        .where(imports.c.id == import_id)
        .values(**changes, seconds=imports.c.seconds + (time.monotonic() - started), version=imports.c.version + 1)
    )
