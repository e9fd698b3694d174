from __future__ import annotations

import pytest

from contracts import errors
from gateway.edge import statuses
from gateway.edge.statuses import CODE_OF, RETRY_AFTER, STATUS_OF, TITLES, status_of

EVERY_CODE = [
    value
    for module in (errors, statuses)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str)
]


@pytest.mark.parametrize("code", EVERY_CODE)
def test_every_code_has_a_status_with_a_title(code: str) -> None:
    assert code in STATUS_OF
    assert STATUS_OF[code] in TITLES


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("registry.enterprise-not-found", 404),
        ("registry.state-conflict", 409),
        ("gateway.email-exists", 409),
        ("registry.file-too-large", 413),
        ("registry.import-refused", 422),
        ("registry.nik-invalid", 422),
        ("registry.something-new", 422),
        ("something-new", 500),
    ],
)
def test_a_code_that_is_not_in_the_table_is_judged_by_how_it_ends(code: str, status: int) -> None:
    assert status_of(code) == status


def test_a_conflict_of_versions_is_412_where_the_version_came_by_if_match() -> None:
    assert status_of(errors.VERSION_CONFLICT, conditional=True) == 412
    assert status_of(errors.VERSION_CONFLICT) == 409


def test_what_can_be_tried_again_says_when_and_the_tables_agree() -> None:
    assert set(RETRY_AFTER) <= set(TITLES)
    assert all(STATUS_OF[code] == status for status, code in CODE_OF.items())
