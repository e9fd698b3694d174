"""Signing in and out, and one's own account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, g

from gateway.api import cookies
from gateway.api.asking import answer
from gateway.api.authentication import signed_in, unit_of_work
from gateway.api.once import once
from gateway.api.schemas.accounts import AccountView
from gateway.api.schemas.session import ChangePassword, OwnAccountView, OwnSessions, SessionView, SignIn
from gateway.api.signing_in import begun_answer, caller_of
from gateway.edge import language
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.identity import sessions, sign_in
from gateway.identity.account_views import account_view
from gateway.resources import resources

blueprint = EdgeBlueprint("session", url_prefix=PREFIX, description="Signing in, and one's own account.")


_SIGN_IN = Operation(
    verb="POST", rule="/session", id="session.sign_in", takes=SignIn, answers=SessionView, status=201,
    unkeyed=True, open_to_all=True,
)  # fmt: skip
_SIGN_OUT = Operation(verb="DELETE", rule="/session", id="session.sign_out", status=204, while_enrolling=True)
_ME = Operation(verb="GET", rule="/me", id="session.me", answers=OwnAccountView, versioned=True, while_enrolling=True)
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
    return begun_answer(begun, cookie=asked["cookie"])


@blueprint.operation(_SIGN_OUT)
def end_session() -> Response:
    """Sign out: the token that the request came with ends at once, and a browser's cookie goes."""
    with unit_of_work() as uow:
        sessions.sign_out(uow=uow, who=signed_in(), session=signed_in().session)
    response = Response(status=204)
    cookies.forget(response)
    return response


@blueprint.operation(_ME)
def get_me() -> Response:
    """One's own account; a browser finds its `csrf_token` here."""
    with unit_of_work() as uow:
        view = account_view(uow.session.connection(), signed_in().account)
    return answer(view | {"csrf_token": g.csrf_token}, versioned=True)


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
