"""A batch with one statement: how a projection may be written."""

from __future__ import annotations

import orjson
from sqlalchemy import text

from chassis.subscriptions import subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.registry import EnterpriseRegistered
from tests.bench.events.statements import UPSERT_MANY

_UPSERT = text(UPSERT_MANY)


@subscribe(EnterpriseRegistered, bulk=True)
def list_businesses(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseRegistered]]) -> None:
    """Add or renew the businesses of a batch; the chassis keeps the inbox and commits."""
    # one statement can't renew a row twice: of several events about one business the last counts
    newest = {each.subject: each for each in sorted(envelopes, key=lambda each: each.sequence)}
    rows = [
        {
            "id": each.data.enterprise,
            "unit": each.unit,
            "name": each.data.business,
            "kind": each.data.kind,
            "district": each.data.district,
            "kbli": each.data.kbli,
            "version": each.version,
        }
        for each in newest.values()
    ]
    uow.session.execute(_UPSERT, {"rows": orjson.dumps(rows).decode()})
