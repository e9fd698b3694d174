"""Owners of businesses sign in by a code that is sent to their phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from flask import Response, g, request

from contracts.access import SYSTEM
from gateway.api.asking import answer
from gateway.api.schemas.phone import AskForCode, CodeAsked, ConfirmPhone
from gateway.api.schemas.session import SessionView
from gateway.api.signing_in import begun_answer, caller_of
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.identity import one_time_codes
from gateway.resources import resources

blueprint = EdgeBlueprint("phone", url_prefix=f"{PREFIX}/session/phone", description="Owners sign in by their phone.")

_ASK = Operation(
    verb="POST", rule="", id="session.ask_for_code", takes=AskForCode, answers=CodeAsked, unkeyed=True,
    open_to_all=True,
)  # fmt: skip
_CONFIRM = Operation(
    verb="POST", rule="/confirm", id="session.confirm_phone", takes=ConfirmPhone, answers=SessionView, status=201,
    unkeyed=True, open_to_all=True,
)  # fmt: skip


@blueprint.operation(_ASK)
def ask_for_code(asked: dict[str, str]) -> Response:
    """Have a code sent to a phone. The answer is the same for every phone; a code comes to owners of businesses."""
    held = resources()
    one_time_codes.ask_for_code(
        database=held.database,
        key=held.key,
        phone=one_time_codes.normal(asked["phone"]),
        address=request.remote_addr or "",
        language=asked["language"],
        correlation_id=g.correlation_id,
    )
    held.courier.wake()
    return answer({"expires_in": one_time_codes.HOLDS // timedelta(seconds=1)})


@blueprint.operation(_CONFIRM)
def confirm_phone(asked: dict[str, Any]) -> Response:
    """Sign in with the code that came to the phone. What the account may see are the owner's own businesses."""
    held = resources()
    begun = one_time_codes.sign_in_with_code(
        database=held.database,
        terms=held.terms,
        phone=one_time_codes.normal(asked["phone"]),
        code=asked["code"].strip(),
        owners_of=_owners_of,
        caller=caller_of(asked),
    )
    return begun_answer(begun, cookie=asked["cookie"])


def _owners_of(phone: str) -> Any:
    context = msgspec.structs.replace(SYSTEM, correlation_id=g.correlation_id)
    found = resources().rpc.request("registry", "find_owners_by_phone", {"phone": phone}, context, repeatable=True)
    return found.result["items"]
