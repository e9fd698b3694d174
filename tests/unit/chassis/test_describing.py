"""What operators read of an error."""

from __future__ import annotations

import pytest
from marshmallow import Schema, ValidationError, fields

from chassis.failures import describe


def handler() -> None:
    """Fails deep inside a library."""
    Schema.from_dict({"number": fields.Integer(required=True)})().load({})


def test_the_handler_is_named_however_deep_the_library_is() -> None:
    with pytest.raises(ValidationError) as raised:
        handler()
    what, *places = describe(raised.value).splitlines()
    assert what.startswith("ValidationError: ")
    assert "in handler" in places[-2]
    assert "site-packages" in places[-1]
    assert not any("site-packages" in place for place in places[:-1])


def test_an_error_of_our_own_shows_each_frame_once() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        divide()
    assert [place.rpartition(" ")[2] for place in describe(raised.value).splitlines()[1:]] == [
        "test_an_error_of_our_own_shows_each_frame_once",
        "divide",
    ]


def divide() -> None:
    """Fails here."""
    raise ZeroDivisionError("as asked")
