"""Types, keys and envelopes of events."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.errors import PlutError
from contracts.events import Envelope, Event, UnreadableEventError, binding_key, decode, encode, routing_key, sequence


class ThingHappened(Event):
    """A thing happened."""

    number: int


class ThingHappenedV2(Event):
    """A thing happened, told in another way."""

    amount: int


def test_a_type_follows_from_where_the_class_stands() -> None:
    assert ThingHappened.type.endswith("test_envelope.thing-happened.v1")
    assert ThingHappenedV2.name == "thing-happened.v2"


def test_keys_carry_type_and_place() -> None:
    assert routing_key(ThingHappened, "21.71") == "test_envelope.thing-happened.v1.21.71"
    assert routing_key(ThingHappened, "") == "test_envelope.thing-happened.v1"
    assert binding_key(ThingHappened) == "test_envelope.thing-happened.v1.#"


def test_sequences_sort_as_text() -> None:
    assert sorted(map(sequence, (10, 9, 100))) == [sequence(9), sequence(10), sequence(100)]


def test_an_envelope_comes_back_as_it_went() -> None:
    envelope = Envelope(
        id=uuid4(), source="/plut/x", type=ThingHappened.type, subject="s", time=datetime.now(UTC), unit="21",
        sequence=sequence(3), dataschema="/x", data=ThingHappened(number=1),
    )  # fmt: skip
    assert decode(encode(envelope)) == envelope
    assert envelope.version == 3


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"{}", b'{"type":"nobody.knows","specversion":"1.0"}'])
def test_what_cannot_be_read_says_so_without_the_body(body: bytes) -> None:
    with pytest.raises(UnreadableEventError):
        decode(body)


def test_an_error_crosses_the_border_and_a_foreign_one_loses_its_words() -> None:
    error = PlutError("registry.x", "Wrong.", "Salah.", fields={"owner.nik": ["16 digits"]}, limit=3)
    back = PlutError.from_wire(error.to_wire())
    assert (back.code, back.message_id, back.fields, back.params) == (
        "registry.x",
        "Salah.",
        {"owner.nik": ["16 digits"]},
        {"limit": 3},
    )
    assert "secret" not in str(PlutError.from_wire({"exc_type": "KeyError", "exc_args": ["secret"], "value": "secret"}))
