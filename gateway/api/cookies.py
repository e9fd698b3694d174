"""Sign-ins of browsers: the token in a cookie that scripts can't read, and a second value against requests of other sites.

Over https the cookie is bound to this very host (`__Host-`, RFC 6265bis section 4.1.3.2); a local stack speaks http, where
browsers don't take such names.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask import Response, request

from contracts.errors import PlutError
from gateway.edge.statuses import CSRF_REFUSED
from gateway.identity import devices
from gateway.resources import resources

CSRF_HEADER: Final = "X-CSRF-Token"
_SESSION, _DEVICE = "plut", "plut-device"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def keep(response: Response, begun: Mapping[str, Any]) -> None:
    """Have a browser keep a sign-in, and that it has signed in before."""
    put(response, _SESSION, begun["token"], resources().lifetime.whole)
    put(response, _DEVICE, begun["device_token"], devices.KEPT)


def forget(response: Response) -> None:
    """Have a browser forget its sign-in. That it has signed in before stays."""
    put(response, _SESSION, "", timedelta())


def session_token() -> str | None:
    """The token that a browser sends with this request."""
    return request.cookies.get(_name(_SESSION))


def device_token() -> str | None:
    """The device's token that a browser sends with this request."""
    return request.cookies.get(_name(_DEVICE))


def csrf_of(token: str) -> str:
    """What a browser's script sends to show that it may read our answers; it tells nothing about the token."""
    return resources().key.hash("csrf", token).hex()


def refuse_other_sites(token: str) -> None:
    """Raise `csrf-refused` for a change that doesn't bring what only our own pages know."""
    given = request.headers.get(CSRF_HEADER, "")
    if request.method not in _SAFE and not hmac.compare_digest(given.encode(), csrf_of(token).encode()):
        raise PlutError(
            CSRF_REFUSED,
            f"A change with a cookie needs the header {CSRF_HEADER}, as the sign-in or GET /api/v1/me gave it.",
            f"Perubahan dengan cookie memerlukan header {CSRF_HEADER}, seperti diberikan saat masuk atau oleh GET /api/v1/me.",
        )


def put(response: Response, name: str, value: str, holds: timedelta) -> None:
    """Set a cookie of ours; one that holds for no time at all is deleted."""
    response.set_cookie(
        _name(name), value, max_age=int(holds.total_seconds()), path="/", secure=_secure(), httponly=True,
        samesite="Lax",
    )  # fmt: skip


def get(name: str) -> str | None:
    """A cookie of ours."""
    return request.cookies.get(_name(name))


def _name(name: str) -> str:
    return f"__Host-{name}" if _secure() else name


def _secure() -> bool:
    return resources().settings.public_url.startswith("https://")
