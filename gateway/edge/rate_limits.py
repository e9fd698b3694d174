"""Limits of requests as callers see them: the fields of draft-ietf-httpapi-ratelimit-headers, and 429."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g
from prometheus_client import Counter

from contracts.errors import PlutError
from gateway.edge.statuses import TOO_MANY_REQUESTS
from gateway.leases import WINDOW, Policy, Standing

LIMIT: Final = "RateLimit"
POLICY: Final = "RateLimit-Policy"
_WHOSE: Final = {
    "account": ("akun ini", "this account"),
    "unit": ("unit ini", "this unit"),
    "address": ("alamat ini", "this address"),
}

REFUSED: Final = Counter("plut_rate_limited_total", "Requests that were refused as too many.", ["policy"])


def note(policy: Policy, standing: Standing | None) -> None:
    """Have the answer tell of a limit; raises `too-many-requests` with `retry_after` in seconds where it is reached."""
    g.setdefault("policies", []).append(policy)
    if standing is None:
        return
    g.setdefault("standings", []).append(standing)
    if not standing.allowed:
        REFUSED.labels(policy.name).inc()
        whose_id, whose_en = _WHOSE[policy.name]
        raise PlutError(
            TOO_MANY_REQUESTS,
            f"At most {policy.quota} requests a minute are taken for {whose_en}. Try again in {standing.seconds} seconds.",
            f"Untuk {whose_id} paling banyak {policy.quota} permintaan per menit. Coba lagi dalam {standing.seconds} detik.",
            retry_after=standing.seconds,
            limit=policy.quota,
            policy=policy.name,
        )


def register(app: Flask) -> None:
    """Tell in every answer what was counted for it."""

    @app.after_request
    def tell(response: Response) -> Response:
        if policies := g.get("policies"):
            response.headers[POLICY] = ", ".join(f'"{each.name}";q={each.quota};w={WINDOW}' for each in policies)
        if standings := g.get("standings"):
            told = (f'"{each.policy.name}";r={each.remain};t={each.seconds}' for each in standings)
            response.headers[LIMIT] = ", ".join(told)
        return response
