"""What became of every try to sign in: one's own, and of accounts that one administers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.asking import answer
from gateway.api.authentication import signed_in, unit_of_work
from gateway.api.schemas.history import ListSignIns, SignInTries
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.identity import history

blueprint = EdgeBlueprint("history", url_prefix=PREFIX, description="What became of every try to sign in.")

_OWN = Operation(
    verb="GET", rule="/me/sign-ins", id="history.list_own", takes=ListSignIns, answers=SignInTries, while_enrolling=True
)
_OF_ANOTHER = Operation(
    verb="GET", rule="/accounts/<uuid:id>/sign-ins", id="history.list", takes=ListSignIns, answers=SignInTries
)
_END = Operation(verb="DELETE", rule="/accounts/<uuid:id>/sessions", id="history.end_sessions", status=204)


@blueprint.operation(_OWN)
def list_own_sign_ins(asked: dict[str, Any]) -> Response:
    """Tries to sign in to one's own account, newest first."""
    with unit_of_work() as uow:
        found = history.page(uow=uow, who=signed_in().account, after=asked.get("cursor"), limit=asked["limit"])
    return answer(found)


@blueprint.operation(_OF_ANOTHER)
def list_sign_ins(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
    """Tries to sign in to an account that one administers, newest first. That they were read is on record."""
    with unit_of_work() as uow:
        found = history.page_of_another(uow=uow, who=id, after=asked.get("cursor"), limit=asked["limit"])
    return answer(found)


@blueprint.operation(_END)
def end_sessions(id: UUID) -> Response:  # noqa: A002 - the name in the path
    """End all of somebody's sign-ins, such as those of a stolen laptop, and forget the account's devices."""
    with unit_of_work() as uow:
        history.end_sign_ins(uow=uow, who=id)
    return Response(status=204)
