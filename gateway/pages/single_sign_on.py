"""To an organisation's sign-in provider and back: addresses for browsers, which end up signed in by a cookie."""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from flask import Blueprint, Response, redirect, request

from contracts.errors import NOT_FOUND, PlutError
from gateway.api import cookies
from gateway.api.authentication import public
from gateway.api.signing_in import caller_of
from gateway.identity import single_sign_on
from gateway.identity.account_key import AccountKeyError
from gateway.identity.provider import Begun, refused
from gateway.resources import resources

blueprint = Blueprint("single-sign-on", __name__, url_prefix="/sign-in/oidc")

_COOKIE: Final = "plut-oidc"
_HOLDS: Final = timedelta(minutes=10)
#: Whom it is sealed for: nobody has an account yet.
_PLACE: Final = UUID(int=0)


@blueprint.get("")
@public
def begin() -> Any:
    """Go to the provider."""
    url, begun = _provider().begin()
    response = redirect(url, code=303)
    sealed = resources().key.seal(orjson.dumps([begun.state, begun.nonce, begun.verifier]), _PLACE)
    cookies.put(response, _COOKIE, base64.urlsafe_b64encode(sealed).decode(), _HOLDS)  # type: ignore[arg-type]
    return response


@blueprint.get("/callback")
@public
def callback() -> Any:
    """Come back from the provider: signed in, or refused."""
    begun = _begun()
    code, state = request.args.get("code"), request.args.get("state", "")
    if begun is None or code is None or not hmac.compare_digest(state.encode(), begun.state.encode()):
        raise refused()
    held = resources()
    claims = _provider().finish(begun, code=code)
    signed_in = single_sign_on.sign_in(
        database=held.database, terms=held.terms, settings=held.settings, claims=claims, caller=caller_of({})
    )
    response: Response = redirect("/", code=303)  # type: ignore[assignment]
    cookies.put(response, _COOKIE, "", timedelta())
    cookies.keep(response, signed_in)
    return response


def _provider() -> Any:
    found = resources().provider
    if not found.issuer:
        raise PlutError(NOT_FOUND, "There is no single sign-on here.", "Di sini tidak ada masuk lewat penyedia lain.")
    return found


def _begun() -> Begun | None:
    try:
        sealed = base64.urlsafe_b64decode(cookies.get(_COOKIE) or "")
        return Begun(*orjson.loads(resources().key.open(sealed, _PLACE)))
    except (AccountKeyError, ValueError, TypeError):
        return None
