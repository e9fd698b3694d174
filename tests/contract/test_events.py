"""Published events keep their promises: golden samples are read, shapes change only by additions."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from contracts import catalogue
from contracts.events import Envelope, Event, decode, encode
from deploy.processes import ROOT

SAMPLES = ROOT / "contracts" / "samples"
TYPES = catalogue.event_types()
SHAPES: dict[str, Any] = json.loads((SAMPLES / "shapes.json").read_text())


def name(event_type: type[Event]) -> str:
    return event_type.type


@pytest.fixture(params=TYPES, ids=name)
def event_type(request: pytest.FixtureRequest) -> type[Event]:
    chosen: type[Event] = request.param
    return chosen


def sample(event_type: type[Event]) -> dict[str, Any]:
    path = SAMPLES / f"{event_type.type}.json"
    assert path.exists(), f"write a golden sample of {event_type.type} to {path.relative_to(ROOT)}"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_the_golden_sample_is_read_and_written_again(event_type: type[Event]) -> None:
    golden = sample(event_type)
    envelope: Envelope[Any] = decode(json.dumps(golden).encode())
    assert type(envelope.data) is event_type
    again = json.loads(encode(envelope))
    # fields that were added since have their defaults; everything that was there is there
    assert again["data"] | golden["data"] == again["data"]
    assert again | golden | {"data": again["data"]} == again


def test_the_sample_fits_the_published_schema(event_type: type[Event]) -> None:
    golden = sample(event_type)
    jsonschema.validate(golden["data"], catalogue.data_schema(event_type))
    jsonschema.validate({key: value for key, value in golden.items() if key != "data"}, catalogue.envelope_schema())


def test_a_shape_changes_only_by_optional_fields(event_type: type[Event]) -> None:
    assert event_type.type in SHAPES, "run ./plut docs"
    assert catalogue.breaks(SHAPES[event_type.type], catalogue.shape(event_type)) == []


def test_a_reader_ignores_what_it_does_not_know(event_type: type[Event]) -> None:
    golden = sample(event_type)
    golden["data"]["of a later version"] = True
    golden["somethingnew"] = 1
    assert type(decode(json.dumps(golden).encode()).data) is event_type


def test_no_type_vanishes() -> None:
    assert set(SHAPES) <= {each.type for each in TYPES}


def test_no_event_carries_a_nik_or_free_text_about_a_person(event_type: type[Event]) -> None:
    fields = set(catalogue.data_schema(event_type)["properties"])
    assert not fields & {"nik", "npwp", "address", "note", "birth_date"}
    # a name, a phone number or an address stand in a type of their own, where they can be stripped
    assert not fields & {"name", "phone", "email", "owner_name"}


def test_words_are_there(event_type: type[Event]) -> None:
    assert catalogue.description(event_type).endswith((".", "`"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda shape: shape["properties"].pop("enterprise"), "enterprise is gone"),
        (lambda shape: shape["properties"]["enterprise"].update(format="email"), "enterprise has another shape"),
        (lambda shape: shape["required"].append("district"), "other fields are required"),
        (lambda shape: shape["properties"].update(added={"type": "string"}), None),
    ],
)
def test_breaking_changes_are_told_from_additions(change: Any, reason: str | None) -> None:
    before = SHAPES["id.plut.registry.enterprise-registered.v1"]
    after = json.loads(json.dumps(before))
    change(after)
    assert catalogue.breaks(before, after) == ([reason] if reason else [])
