from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from gateway.identity.powers import GIVES, fits, may_administer, may_give

SCOPES = ("", "21", "21.71", "21.72", "12", "12.75")
GRANTS = st.builds(Grant, st.sampled_from(ROLES), st.sampled_from(SCOPES)).filter(fits)
SOME = st.lists(GRANTS, max_size=4)


@pytest.mark.parametrize(
    ("held", "wanted", "allowed"),
    [
        (Grant(HEAD, "21.71"), Grant(STAFF, "21.71"), True),
        (Grant(HEAD, "21.71"), Grant(HEAD, "21.71"), True),
        (Grant(HEAD, "21.71"), Grant(STAFF, "21.72"), False),
        (Grant(HEAD, "21.71"), Grant(PROVINCE, "21"), False),
        (Grant(HEAD, "21.71"), Grant(PARTNER, "21.71"), True),
        (Grant(HEAD, "21.71"), Grant(PARTNER, "21"), False),
        (Grant(HEAD, "21"), Grant(STAFF, "21.71"), True),
        (Grant(STAFF, "21.71"), Grant(OWNER, "21.71"), False),
        (Grant(CONSULTANT, "21.71"), Grant(CONSULTANT, "21.71"), False),
        (Grant(PROVINCE, "21"), Grant(HEAD, "21.71"), True),
        (Grant(PROVINCE, "21"), Grant(HEAD, "12.75"), False),
        (Grant(PROVINCE, "21"), Grant(NATIONAL, ""), False),
        (Grant(PROVINCE, "21"), Grant(PARTNER, ""), False),
        (Grant(NATIONAL, ""), Grant(PROVINCE, "21"), True),
        (Grant(NATIONAL, ""), Grant(OPERATOR, ""), False),
        (Grant(OPERATOR, ""), Grant(OPERATOR, ""), True),
    ],
)
def test_who_may_give_what(held: Grant, wanted: Grant, allowed: bool) -> None:
    assert may_give([held], wanted) is allowed


@given(SOME, GRANTS)
def test_nobody_gives_a_place_that_lies_outside_their_own(held: list[Grant], wanted: Grant) -> None:
    if may_give(held, wanted):
        assert any(grant.role in GIVES and contains(grant.scope, wanted.scope) for grant in held)


@given(SOME, GRANTS)
def test_nobody_can_make_somebody_more_powerful_than_themselves(held: list[Grant], wanted: Grant) -> None:
    """What the new one could give, the giver could have given, too: powers don't grow from hand to hand."""
    if may_give(held, wanted):
        every = [grant for role in ROLES for scope in SCOPES if fits(grant := Grant(role, scope))]
        assert all(may_give(held, next_one) for next_one in every if may_give([wanted], next_one))


@given(SOME, SOME, GRANTS)
def test_who_has_more_can_not_be_administered(mine: list[Grant], theirs: list[Grant], more: Grant) -> None:
    if not may_give(mine, more):
        assert not may_administer(mine, [*theirs, more])


@pytest.mark.parametrize(
    "grant",
    [Grant(OPERATOR, "21"), Grant(NATIONAL, "21.71"), Grant(PROVINCE, ""), Grant(PROVINCE, "21.71"), Grant(HEAD, "")],
)
def test_roles_that_can_not_be_had_for_a_scope(grant: Grant) -> None:
    assert not fits(grant)
