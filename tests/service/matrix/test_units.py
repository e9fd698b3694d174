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
    found: list[tuple[str, str, set[str]]] = []

    def look(operation: Operation, path: str, asked: str = "") -> None:
        answer = country.ask(token, "GET", path)
        assert answer.status_code < 500, (path, answer.text)
        if leaked := leaks(answer.text, asked, things, visible):
            found.append((operation.id, path, leaked))

    for operation in READS:
        if not operation.takes_id:
            for query in (
                "",
                "?unit=21.71",
                "?unit=21.72",
                "?unit=12.75",
                "?q=Merakbiru",
                "?q=Rajawali",
                "?q=Cendrawasih",
            ):
                look(operation, operation.path + query)
        for thing, unit in one_of_each(country, visible).items() if operation.takes_id else ():
            look(operation, operation.filled(thing, unit), thing)
    assert found == []


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

    before, asked = theirs(), list(one_of_each(country, visible).items())
    for operation in WRITES:
        for thing, unit in asked if operation.takes_id else asked[:3]:
            for version in ("1", "4"):
                body = operation.json(thing, unit)
                answer = country.ask(
                    token,
                    operation.verb,
                    operation.filled(thing, unit),
                    json=body,
                    headers={"If-Match": f'"{version}"'},
                )
                assert answer.status_code < 500, (operation.id, answer.text)
                assert not leaks(answer.text, thing, things, visible), (operation.id, answer.text)
    assert theirs() == before


def test_what_is_ones_own_is_seen(country: Country) -> None:
    """So that the tests above can fail: the same requests show what may be seen."""
    token = country.account("head", "21.71")
    seen = {each.id for each in READS if not each.takes_id and "Merakbiru" in country.ask(token, "GET", each.path).text}
    assert {"registry.search_enterprises", "registry.list_imports", "notifications.list_messages"} <= seen
