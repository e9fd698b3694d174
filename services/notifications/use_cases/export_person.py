"""Everything that notifications knows about a person, in JSON values."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.registry import PersonDataRequested

_QUERIES: Final = {
    "recipients": "SELECT to_jsonb(t) FROM recipient t WHERE enterprise = ANY(:enterprises)",
    "messages": (
        "SELECT to_jsonb(t) - ARRAY['next_attempt_at', 'attempts_before', 'secret'] FROM message t"
        " WHERE enterprise = ANY(:enterprises) OR other = ANY(:enterprises) OR address IN"
        " (SELECT unnest(ARRAY[email, phone]) FROM recipient WHERE enterprise = ANY(:enterprises)) ORDER BY id"
    ),
}


def export_person(uow: UnitOfWork, request: PersonDataRequested) -> dict[str, Any]:
    """Whom we would write to, and what was written about the person's enterprises."""
    values = {"enterprises": list(request.enterprises)}
    return {name: list(uow.session.execute(text(query), values).scalars()) for name, query in _QUERIES.items()}
