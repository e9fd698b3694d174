from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from contracts.errors import INVALID_REQUEST, VERSION_CONFLICT, VERSION_REQUIRED, PlutError
from gateway.edge import conditions, idempotency
from gateway.edge.statuses import IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REQUIRED

APP = Flask("conditions")


@contextmanager
def request_with(**headers: str) -> Iterator[None]:
    with APP.test_request_context(headers={name.replace("_", "-"): value for name, value in headers.items()}):
        yield


def test_a_version_is_a_strong_tag() -> None:
    assert conditions.tag(7) == '"7"'


def test_if_match_gives_the_version() -> None:
    with request_with(If_Match='"7"'):
        assert conditions.expected_version() == 7


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, VERSION_REQUIRED),
        ('W/"7"', VERSION_CONFLICT),
        ("*", INVALID_REQUEST),
        ('"7", "8"', INVALID_REQUEST),
        ('"seven"', INVALID_REQUEST),
        ('"0"', INVALID_REQUEST),
        ('"-1"', INVALID_REQUEST),
        ('"99999999999999999999"', INVALID_REQUEST),
    ],
)
def test_anything_else_is_refused(given: str | None, code: str) -> None:
    with request_with(**({} if given is None else {"If_Match": given})), pytest.raises(PlutError) as refused:
        conditions.expected_version()
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("given", "same"), [('"7"', True), ('W/"7"', True), ('"6", "7"', True), ('"6"', False), ("*", True)]
)
def test_if_none_match(given: str, same: bool) -> None:
    with request_with(If_None_Match=given):
        assert conditions.unchanged(7) is same


def test_without_the_header_everything_is_new() -> None:
    with request_with():
        assert not conditions.unchanged(7)


@pytest.mark.parametrize("given", ["12345678", "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90", "!" * 128, "1763827482000123"])
def test_keys_that_are_taken(given: str) -> None:
    with request_with(Idempotency_Key=given):
        assert idempotency.key() == given


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, IDEMPOTENCY_KEY_REQUIRED),
        ("", IDEMPOTENCY_KEY_INVALID),
        ("1234567", IDEMPOTENCY_KEY_INVALID),
        ("x" * 129, IDEMPOTENCY_KEY_INVALID),
        ("with a blank", IDEMPOTENCY_KEY_INVALID),
        ("kunci-é-12345", IDEMPOTENCY_KEY_INVALID),
        ("impor-2171034107900001", IDEMPOTENCY_KEY_INVALID),
    ],
)
def test_keys_that_are_not(given: str | None, code: str) -> None:
    with request_with(**({} if given is None else {"Idempotency_Key": given})), pytest.raises(PlutError) as refused:
        idempotency.key()
    assert refused.value.code == code
    assert list(refused.value.fields) == ["Idempotency-Key"]
