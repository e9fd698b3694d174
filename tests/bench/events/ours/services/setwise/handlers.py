"""A batch with one statement: how a projection may be written."""

from __future__ import annotations

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Uuid

from chassis.subscriptions import subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.registry import EnterpriseRegistered
from tests.bench.events.statements import UPSERT_MANY

_COLUMNS = {"id": Uuid, "unit": Text, "name": Text, "kind": Text, "district": Text, "kbli": Text, "version": BigInteger}
_UPSERT = text(UPSERT_MANY).bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _COLUMNS.items()))


@subscribe(EnterpriseRegistered, bulk=True)
def list_businesses(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseRegistered]]) -> None:
    """Add or renew the businesses of a batch; the chassis keeps the inbox and commits."""
    newest = {each.data.enterprise: each for each in sorted(envelopes, key=lambda each: each.sequence)}
    rows = newest.values()
    uow.session.execute(
        _UPSERT,
        {
            "id": [each.data.enterprise for each in rows],
            "unit": [each.unit for each in rows],
            "name": [each.data.business for each in rows],
            "kind": [each.data.kind for each in rows],
            "district": [each.data.district for each in rows],
            "kbli": [each.data.kbli for each in rows],
            "version": [each.version for each in rows],
        },
    )
