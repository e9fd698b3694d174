"""Who asks, with which roles, for which places: the context that travels with every request.

The gateway signs it for one request and one service; the service verifies it (`chassis.access`). A **scope** is a
prefix of a region code by whole parts: the empty scope is national, `21` a province, `21.71` a city.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import msgspec

OWNER: Final = "owner"
CONSULTANT: Final = "consultant"
STAFF: Final = "staff"
HEAD: Final = "head"
PROVINCE: Final = "province"
NATIONAL: Final = "national"
PARTNER: Final = "partner"
OPERATOR: Final = "operator"

ROLES: Final = (OWNER, CONSULTANT, STAFF, HEAD, PROVINCE, NATIONAL, PARTNER, OPERATOR)

#: People who work in a unit, or above it, with its businesses.
OFFICE: Final = frozenset({CONSULTANT, STAFF, HEAD, PROVINCE, NATIONAL, OPERATOR})
#: Those who answer for a unit's data: imports, merges, transfers.
OFFICERS: Final = frozenset({STAFF, HEAD, PROVINCE, NATIONAL, OPERATOR})
#: Those who answer for others' work in a unit, and see what is on record.
HEADS: Final = frozenset({HEAD, PROVINCE, NATIONAL, OPERATOR})
#: Those who run the deployment.
OPERATORS: Final = frozenset({OPERATOR})
#: Owners of businesses, with what is their own.
OWNERS: Final = frozenset({OWNER})
#: Those who may act for an owner who asks them to.
HELPERS: Final = frozenset({CONSULTANT, STAFF})


class Grant(msgspec.Struct, frozen=True):
    """One role for one scope."""

    role: str
    scope: str


class AccessContext(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks (`account` is an id, `name` for display and audit), on whose behalf, for what purpose.

    `owners` are the registry's owners that the caller speaks for: who works as an owner sees what is theirs, and no more.
    """

    account: str
    name: str
    grants: tuple[Grant, ...]
    owners: tuple[UUID, ...] = ()
    on_behalf_of: str | None = None
    purpose: str | None = None
    correlation_id: str = ""
    idempotency_key: str | None = None

    def has_role(self, roles: Iterable[str]) -> bool:
        """Whether any grant is of one of `roles`."""
        wanted = frozenset(roles)
        return any(grant.role in wanted for grant in self.grants)

    def scopes_for(self, roles: Iterable[str]) -> tuple[str, ...]:
        """The widest scopes that grants of `roles` give: none is inside another."""
        wanted = frozenset(roles)
        return widest(grant.scope for grant in self.grants if grant.role in wanted)


def contains(scope: str, unit: str) -> bool:
    """Whether `unit` lies in `scope`: `21` contains `21.71` and `21`, but not `217`."""
    return scope in ("", unit) or unit.startswith(scope + ".")


def widest(scopes: Iterable[str]) -> tuple[str, ...]:
    """`scopes` without those that lie inside another one, shortest first."""
    kept: list[str] = []
    for scope in sorted(set(scopes), key=lambda code: (len(code), code)):
        if not any(contains(wider, scope) for wider in kept):
            kept.append(scope)
    return tuple(kept)


SYSTEM: Final = AccessContext(account="system", name="PLUT", grants=(Grant(OPERATOR, ""),))
"""The platform itself: handlers of events and work by the clock."""
