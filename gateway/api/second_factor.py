"""One's own second factor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from gateway.api.asking import answer
from gateway.api.authentication import signed_in, unit_of_work
from gateway.api.once import once
from gateway.api.schemas.second_factor import (
    Confirm,
    Disable,
    Enrol,
    Enrolment,
    RecoveryCodes,
    SecondFactorState,
    Verify,
)
from gateway.edge import language
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.identity import second_factor, throttle
from gateway.identity.letters import Site
from gateway.resources import resources

blueprint = EdgeBlueprint(
    "second-factor", url_prefix=f"{PREFIX}/me/second-factor", description="One's own second factor."
)

_STATE = Operation(
    verb="GET", rule="", id="second_factor.get", answers=SecondFactorState, while_enrolling=True,
)  # fmt: skip
_ENROL = Operation(
    verb="POST", rule="", id="second_factor.enrol", takes=Enrol, answers=Enrolment,
    while_enrolling=True,
)  # fmt: skip
_CONFIRM = Operation(
    verb="POST", rule="/confirm", id="second_factor.confirm", takes=Confirm, answers=RecoveryCodes,
    while_enrolling=True,
)  # fmt: skip
_VERIFY = Operation(
    verb="POST", rule="/verify", id="second_factor.verify", takes=Verify, answers=SecondFactorState,
    while_enrolling=True,
)  # fmt: skip
_DISABLE = Operation(verb="POST", rule="/disable", id="second_factor.disable", takes=Disable, answers=SecondFactorState)


@blueprint.operation(_STATE)
def get_second_factor() -> Response:
    """Whether one has a second factor, and must have one."""
    with unit_of_work() as uow:
        return answer(second_factor.state(uow=uow, who=signed_in()))


@blueprint.operation(_ENROL)
def enrol(asked: dict[str, Any]) -> Response:
    """Show a new secret, for an authenticator on a telephone; it holds once it is confirmed."""
    _count_attempt()
    given = {"password": asked["password"], "code": asked.get("code")}
    with unit_of_work() as uow:
        shown = once(
            uow, "enrol_second_factor", asked,
            lambda: second_factor.enrol(uow=uow, key=resources().key, who=signed_in(), **given), secret=True,
        )  # fmt: skip
        _forget_attempts(uow)
    return answer(shown)


@blueprint.operation(_CONFIRM)
def confirm(asked: dict[str, Any]) -> Response:
    """Take the new secret into use, by a code of it; the answer are ten recovery codes. All other sign-ins end."""
    _count_attempt()
    with unit_of_work() as uow:
        codes = once(
            uow, "confirm_second_factor", asked,
            lambda: second_factor.confirm(uow=uow, key=resources().key, who=signed_in(), code=asked["code"], site=_site()),
            secret=True,
        )  # fmt: skip
        _forget_attempts(uow)
    resources().courier.wake()
    return answer(codes)


@blueprint.operation(_VERIFY)
def verify(asked: dict[str, Any]) -> Response:
    """Prove the second factor for this sign-in, which began without it (single sign-on)."""
    _count_attempt()

    def act() -> dict[str, Any]:
        second_factor.verify(uow=uow, key=resources().key, who=signed_in(), code=asked["code"])
        return second_factor.state(uow=uow, who=signed_in())

    with unit_of_work() as uow:
        proved = once(uow, "verify_second_factor", asked, act)
        _forget_attempts(uow)
    return answer(proved)


@blueprint.operation(_DISABLE)
def disable(asked: dict[str, Any]) -> Response:
    """Go on without a second factor. Roles that need one can only replace it."""
    _count_attempt()

    def act() -> dict[str, Any]:
        second_factor.disable(uow=uow, key=resources().key, who=signed_in(), **asked, site=_site())
        return second_factor.state(uow=uow, who=signed_in())

    with unit_of_work() as uow:
        left = once(uow, "disable_second_factor", asked, act)
        _forget_attempts(uow)
    resources().courier.wake()
    return answer(left)


def _count_attempt() -> None:
    throttle.begin_code_attempt(
        resources().database, signed_in().account, _origin(), datetime.now(UTC)
    )  # fmt: skip


def _forget_attempts(uow: Any) -> None:
    throttle.forget_code_attempts(
        resources().database, uow.session.connection(), signed_in().account, _origin(), uow.now
    )  # fmt: skip


def _origin() -> throttle.Origin:
    return throttle.Origin(request.remote_addr or "")


def _site() -> Site:
    return Site(resources().settings.public_url, language.wanted())
