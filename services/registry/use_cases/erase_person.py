"""Destroy what identifies a person; the figures (size, measurements, district, sector, sex) stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.files import FileStore
from chassis.log import logger
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from contracts.registry import EnterpriseErased, PersonDataRequested
from services.registry.storage import enterprises
from services.registry.storage.enterprises import Enterprise
from services.registry.use_cases.export_enterprises import JOB as EXPORT_JOB
from services.registry.use_cases.withdraw_consent import withdraw_consent

#: How consents end that nobody has withdrawn.
HOW: Final = "erasure"
log = logger(__name__)

_OWNER: Final[dict[str, Any]] = {
    "name": "", "nik_ciphertext": None, "nik_hash": None, "nik_shown": None, "nik_state": "missing", "phone": None,
    "email": None, "birth_date": None,
}  # fmt: skip
_ENTERPRISE: Final[dict[str, Any]] = {
    "state": "erased", "name": "", "street": None, "rt": None, "rw": None, "village": None, "place_as_written": None,
    "postcode": None, "latitude": None, "longitude": None, "phone": None, "email": None, "nib": None, "npwp": None,
    "products": None, "channels": [],
}  # fmt: skip
"""A village's only tofu maker is known without a name: the district stays, the village doesn't."""

_ROWS: Final = (
    "r.enterprise = ANY(:enterprises) OR r.owner = ANY(:owners)"
    " OR r.nik_hash IN (SELECT nik_hash FROM owner WHERE id = ANY(:owners) AND nik_hash IS NOT NULL)"
)
_IMPORTS: Final = text(
    f"SELECT DISTINCT i.file, i.state FROM import i JOIN import_row r ON r.import_id = i.id WHERE {_ROWS}"
)
_DELETE_ROWS: Final = (
    f"DELETE FROM import_row r USING import i WHERE i.id = r.import_id AND i.finished_at IS NULL AND ({_ROWS})"
)
_CLEAR_ROWS: Final = (
    f"UPDATE import_row r SET record = NULL, nik = NULL, nik_hash = NULL, nik_shown = NULL, before = NULL WHERE {_ROWS}"
)
_CLEAR_MERGES: Final = (
    "UPDATE merge SET kept_before = '{}', other_before = '{}', choices = '{}', reason = NULL"
    " WHERE kept = ANY(:enterprises) OR other = ANY(:enterprises)"
)
# lists that officers had written for themselves stay for two days, and anybody of them may hold the person
_EXPORTS: Final = text(
    "SELECT result ->> 'file' FROM plut.job WHERE kind = :kind AND result ->> 'file' IS NOT NULL"
    " AND EXISTS (SELECT FROM owner WHERE owner.id = ANY(:owners)"
    " AND (plut.job.unit = '' OR owner.unit || '.' ^@ (plut.job.unit || '.')))"
)
_CONSENTS: Final = text(
    "SELECT id FROM consent WHERE enterprise = ANY(:enterprises) AND withdrawn_at IS NULL ORDER BY id"
)
_OTHERS: Final = (
    _DELETE_ROWS,  # what nobody has taken in yet must not come back
    _CLEAR_ROWS,
    _CLEAR_MERGES,
    # what was handed over before, and lies sealed for a week yet, opens for nobody any more
    "UPDATE person_request SET private_key = NULL WHERE owners && :owners",
    "UPDATE binaan SET reason = NULL WHERE enterprise = ANY(:enterprises)",
    "UPDATE cooperative SET legal_number = NULL WHERE enterprise = ANY(:enterprises)",
    "UPDATE access_log SET purpose = '' WHERE enterprise = ANY(:enterprises)",
    "DELETE FROM duplicate WHERE enterprise = ANY(:enterprises) OR other = ANY(:enterprises)",
)


def erase_person(uow: UnitOfWork, request: PersonDataRequested, files: FileStore) -> int:
    """Returns how many records were changed. Workbooks that the person came in, and lists that it may be on, are deleted whole.

    Raises `registry.import-under-way-conflict` while one of them is being read.
    """
    values: dict[str, Any] = {"owners": list(request.owners), "enterprises": list(request.enterprises)}
    workbooks = workbooks_with(uow, **values)
    lists = list(uow.session.execute(_EXPORTS, {"kind": EXPORT_JOB, "owners": values["owners"]}).scalars())
    for consent in uow.session.execute(_CONSENTS, {"enterprises": values["enterprises"]}).scalars().all():
        withdraw_consent(uow=uow, request={"id": consent, "how": HOW})
    count = sum(uow.session.execute(text(query), values).rowcount for query in _OTHERS)  # type: ignore[attr-defined]
    people: dict[Any, dict[str, Any]] = {}
    for found in enterprises.enterprises_of(uow, request.enterprises).values():
        # one owner of several enterprises is one row
        found.owner = people.setdefault(found.owner["id"], found.owner)
        _erase(uow, found, request)
        count += 1
    for each in (*workbooks, *lists):
        files.delete(each)
    log.info("person erased", request=str(request.request), records=count, files=len(workbooks) + len(lists))
    return count + len(people)


def workbooks_with(uow: UnitOfWork, *, owners: Sequence[UUID], enterprises: Sequence[UUID]) -> list[str]:
    """Files that a person came in, by their keys; raises `registry.import-under-way-conflict` while one is being read."""
    found = uow.session.execute(_IMPORTS, {"owners": list(owners), "enterprises": list(enterprises)}).all()
    if any(each.state in ("reading", "committing") for each in found):
        raise PlutError(
            "registry.import-under-way-conflict",
            "An import with this person in it is under way. Wait until it has ended, or stop it, and ask again.",
            "Impor yang memuat orang ini sedang berjalan. Tunggu sampai selesai, atau hentikan, lalu ajukan lagi.",
        )
    return [each.file for each in found]


def _erase(uow: UnitOfWork, found: Enterprise, request: PersonDataRequested) -> None:
    found.owner |= _OWNER
    found.row |= _ENTERPRISE
    enterprises.publish(uow, found, EnterpriseErased(enterprise=found.id, request=request.request))
    enterprises.store(uow, found, reindex=True)
