"""Who may give which role: pure rules. Nobody gives more than they have, neither in kind nor in place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contracts.access import (
    CONSULTANT,
    HEAD,
    NATIONAL,
    OPERATOR,
    OWNER,
    PARTNER,
    PROVINCE,
    ROLES,
    STAFF,
    Grant,
    contains,
)

#: What a head answers for: who works in the unit, its owners, and the systems of partners that the unit agrees with.
_UNIT_ROLES: Final = frozenset({HEAD, STAFF, CONSULTANT, OWNER, PARTNER})

GIVES: Final[dict[str, frozenset[str]]] = {
    OPERATOR: frozenset(ROLES),
    NATIONAL: _UNIT_ROLES | {NATIONAL, PROVINCE},
    PROVINCE: _UNIT_ROLES | {PROVINCE},
    HEAD: _UNIT_ROLES,
}
"""Roles that administer accounts, and the roles that each may give within its scope."""

#: Length of the scope that a role must have: operators and national officers everywhere, a province its two digits.
_SCOPE_LENGTHS: Final = {
    OPERATOR: {0},
    NATIONAL: {0},
    PROVINCE: {2},
    PARTNER: {0, 2, 5},
}
_UNIT_LENGTHS: Final = {2, 5}


def fits(grant: Grant) -> bool:
    """Whether a role can be had for such a scope at all: no head of the nation, no operator of one city."""
    return len(grant.scope) in _SCOPE_LENGTHS.get(grant.role, _UNIT_LENGTHS)


def administers(holder: Iterable[Grant]) -> bool:
    """Whether somebody administers other people's accounts, and so needs a second factor."""
    return any(grant.role in GIVES for grant in holder)


def may_give(holder: Iterable[Grant], wanted: Grant) -> bool:
    """Whether somebody with the grants `holder` may give (or take) the grant `wanted`."""
    return any(wanted.role in GIVES.get(held.role, ()) and contains(held.scope, wanted.scope) for held in holder)


def may_administer(holder: Iterable[Grant], held_by_other: Iterable[Grant]) -> bool:
    """Whether one may change another's account: only if one could give everything that the other has."""
    mine = tuple(holder)
    return all(may_give(mine, grant) for grant in held_by_other)
