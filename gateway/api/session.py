"""Signing in and out, and one's own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, g, request

from gateway.api.asking import answer
from gateway.api.authentication import signed_in, unit_of_work
from gateway.api.once import once
from gateway.api.schemas.accounts import AccountView
from gateway.api.schemas.session import ChangePassword, OwnSessions, SessionView, SignIn
from gateway.edge import language
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.identity import sessions, sign_in
from gateway.identity.accounts import account_view
from gateway.identity.callers import Caller
from gateway.resources import resources

blueprint = EdgeBlueprint("session", url_prefix=PREFIX, description="Signing in, and one's own account.")


_SIGN_IN = Operation(
    verb="POST", rule="/session", id="session.sign_in", takes=SignIn, answers=SessionView, status=201,
    unkeyed=True, open_to_all=True, throttled=True,
)  # fmt: skip
_SIGN_OUT = Operation(verb="DELETE", rule="/session", id="session.sign_out", status=204, while_enrolling=True)
_ME = Operation(verb="GET", rule="/me", id="session.me", answers=AccountView, versioned=True, while_enrolling=True)
_LIST = Operation(verb="GET", rule="/me/sessions", id="session.list_own", answers=OwnSessions, while_enrolling=True)
_END = Operation(verb="DELETE", rule="/me/sessions/<uuid:id>", id="session.end_own", status=204, while_enrolling=True)
_PASSWORD = Operation(
    verb="POST",
    rule="/me/password",
    id="session.change_password",
    takes=ChangePassword,
    answers=AccountView,
    while_enrolling=True,
)


@blueprint.operation(_SIGN_IN)
def begin_session(asked: dict[str, Any]) -> Response:
    """Sign in with e-mail and password.

    The answer is the same for an unknown account, a wrong password and a disabled account. Where the account has a second
    factor, the right password without a `code` is answered with `code-required`. Who tries too often waits.
    """
    begun = sign_in.sign_in_with_password(
        database=resources().database,
        terms=resources().terms,
        email=asked["email"],
        password=asked["password"],
        code=asked.get("code"),
        caller=caller_of(asked),
    )
    return answer(begun, status=201)


@blueprint.operation(_SIGN_OUT)
def end_session() -> Response:
    """Sign out: the token that the request came with ends at once."""
    with unit_of_work() as uow:
        sessions.sign_out(uow=uow, who=signed_in(), session=signed_in().session)
    return Response(status=204)


@blueprint.operation(_ME)
def get_me() -> Response:
    """One's own account."""
    with unit_of_work() as uow:
        return answer(account_view(uow.session.connection(), signed_in().account), versioned=True)


@blueprint.operation(_LIST)
def list_sessions() -> Response:
    """One's own sign-ins that hold."""
    with unit_of_work() as uow:
        return answer({"items": sessions.own_sign_ins(uow=uow, who=signed_in())})


@blueprint.operation(_END)
def end_own_session(id: UUID) -> Response:  # noqa: A002 - the name in the path
    """End one of one's own sign-ins, such as that of a lost telephone."""
    with unit_of_work() as uow:
        sessions.sign_out(uow=uow, who=signed_in(), session=id)
    return Response(status=204)


@blueprint.operation(_PASSWORD)
def change_password(asked: dict[str, str]) -> Response:
    """Change one's own password. All other sign-ins end."""
    held = resources()
    held.breached.refuse(asked["new"], field="new")
    given = asked | {"place": held.settings.public_url, "language": language.wanted()}
    with unit_of_work() as uow:
        changed = once(
            uow, "change_password", asked,
            lambda: sign_in.change_password(uow=uow, key=held.key, who=signed_in(), **given),
        )  # fmt: skip
    held.courier.wake()
    return answer(changed)


def caller_of(asked: Mapping[str, Any]) -> Caller:
    """From where this request signs in."""
    return Caller(
        address=request.remote_addr or "",
        label=asked.get("label") or request.user_agent.string[:80] or "-",
        language=language.wanted(),
        device_token=asked.get("device_token"),
        correlation_id=g.correlation_id,
    )
