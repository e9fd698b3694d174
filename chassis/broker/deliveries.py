"""Deliveries out of a connection's bytes: what a consumer does most, done with the fewest steps.

py-amqp asks the socket nine times per message, three for each of its three frames, and unpacks properties that nobody
reads: with kombu on top some 80 µs. Here everything that has come is taken at once and whole deliveries are cut out of it,
8 µs each. All other frames (heartbeats, cancellations, answers) go to py-amqp as before. What is left of a delivery that has
not come whole stays in py-amqp's own buffer, so its blocking calls can be mixed with these reads at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any, Final

from amqp.exceptions import UnexpectedFrame
from amqp.serialization import decode_properties_basic

_FRAME: Final = Struct(">BHI")
_METHOD_FRAME, _HEADER_FRAME, _BODY_FRAME = 1, 2, 3
_BASIC_DELIVER: Final = b"\x00\x3c\x00\x3c"
_BODY_SIZE: Final = Struct(">Q")
_TAG: Final = Struct(">QB")
#: Where the properties begin in a content header, and the bit of their first byte that says that there are headers.
_PROPERTIES, _HAS_HEADERS = 12, 0x20
_CHUNK: Final = 256 * 1024


class Delivery:
    """One message: its body, what came with it, and the means to acknowledge or answer it."""

    __slots__ = ("_channel", "_header", "_method", "_properties", "_reader", "body", "tag")

    def __init__(self, reader: Any, channel: Any, method: bytes, header: bytes, body: bytes) -> None:
        self.body = body
        self.tag: int = _TAG.unpack_from(method, 5 + method[4])[0]
        self._method = method
        self._header = header
        self._properties: Mapping[str, Any] | None = None
        self._reader = reader
        self._channel = channel

    @property
    def redelivered(self) -> bool:
        """Whether it may have been delivered before."""
        return bool(_TAG.unpack_from(self._method, 5 + self._method[4])[1])

    @property
    def routing_key(self) -> str:
        """With which key it was published."""
        # class and method, consumer's tag, delivery's tag, redelivered; then two short texts
        exchange = 5 + self._method[4] + _TAG.size
        key = exchange + 1 + self._method[exchange]
        return self._method[key + 1 : key + 1 + self._method[key]].decode()

    @property
    def properties(self) -> Mapping[str, Any]:
        """The message's properties, by their names in AMQP."""
        if self._properties is None:
            self._properties, _ = decode_properties_basic(self._header, _PROPERTIES)
        return self._properties

    @property
    def headers(self) -> Mapping[str, Any]:
        """Application headers."""
        if self._properties is None and not self._header[_PROPERTIES] & _HAS_HEADERS:
            return {}
        return self.properties.get("application_headers") or {}

    def acknowledge(self, *, all_before: bool = False) -> None:
        """Acknowledge this message, or it and all before it; nothing happens when its connection is gone."""
        self._reader.acknowledge(self._channel, self.tag, all_before=all_before)

    def reply(self, body: bytes, *, exchange: str) -> None:
        """Answer whoever asked, where the message says who that is; raises nothing when its connection is gone."""
        self._reader.reply(self._channel, self, body, exchange)


class Frames:
    """What comes over one connection of py-amqp with one channel; `on_delivery(method, header, body)` gets deliveries."""

    def __init__(self, connection: Any, on_delivery: Callable[[bytes, bytes, bytes], None]) -> None:
        # otherwise py-amqp looks for news of the broker before it publishes: replies go out in other green threads than
        # the one that reads, and two readers would tear frames apart
        connection.client_properties.get("capabilities", {})["connection.blocked"] = False
        self._connection = connection
        self._on_delivery = on_delivery

    def read(self, timeout: float) -> None:
        """Take everything that has come, or wait for something; raises TimeoutError when nothing comes in `timeout` seconds."""
        transport = self._connection.transport
        with transport.having_timeout(timeout):
            data = transport._quick_recv(_CHUNK)  # noqa: SLF001 - TCP and TLS alike; py-amqp has no public way to it
        if not data:
            raise OSError("the broker has closed the connection")
        self._keep(self._kept() + data)
        self.take_kept()

    def take_kept(self) -> None:
        """Take what py-amqp has read beyond what it was looking for."""
        kept = self._kept()
        while kept:
            position, other = self._cut(kept)
            self._keep(kept[position:])
            if other is None:
                return
            # py-amqp may read on by itself while it deals with this one
            self._connection.on_inbound_frame(other)
            kept = self._kept()

    def _kept(self) -> bytes:
        kept: bytes = self._connection.transport._read_buffer  # noqa: SLF001
        return kept

    def _keep(self, rest: bytes) -> None:
        self._connection.transport._read_buffer = rest  # noqa: SLF001

    def _cut(self, data: bytes) -> tuple[int, tuple[int, int, bytes] | None]:
        """Hand on the whole deliveries at the beginning; returns where they end, and the frame there if it is another."""
        position, taken, last = 0, 0, len(data) - 8
        while position <= last:
            kind, channel, size = _FRAME.unpack_from(data, position)
            start = position + 7
            end = start + size
            if end >= len(data):
                break
            if kind != _METHOD_FRAME or data[start : start + 4] != _BASIC_DELIVER:
                self._connection.bytes_recv += taken
                return end + 1, (kind, channel, data[start:end])
            after = self._deliver(data, start, end)
            if not after:
                break
            position, taken = after, taken + 1
        # py-amqp counts frames to know that the broker lives
        self._connection.bytes_recv += taken
        return position, None

    def _deliver(self, data: bytes, start: int, end: int) -> int:
        """Hand on the delivery whose first frame is `data[start:end]`; returns where it ends, 0 when it has not come whole."""
        position, length = end + 1, len(data)
        header, body = b"", b""
        missing = -1
        while missing:
            if position + 8 > length:
                return 0
            kind, _, size = _FRAME.unpack_from(data, position)
            if kind != (_HEADER_FRAME if missing < 0 else _BODY_FRAME):
                # RabbitMQ writes a message in one piece
                raise UnexpectedFrame(f"a frame of type {kind} inside a delivery")
            stop = position + 7 + size
            if stop >= length:
                return 0
            part = data[position + 7 : stop]
            if missing < 0:
                header, missing = part, _BODY_SIZE.unpack_from(part, 4)[0]
            else:
                body, missing = (body + part if body else part), missing - size
            position = stop + 1
        self._on_delivery(data[start:end], header, body)
        return position
