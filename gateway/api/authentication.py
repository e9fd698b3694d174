"""No endpoint without a sign-in, except those that say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import structlog
from flask import Flask, current_app, g, request

from chassis.unit_of_work import UnitOfWork
from contracts.access import HELPERS, OWNER, ROLES, AccessContext, Grant
from contracts.errors import NOT_ALLOWED, NOT_SIGNED_IN, PlutError
from contracts.permissions import Who
from gateway.api import cookies, rates
from gateway.edge import idempotency
from gateway.edge.statuses import ON_BEHALF_REFUSED
from gateway.identity import assistance, powers
from gateway.identity.second_factor import required
from gateway.identity.tokens import SignedIn
from gateway.resources import resources

#: The header that names the assistance by which somebody acts for an owner.
ON_BEHALF_OF: Final = "Plut-On-Behalf-Of"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Mark a view as open to everybody."""
    view.public = True  # type: ignore[attr-defined]
    return view


def is_public(app: Flask, endpoint: str | None) -> bool:
    """Whether the view behind an endpoint's name is open to everybody."""
    return getattr(app.view_functions.get(endpoint or ""), "public", False)


def register(app: Flask) -> None:
    """Ask for a token, and for a POST's Idempotency-Key, before every view that isn't public."""

    @app.before_request
    def require_sign_in() -> None:
        if request.url_rule is None or is_public(current_app, request.endpoint):
            rates.count_address()
        else:
            signed_in_or_refused()
            g.idempotency_key = None
            step_in_for_owner()
            require_permission()
            g.idempotency_key = idempotency.key() if request.method == "POST" else None
            allow_file_if_wanted()


def signed_in_or_refused() -> None:
    """Find out who asks, and count it.

    Raises `not-signed-in`, `too-many-requests`, and `second-factor-required` for who has yet to set one up.
    """
    who = g.signed_in = _identify()
    structlog.contextvars.bind_contextvars(account=str(who.account))
    rates.count_account(who)
    if not who.strong and powers.administers(who.grants):
        view = current_app.view_functions[request.endpoint or ""]
        if not getattr(view, "while_enrolling", False):
            raise required()


def step_in_for_owner() -> None:
    """With the header Plut-On-Behalf-Of who asks is an owner's helper, and may do what the owner could, and nothing else.

    Raises `on-behalf-refused` for an assistance that isn't theirs or doesn't hold, and where an owner could do nothing.
    """
    given = request.headers.get(ON_BEHALF_OF)
    if given is None:
        return
    if not getattr(current_app.view_functions[request.endpoint or ""], "for_owners", False):
        raise PlutError(
            ON_BEHALF_REFUSED,
            f"{ON_BEHALF_OF} is only for what owners do themselves. Leave it out for your own work.",
            f"{ON_BEHALF_OF} hanya untuk yang dilakukan pemilik sendiri. Hapus header itu untuk pekerjaan Anda.",
        )
    with unit_of_work(HELPERS) as uow:
        held = assistance.holding(uow=uow, one=UUID(given)) if _UUID.fullmatch(given) else None
    if held is None:
        raise PlutError(
            ON_BEHALF_REFUSED,
            "This assistance has ended, or is not yours.",
            "Pendampingan ini sudah berakhir atau bukan milik Anda.",
        )
    g.signed_in = replace(
        signed_in(), grants=(Grant(OWNER, held.unit),), owners=(held.owner_id,), on_behalf_of=held.owner_id,
        purpose=assistance.purpose_of(held.id),
    )  # fmt: skip


def require_permission() -> None:
    """Raise `not-allowed` unless the table of permissions allows the endpoint to who asks; before anything else is read."""
    view = current_app.view_functions[request.endpoint or ""]
    who: Who | None = getattr(view, "who_may", None)
    roles = {grant.role for grant in signed_in().grants}
    if who is None or who.allows(roles):
        return
    if getattr(view, "for_owners", False) and roles & HELPERS:
        raise PlutError(
            NOT_ALLOWED,
            f"This is for owners. Who acts for one sends {ON_BEHALF_OF}: <id of the assistance>.",
            f"Ini untuk pemilik usaha. Yang mendampingi pemilik mengirim {ON_BEHALF_OF}: <id pendampingan>.",
        )
    raise _not_allowed()


def allow_file_if_wanted() -> None:
    """Raise the limit of the body for a view that receives a file; form and multipart boundaries need some room."""
    view = current_app.view_functions[request.endpoint or ""]
    if getattr(view, "receives_file", False):
        request.max_content_length = resources().settings.upload_limit_mib * 2**20 + 2**16


def signed_in() -> SignedIn:
    """Who asks."""
    return cast("SignedIn", g.signed_in)


def access_context() -> AccessContext:
    """Who asks, for a service or a unit of work; a POST's Idempotency-Key travels in it."""
    who = signed_in()
    return AccessContext(
        account=str(who.account),
        name=who.email or who.name,
        grants=who.grants,
        owners=who.owners,
        on_behalf_of=None if who.on_behalf_of is None else str(who.on_behalf_of),
        purpose=who.purpose,
        correlation_id=g.correlation_id,
        idempotency_key=g.idempotency_key,
    )


def unit_of_work(roles: Iterable[str] = ROLES) -> UnitOfWork:
    """A transaction in the gateway's own database, on behalf of who asks, in the scope that `roles` give."""
    return UnitOfWork(resources().database, access_context(), roles=roles, own_only=True)


def require_role(roles: frozenset[str]) -> None:
    """Raise `not-allowed` unless who asks has one of `roles`."""
    if not any(grant.role in roles for grant in signed_in().grants):
        raise _not_allowed()


def _not_allowed() -> PlutError:
    return PlutError(NOT_ALLOWED, "Your role does not allow this.", "Peran Anda tidak mengizinkan ini.")


def _identify() -> SignedIn:
    given = request.authorization
    token = given.token if given is not None and given.type == "bearer" else None
    by_cookie = given is None and (token := cookies.session_token()) is not None
    who = resources().lookup.find(token) if token else None
    if who is None or token is None:
        rates.count_address()
        raise PlutError(
            NOT_SIGNED_IN,
            "Sign in first: Authorization: Bearer <token>, from POST /api/v1/session.",
            "Masuk dahulu: Authorization: Bearer <token>, dari POST /api/v1/session.",
        )
    if by_cookie:
        cookies.refuse_other_sites(token)
    g.csrf_token = cookies.csrf_of(token) if by_cookie else None
    return who
