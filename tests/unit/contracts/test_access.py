"""Scopes are prefixes by whole parts, and the widest ones win."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contracts.access import HEAD, STAFF, AccessContext, Grant, contains, widest

codes = st.lists(st.sampled_from(["11", "21", "71", "01", "1001"]), max_size=4).map(".".join)


def test_a_province_contains_its_cities_and_no_namesakes() -> None:
    assert contains("21", "21.71")
    assert contains("21.71", "21.71")
    assert contains("", "21.71")
    assert not contains("21.71", "21")
    assert not contains("21.7", "21.71")
    assert not contains("2", "21")


@given(st.lists(codes), codes)
def test_the_widest_scopes_cover_the_same_places(scopes: list[str], unit: str) -> None:
    assert any(contains(scope, unit) for scope in scopes) == any(contains(scope, unit) for scope in widest(scopes))


@given(st.lists(codes))
def test_no_widest_scope_lies_in_another(scopes: list[str]) -> None:
    kept = widest(scopes)
    assert not any(contains(one, other) for one in kept for other in kept if one != other)


def test_scopes_come_only_from_grants_of_the_roles_asked_for() -> None:
    context = AccessContext(account="a", name="A", grants=(Grant(STAFF, "21.71"), Grant(HEAD, "12.75")))
    assert context.scopes_for({STAFF}) == ("21.71",)
    assert context.scopes_for({"operator"}) == ()
    assert context.has_role({HEAD, "owner"})
