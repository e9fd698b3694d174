"""Events: facts in the past tense, about one thing, immutable once published, in a CloudEvents 1.0 envelope.

An event is a `msgspec.Struct` in `contracts/<service>.py`. Its type follows from where it stands and what it is called:
`contracts.registry.EnterpriseRegistered` is `id.plut.registry.enterprise-registered.v1`; a class name that ends in
`V2` is the second major version. Readers ignore fields that they don't know.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar
from uuid import UUID

import msgspec

PREFIX: Final = "id.plut"
CONTENT_TYPE: Final = "application/cloudevents+json"
EXCHANGE: Final = "plut.events"
#: Wide enough for a billion changes of one aggregate, so that sequences sort as text.
SEQUENCE_DIGITS: Final = 10

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its offset from UTC (RFC 3339)."""

EVENT_TYPES: dict[str, type[Event]] = {}
"""Every event class that has been imported, by type."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events: subclasses give the fields of `data`, and a docstring that says what happened.

    One that is `abstract` itself is no event, but a base of several.
    """

    abstract: ClassVar[bool] = False
    service: ClassVar[str]
    fact: ClassVar[str]
    major: ClassVar[int]
    name: ClassVar[str]
    type: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        """Derive the type from the module and the class name, and list it."""
        super().__init_subclass__(**options)
        if vars(cls).get("abstract"):
            return
        base, version = re.fullmatch(r"(.+?)(?:V([2-9]|[1-9]\d+))?", cls.__name__).groups()  # type: ignore[union-attr]
        cls.fact = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", base).lower()
        cls.major = int(version or 1)
        cls.service = cls.__module__.rpartition(".")[2]
        cls.name = f"{cls.fact}.v{cls.major}"
        cls.type = f"{PREFIX}.{cls.service}.{cls.name}"
        EVENT_TYPES[cls.type] = cls


E = TypeVar("E", bound=Event)


class Envelope(msgspec.Struct, Generic[E], frozen=True, kw_only=True):
    """A CloudEvents 1.0 envelope in structured JSON; attribute names are the standard's, hence lower case.

    `id` UUIDv7 · `subject` the aggregate's id · `unit` the owner's region code · `sequence` the aggregate's version,
    zero-padded · `actor` the account that caused it · `causationid` the event that led to this one.
    """

    id: UUID
    source: str
    type: str
    subject: str
    time: Moment
    unit: str
    sequence: str
    data: E
    specversion: str = msgspec.field(default="1.0")
    datacontenttype: str = "application/json"
    dataschema: str
    correlationid: str | None = None
    causationid: str | None = None
    actor: str | None = None
    traceparent: str | None = None

    @property
    def version(self) -> int:
        """The aggregate's version after the change."""
        return int(self.sequence)


class _Raw(msgspec.Struct, frozen=True, kw_only=True):
    """What decides how the rest is read."""

    type: str
    specversion: str


class UnreadableEventError(ValueError):
    """A body that is no envelope, of a type that is not known here, or with data that doesn't fit its type."""


_encoder = msgspec.json.Encoder()
_raw_decoder = msgspec.json.Decoder(_Raw)
_decoders: dict[str, msgspec.json.Decoder[Envelope[Any]]] = {}


def encode(envelope: Envelope[Any]) -> bytes:
    """The envelope as the bytes that are published."""
    return _encoder.encode(envelope)


def decode(body: bytes, expected: type[Event] | None = None) -> Envelope[Any]:
    """Read an envelope, its data as the class of its type; at once as that of the type that is expected, where it is that.

    Raises UnreadableEventError, whose text names the place but never holds the body.
    """
    try:
        if expected is not None and expected.type.encode() in body:
            envelope = _decoder(expected.type).decode(body)
            if envelope.type == expected.type:
                return envelope
        return _decoder(_raw_decoder.decode(body).type).decode(body)
    except KeyError as unknown:
        raise UnreadableEventError(f"no such event type here: {unknown}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableEventError(str(error)) from None


def _decoder(event_type: str) -> msgspec.json.Decoder[Envelope[Any]]:
    decoder = _decoders.get(event_type)
    if decoder is None:
        decoder = _decoders[event_type] = msgspec.json.Decoder(Envelope[EVENT_TYPES[event_type]])  # type: ignore[valid-type]
    return decoder


def sequence(version: int) -> str:
    """An aggregate's version as the `sequence` attribute."""
    return f"{version:0{SEQUENCE_DIGITS}d}"


def routing_key(event_type: type[Event], unit: str) -> str:
    """`registry.enterprise-registered.v1.21.71`: the type, then the region code's parts."""
    return f"{event_type.service}.{event_type.name}.{unit}" if unit else f"{event_type.service}.{event_type.name}"


def binding_key(event_type: type[Event]) -> str:
    """The key by which a subscription binds to one type, everywhere."""
    return f"{event_type.service}.{event_type.name}.#"


def schema_url(event_type: type[Event]) -> str:
    """Where the JSON Schema of the type's data is served, relative to the gateway."""
    return f"/api/v1/schemas/{event_type.type}.json"
