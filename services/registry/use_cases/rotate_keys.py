"""Replace the keys of identity numbers while everything runs: as jobs, a unit's in the line of its imports.

- `master`: every data key is wrapped with the newest master key; no number is touched.
- `data`: the unit gets a new data key, what the old ones have sealed is sealed anew, and they are destroyed.
- `index`: hashes are made with the newest index key; meanwhile numbers are found under the old ones, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.jobs import Work, get_job, start_job
from chassis.sealing import key_service
from chassis.sealing.data_keys import context_of
from chassis.unit_of_work import UnitOfWork
from services.registry.storage.nik_vault import hasher, open_nik, seal_nik
from services.registry.use_cases.import_jobs import unit_lock

JOB: Final = "rotate-keys"
#: Numbers that one step takes.
_STEP: Final = 1_000

_UNITS = text("SELECT DISTINCT unit FROM plut.data_key ORDER BY unit")
_WRAPPED = text(
    "SELECT id, unit, wrapped, master FROM plut.data_key WHERE master <> :master ORDER BY id LIMIT :limit FOR UPDATE"
)
_WRAP = text("UPDATE plut.data_key SET wrapped = :wrapped, master = :master WHERE id = :id")
# waits for every transaction that seals with it
_RETIRE = text("UPDATE plut.data_key SET retired_at = :now WHERE unit = :unit AND retired_at IS NULL")
_DESTROY = text("DELETE FROM plut.data_key WHERE unit = :unit AND retired_at IS NOT NULL RETURNING id")

#: Where sealed numbers stand: owners, and rows of imports, whose owner may not be there yet.
_OWNERS = (
    text(
        "SELECT id AS place, id AS owner, nik_ciphertext AS sealed FROM owner"
        " WHERE unit = :unit AND nik_ciphertext IS NOT NULL AND id > :after ORDER BY id LIMIT :limit FOR UPDATE"
    ),
    text("UPDATE owner SET nik_ciphertext = :sealed, nik_hash = :hash WHERE id = :place"),
    UUID(int=0),
)
_ROWS = (
    text(
        "SELECT import_id::text || '/' || lpad(number::text, 10, '0') AS place, owner, nik AS sealed FROM import_row"
        " WHERE unit = :unit AND nik IS NOT NULL AND import_id::text || '/' || lpad(number::text, 10, '0') > :after"
        " ORDER BY 1 LIMIT :limit FOR UPDATE"
    ),
    text(
        "UPDATE import_row SET nik = :sealed, nik_hash = :hash WHERE import_id = cast(split_part(:place, '/', 1) AS uuid)"
        " AND number = cast(split_part(:place, '/', 2) AS integer)"
    ),
    "",
)


def start_rotation(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One job for the master key; otherwise one for each unit that has numbers, or for the one asked for: `{items}`."""
    what, asked = request["what"], request.get("unit")
    units = [""] if what == "master" else [asked] if asked else list(uow.session.execute(_UNITS).scalars())
    jobs = [
        start_job(uow, JOB, unit=unit, params={"what": what}, lock=unit_lock(unit) if unit else JOB) for unit in units
    ]
    uow.audit("keys.rotation-started", unit=asked, detail={"what": what, "jobs": len(jobs)})
    return {"items": [get_job(uow, job) for job in jobs]}


def rotate_keys(*, work: Work) -> dict[str, Any]:
    """Carry out one rotation; begun again, it does what is left."""
    what: str = work.params["what"]
    return {"master": _wrap_anew, "data": _seal_anew, "index": _hash_anew}[what](work)


def _wrap_anew(work: Work) -> dict[str, Any]:
    service, done = key_service(), 0
    while True:
        with work.unit_of_work() as uow:
            keys = uow.session.execute(_WRAPPED, {"master": service.current_master(), "limit": _STEP}).all()
            for key in keys:
                context = context_of(key.unit, key.id)
                plain = service.open_data_key(bytes(key.wrapped), key.master, context)
                wrapped = service.wrap(plain, context)
                uow.session.execute(_WRAP, {"id": key.id, "wrapped": wrapped.wrapped, "master": wrapped.master})
        if not keys:
            return {"data_keys": done}
        done += len(keys)
        work.progress(done)


def _seal_anew(work: Work) -> dict[str, Any]:
    with work.unit_of_work() as uow:
        uow.session.execute(_RETIRE, {"unit": work.unit, "now": uow.now})
    changed = _walk(work, _sealed_anew)
    with work.unit_of_work() as uow:
        destroyed = len(uow.session.execute(_DESTROY, {"unit": work.unit}).all())
        uow.audit("keys.destroyed", unit=work.unit, detail={"keys": destroyed})
    return {"numbers": changed, "keys_destroyed": destroyed}


def _hash_anew(work: Work) -> dict[str, Any]:
    return {"numbers": _walk(work, _as_it_is)}


def _as_it_is(_: UnitOfWork, __: str, ___: UUID, sealed: bytes) -> bytes:
    return sealed


def _sealed_anew(uow: UnitOfWork, unit: str, owner: UUID, sealed: bytes) -> bytes:
    return seal_nik(uow, unit, open_nik(uow, sealed, owner), owner)


def _walk(work: Work, renew: Callable[[UnitOfWork, str, UUID, bytes], bytes]) -> int:
    """Renew every sealed number of the unit and its hash; returns how many there are."""
    done = 0
    for find, store, first in (_OWNERS, _ROWS):
        after: Any = first
        while True:
            with work.unit_of_work() as uow:
                found = uow.session.execute(find, {"unit": work.unit, "after": after, "limit": _STEP}).all()
                _store(uow, work.unit, store, found, renew)
            if not found:
                break
            after, done = found[-1].place, done + len(found)
            work.progress(done)
    return done


def _store(
    uow: UnitOfWork, unit: str, store: Any, found: Sequence[Any], renew: Callable[[UnitOfWork, str, UUID, bytes], bytes]
) -> None:
    values = []
    for row in found:
        sealed = renew(uow, unit, row.owner, bytes(row.sealed))
        hashed = hasher().hash(open_nik(uow, sealed, row.owner))
        values.append({"place": row.place, "sealed": sealed, "hash": hashed})
    if values:
        uow.session.execute(store, values)
