"""Remove files that nobody needs any more: they hold personal data."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from chassis.files import FileStore
from chassis.log import logger
from chassis.unit_of_work import UnitOfWork
from contracts.personal_data import holders
from services.registry.use_cases.export_enterprises import FOLDER as EXPORTS
from services.registry.use_cases.hand_over_person_data import FOLDER as HANDED_OVER
from services.registry.use_cases.load_reference import JOB as LOAD

UPLOADS: Final = "registry/uploads"
UPLOAD_WAITS: Final = timedelta(days=1)
"""Until a request names it: the gateway's comes at once, and a repeated one puts the file anew."""
EXPORT_STAYS: Final = timedelta(days=2)
"""Shorter than a person may be kept waiting for the end of their data (`contracts.personal_data.DEADLINE`)."""
PART_STAYS: Final = timedelta(days=7)
"""What services have handed over about a person, sealed; and what an officer's browser never fetched."""

log = logger(__name__)
_NAMED: Final = text(
    "SELECT file FROM import WHERE file = ANY(:keys)"
    " UNION SELECT params ->> 'file' FROM plut.job WHERE kind = :load AND params ->> 'file' = ANY(:keys)"
)


def prune_files(*, uow: UnitOfWork, files: FileStore) -> None:
    """Remove uploads older than a day that no import and no reference load names, and what was made for somebody to fetch."""
    uploads = _older(uow, files, UPLOADS, UPLOAD_WAITS)
    named = set(uow.session.execute(_NAMED, {"keys": uploads, "load": LOAD}).scalars())
    uploads = [key for key in uploads if key not in named]
    exports = _older(uow, files, EXPORTS, EXPORT_STAYS)
    parts = [key for service in holders() for key in _older(uow, files, f"{service}/persons", PART_STAYS)]
    left = _older(uow, files, HANDED_OVER, UPLOAD_WAITS)
    for key in (*uploads, *exports, *parts, *left):
        files.delete(key)
    log.info("files pruned", uploads=len(uploads), exports=len(exports), persons=len(parts) + len(left))


def _older(uow: UnitOfWork, files: FileStore, folder: str, age: timedelta) -> list[str]:
    return [key for key, changed in files.list(folder) if changed < uow.now - age]
