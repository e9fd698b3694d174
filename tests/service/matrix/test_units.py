"""Nobody sees or changes what isn't theirs: every operation, as somebody of every place, about everything of every unit.

Operations come from the OpenAPI document, things from the database: what is added to either is in here unasked.
"""

from __future__ import annotations

import pytest

from tests.service.matrix.conftest import MARKS, VIEWERS, Country
from tests.service.matrix.shapes import Operation, operations

READS = [each for each in operations() if each.verb == "GET"]
#: Work that isn't about what a unit has.
_ELSEWHERE = ("registry.load_reference", "registry.start_import", "registry.rotate_keys")
WRITES = [each for each in operations() if each.verb != "GET" and each.id not in _ELSEWHERE]


def foreign(country: Country, visible: set[str]) -> dict[str, str]:
    """Ids of what a viewer may not see, and the units that they belong to."""
    tables = {unit: tables for unit, tables in country.ids().items() if unit not in visible}
    return {thing: unit for unit, found in tables.items() for things in found for thing in things}


def one_of_each(country: Country, visible: set[str]) -> dict[str, str]:
    """The same, one of each kind and unit: what is asked about."""
    tables = {unit: tables for unit, tables in country.ids().items() if unit not in visible}
    return {things[0]: unit for unit, found in tables.items() for things in found}


def leaks(text: str, asked: str, things: dict[str, str], visible: set[str]) -> set[str]:
    """Marks and ids of other units in an answer, but for the one that was asked about."""
    marks = {mark for unit, mark in MARKS.items() if unit not in visible and mark.lower() in text.lower()}
    return marks | {thing for thing in things if thing != asked and thing in text}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_nothing_of_another_unit_is_read(country: Country, viewer: str) -> None:
    role, scope, visible = VIEWERS[viewer]
    token, things = country.account(role, scope), foreign(country, visible)
    kinds = one_of_each(country, visible)
    # who may not ask at all is refused before anything is looked at
    some = dict(list(kinds.items())[:3])

    def look(asked: tuple[Operation, str, str]) -> str:
        operation, path, thing = asked
        answer = country.ask(token, "GET", path)
        assert answer.status_code < 500, (path, answer.text)
        leaked = leaks(answer.text, thing, things, visible)
        return f"{operation.id} {path}: {leaked}" if leaked else ""

    lists = [
        (each, each.path + query, "")
        for each in READS
        if not each.takes_id
        for query in each.queries(MARKS.values(), MARKS)
    ]
    ones = [
        (each, each.filled(thing, unit) + query, thing)
        for each in READS if each.takes_id
        for thing, unit in (kinds if each.allows(role) else some).items()
        for query in each.queries((), ())
    ]  # fmt: skip
    assert list(filter(None, country.at_once(look, lists + ones))) == []


@pytest.mark.parametrize("viewer", [name for name in VIEWERS if name != "national"])
def test_nothing_of_another_unit_is_changed(country: Country, viewer: str) -> None:
    role, scope, visible = VIEWERS[viewer]
    token, things = country.account(role, scope), foreign(country, visible)

    def theirs() -> dict[str, object]:
        return {
            f"{service} {unit}": tables
            for service in ("registry", "notifications")
            for unit, tables in country.rows(service).items()
            if unit not in visible
        }

    def attempt(tried: tuple[Operation, str, str, str]) -> None:
        operation, thing, unit, version = tried
        path, headers = operation.filled(thing, unit), {"If-Match": f'"{version}"'}
        answer = country.ask(token, operation.verb, path, json=operation.json(thing, unit), headers=headers)
        assert answer.status_code < 500, (operation.id, answer.text)
        assert not leaks(answer.text, thing, things, visible), (operation.id, answer.text)

    before, asked = theirs(), list(one_of_each(country, visible).items())
    tries = [
        (each, thing, unit, version)
        for each in WRITES
        for thing, unit in (asked if each.allows(role) and (each.takes_id or each.about_many) else asked[:3])
        for version in (("1", "4") if each.versioned else ("1",))
    ]
    country.at_once(attempt, tries)
    assert theirs() == before


def test_what_is_ones_own_is_seen(country: Country) -> None:
    """So that the tests above can fail: the same requests show what may be seen."""
    lists = [each for each in READS if not each.takes_id]
    for role, expected in (
        ("head", {"registry.search_enterprises", "registry.list_imports", "notifications.list_messages"}),
        ("operator", {f"operations.list_{kind}_events" for kind in ("failed", "parked", "published")}),
    ):
        token = country.account(role, "21.71")
        seen = {
            each.id
            for each in lists
            for query in each.queries((), ())
            if "Merakbiru" in country.ask(token, "GET", each.path + query).text
        }
        assert expected <= seen, role
