"""Audit rows in hash chains, written in the transaction of what they tell of.

A row carries a keyed hash (HMAC-SHA-256) of itself and of the hash before it, so that a row that was changed, taken out or put
in doesn't fit any more; and without the key, which no database has, nobody can make it fit. One chain would have all writers
of a database wait for each other's commit: there are several, and a transaction takes one that nobody has at the moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from sqlalchemy.orm import Session

from chassis.audit.keys import FIELDS, AuditKeys, as_json

# Nearly every request writes a row and many do little else: these are the driver's own statements, and two of them.
# one chain that is free; where all are taken, the first that will be
_TAKE: Final = "SELECT chain, sequence, hash FROM plut.audit_chain ORDER BY chain LIMIT 1 FOR UPDATE SKIP LOCKED"
_WAIT_FOR: Final = "SELECT chain, sequence, hash FROM plut.audit_chain WHERE chain = 0 FOR UPDATE"
_VALUES: Final = ", ".join("%(detail)s::jsonb" if name == "detail" else f"%({name})s" for name in (*FIELDS, "hash"))
_ADD: Final = f"INSERT INTO plut.audit ({', '.join(FIELDS)}, hash) VALUES ({_VALUES})"
_ADD_LAST: Final = (
    "WITH moved_on AS (UPDATE plut.audit_chain SET sequence = %(sequence)s, hash = %(hash)s WHERE chain = %(chain)s) "
    + _ADD
)


def write(session: Session, keys: AuditKeys, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows at the end of a chain; others can't take it until this transaction ends."""
    execute = session.connection().exec_driver_sql
    chain, sequence, previous = execute(_TAKE).one_or_none() or execute(_WAIT_FOR).one()
    sealed = []
    for sequence, row in enumerate(rows, sequence + 1):  # noqa: B020 - it goes on from there
        detail = as_json(row["detail"])
        # as it will be read again: a detail goes through JSON
        kept = dict(row) | {"chain": chain, "sequence": sequence, "detail": orjson.loads(detail)}
        previous = keys.seal(previous, kept)
        sealed.append(kept | {"detail": detail.decode(), "hash": previous})
    *before, last = sealed
    if before:
        execute(_ADD, before)
    execute(_ADD_LAST, last)
