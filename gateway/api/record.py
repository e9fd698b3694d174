"""What is on record in all services, as one list: an act's place in it follows from the time inside its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Response

from chassis.services import service_names
from contracts.api.operations.record import ListAudit, RecordPage
from contracts.errors import DEADLINE_EXCEEDED, UNAVAILABLE, PlutError
from gateway.api.asking import answer, ask
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX

_AWAY: Final = frozenset({UNAVAILABLE, DEADLINE_EXCEEDED})

blueprint = EdgeBlueprint("record", url_prefix=f"{PREFIX}/audit", description="Who did or saw what.")
_LIST = Operation(verb="GET", rule="", id="record.list", takes=ListAudit, answers=RecordPage)


@blueprint.operation(_LIST)
def list_record(asked: dict[str, Any]) -> Response:
    """Who did or saw what in your units: when, on whose behalf, and what for. Newest first, of all services.

    Where a service doesn't answer, the others' acts are listed, and `missing` names it.
    """
    return answer(of_all_services("list_audit", asked))


def of_all_services(method: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of what all services have on record, made of what they answer to `method`."""
    pages, missing = {}, []
    for service in service_names():
        try:
            pages[service] = ask(service, method, asked)
        except PlutError as error:
            if error.code not in _AWAY:
                raise
            missing.append(service)
    return _merged(pages, asked["limit"]) | {"missing": missing}


def _merged(pages: Mapping[str, Mapping[str, Any]], limit: int) -> dict[str, Any]:
    """The newest of all pages; ids are UUIDv7, so that their order is that of time."""
    found = [dict(item) | {"service": service} for service, page in pages.items() for item in page["items"]]
    found.sort(key=lambda item: UUID(str(item["id"])).int, reverse=True)
    more = len(found) > limit or any(page["next"] for page in pages.values())
    return {"items": found[:limit], "next": found[limit - 1]["id"] if more and len(found) >= limit else None}
