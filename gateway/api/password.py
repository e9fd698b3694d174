"""Setting a password without knowing one: open to all, since who has forgotten it can't sign in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from flask import Response, g, request

from chassis.unit_of_work import UnitOfWork
from contracts.access import AccessContext
from gateway.api.asking import answer
from gateway.api.schemas.password import Forgotten, Sent, SetPassword
from gateway.edge import language
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.identity import password_tokens, throttle
from gateway.resources import resources

blueprint = EdgeBlueprint("password", url_prefix=f"{PREFIX}/password", description="A first password, or a new one.")

_FORGOTTEN = Operation(
    verb="POST", rule="/forgotten", id="password.forgotten", takes=Forgotten, answers=Sent, unkeyed=True,
    open_to_all=True,
)  # fmt: skip
_SET = Operation(
    verb="POST", rule="", id="password.set", takes=SetPassword, status=204, unkeyed=True, open_to_all=True,
)  # fmt: skip
#: Whoever sets a password is known by the token alone.
_NOBODY: Final = "nobody"


@blueprint.operation(_FORGOTTEN)
def forgotten(asked: dict[str, Any]) -> Response:
    """Have a link sent, by which a new password can be chosen. The answer is the same whether there is such an account."""
    held = resources()
    throttle.begin_attempt(held.database, f"forgotten:{asked['email'].casefold()}", _origin(), datetime.now(UTC))
    password_tokens.forgotten(held.database, held.key, **asked, correlation_id=g.correlation_id)
    held.courier.wake()
    return answer({"sent": True})


@blueprint.operation(_SET)
def set_password(asked: dict[str, str]) -> Response:
    """Choose a password by the link from a mail. All sign-ins end; sign in with the new one."""
    held = resources()
    throttle.begin_attempt(held.database, "password-token", _origin(), datetime.now(UTC))
    held.breached.refuse(asked["password"])
    context = AccessContext(account=_NOBODY, name=_NOBODY, grants=(), correlation_id=g.correlation_id)
    with UnitOfWork(held.database, context, own_only=True) as uow:
        password_tokens.set_password(
            uow=uow, key=held.key, **asked, place=held.settings.public_url, language=language.wanted()
        )
        throttle.forget_attempts(held.database, uow.session.connection(), "password-token", _origin(), uow.now)
    held.courier.wake()
    return Response(status=204)


def _origin() -> throttle.Origin:
    return throttle.Origin(request.remote_addr or "")
