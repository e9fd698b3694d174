"""Assisted mode: begun by somebody of the owner's office, ended by either, its acts shown to both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response

from chassis.unit_of_work import UnitOfWork
from contracts.access import HELPERS, OFFICE, OWNERS
from contracts.api.operations.record import RecordPage
from gateway.api.asking import answer, ask
from gateway.api.authentication import unit_of_work
from gateway.api.once import once
from gateway.api.record import of_all_services
from gateway.api.schemas.assistance import (
    AssistancePage,
    AssistanceView,
    BeginAssistance,
    EndAssistance,
    ListActs,
    ListAssistance,
)
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.identity import assistance
from gateway.resources import resources

blueprint = EdgeBlueprint(
    "assistance", url_prefix=f"{PREFIX}/assistance", description="Acting for an owner who can't by themself."
)

_ONE = "/<uuid:id>"
_BEGIN = Operation(
    verb="POST", rule="", id="assistance.begin", takes=BeginAssistance, answers=AssistanceView, status=201, located=True
)
_LIST = Operation(verb="GET", rule="", id="assistance.list", takes=ListAssistance, answers=AssistancePage)
_GET = Operation(verb="GET", rule=_ONE, id="assistance.get", answers=AssistanceView)
_END = Operation(verb="POST", rule=f"{_ONE}/end", id="assistance.end", takes=EndAssistance, answers=AssistanceView)
_ACTS = Operation(verb="GET", rule=f"{_ONE}/acts", id="assistance.list_acts", takes=ListActs, answers=RecordPage)


def _concerned() -> UnitOfWork:
    return unit_of_work(OFFICE | OWNERS)


@blueprint.operation(_BEGIN)
def begin_assistance(asked: dict[str, Any]) -> Response:
    """Act for an owner of your unit from now on, who has allowed it before a witness. The owner is told by SMS."""
    held = resources()
    known = ask("registry", "get_owner_contact", {"id": asked["owner"]})
    more = {"unit": known["unit"], "longest": timedelta(days=held.settings.assistance_days)}
    with unit_of_work(HELPERS) as uow:
        begun = once(
            uow, "begin_assistance", asked, lambda: assistance.begin(uow=uow, key=held.key, **more, **asked)
        )  # fmt: skip
    held.courier.wake()
    return answer(begun, status=201, location=f"{PREFIX}/assistance/{{id}}")


@blueprint.operation(_LIST)
def list_assistance(asked: dict[str, Any]) -> Response:
    """Yours, for owners those for them, for heads those of their units; the one begun last first."""
    with _concerned() as uow:
        found = assistance.listing(
            uow=uow, owner=asked.get("owner"), holds=asked.get("holds"), after=asked.get("cursor"), limit=asked["limit"]
        )
    return answer(found)


@blueprint.operation(_GET)
def get_assistance(id: UUID) -> Response:  # noqa: A002 - the name in the path
    """Read one that concerns you."""
    with _concerned() as uow:
        return answer(assistance.get(uow=uow, one=id))


@blueprint.operation(_END)
def end_assistance(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
    """End it: as the owner, as who helps, or as a head of the unit. It counts from the next request on."""
    held = resources()
    with _concerned() as uow:
        ended = once(
            uow, "end_assistance", {**asked, "id": id}, lambda: assistance.end(uow=uow, key=held.key, one=id, **asked)
        )
    held.courier.wake()
    return answer(ended)


@blueprint.operation(_ACTS)
def list_acts(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
    """Everything that was seen or done for the owner under it, of all services, newest first: the same for both.

    Where a service doesn't answer, the others' acts are listed, and `missing` names it.
    """
    with _concerned() as uow:
        owner = UUID(assistance.get(uow=uow, one=id)["owner"])
    return answer(
        of_all_services("list_acts_on_behalf", asked | {"owner": owner, "purpose": assistance.purpose_of(id)})
    )
