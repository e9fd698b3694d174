"""A service's subscriptions, and which events they have taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from chassis.broker.topology import BULK
from chassis.services import load
from chassis.subscriptions import inbox_of, subscriptions_in
from chassis.unit_of_work import UnitOfWork

_MISSED = text(
    "SELECT asked.id FROM unnest(:ids) WITH ORDINALITY AS asked (id, place) WHERE NOT EXISTS"
    " (SELECT FROM plut.inbox WHERE inbox.event_id = asked.id AND inbox.subscription = :subscription)"
    " ORDER BY asked.place"
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


def subscriptions_of(service: str) -> dict[str, Any]:
    """A service's subscriptions with the queues that take replays, by name."""
    found = subscriptions_in(load(service, "handlers"))
    return {
        "items": [
            {"name": each.name, "type": each.event_type.type, "queue": BULK.queue(each.name)}
            for each in sorted(found, key=lambda each: each.name)
        ]
    }


def find_missed_events(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Which of some events a subscription has never taken; one that failed has been taken."""
    values = {"ids": request["ids"], "subscription": inbox_of(request["subscription"])}
    return {"missed": uow.session.execute(_MISSED, values).scalars().all()}
