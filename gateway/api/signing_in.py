"""What all ways of signing in have in common at the edge: who calls, and how the answer is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request

from gateway.api import cookies
from gateway.api.asking import answer
from gateway.edge import language
from gateway.identity.callers import Caller


def caller_of(asked: Mapping[str, Any]) -> Caller:
    """From where this request signs in."""
    return Caller(
        address=request.remote_addr or "",
        label=asked.get("label") or request.user_agent.string[:80] or "-",
        language=language.wanted(),
        device_token=asked.get("device_token") or cookies.device_token(),
        correlation_id=g.correlation_id,
    )


def begun_answer(begun: Mapping[str, Any], *, cookie: bool) -> Response:
    """The answer to a sign-in: with the token in it, or, for a browser, in a cookie."""
    if not cookie:
        return answer({**begun, "csrf_token": None}, status=201)
    hidden = {"token": None, "device_token": None, "csrf_token": cookies.csrf_of(begun["token"])}
    response = answer({**begun, **hidden}, status=201)
    cookies.keep(response, begun)
    return response
