"""RPC over the broker, in nameko's protocol on pika: many threads share one connection, which lives in one of its own.

The thread starts with the first call, so a process that forks (gunicorn) connects after the fork.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Final

import pika
from pika.channel import Channel
from pika.spec import Basic

from chassis.broker.topology import RPC_EXCHANGE
from chassis.log import logger
from chassis.rpc import too_late, unavailable
from chassis.settings import Settings

log = logger(__name__)

#: Seconds that a call waits for a connection that is being made.
_PATIENCE: Final = 3.0


class BrokerTransport:
    """Sends requests to the queues of services and awaits their replies; thread-safe."""

    def __init__(self, settings: Settings, *, name: str) -> None:
        self._parameters = pika.URLParameters(settings.amqp_url)
        self._parameters.client_properties = {"connection_name": f"rpc {name}"}
        self._parameters.socket_timeout = self._parameters.stack_timeout = 5
        self._parameters.heartbeat = 10
        self._name = name
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._pending: dict[str, Future[bytes]] = {}
        self._connection: pika.SelectConnection | None = None
        self._channel: Channel | None = None
        self._reply_to = ""

    def call(self, service: str, method: str, body: bytes, headers: Mapping[str, str], limit: float) -> bytes:
        """The reply's body. `limit` is in seconds.

        Raises PlutError `unavailable` where the broker or the service isn't there (the request may or may not have been
        carried out when the connection was lost meanwhile), `deadline-exceeded`.
        """
        self._start()
        if not self._ready.wait(min(limit, _PATIENCE)):
            raise unavailable("broker")
        correlation_id = str(uuid.uuid4())
        future: Future[bytes] = Future()
        self._pending[correlation_id] = future
        try:
            self._send(f"{service}.{method}", body, headers, correlation_id, limit)
            return future.result(limit)
        except FutureTimeoutError:
            raise too_late(service, limit) from None
        finally:
            self._pending.pop(correlation_id, None)

    def is_ready(self) -> bool:
        """Whether the broker is connected."""
        self._start()
        return self._ready.wait(2.0)

    def close(self) -> None:
        """Disconnect; calls under way fail as unavailable."""
        self._stopping.set()
        connection = self._connection
        if self._thread is not None and connection is not None:
            connection.ioloop.add_callback_threadsafe(connection.close)
            self._thread.join(5)

    def _send(
        self, routing_key: str, body: bytes, headers: Mapping[str, str], correlation_id: str, limit: float
    ) -> None:
        connection = self._connection
        if connection is None:
            raise unavailable("broker")
        properties = pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            headers=dict(headers),
            correlation_id=correlation_id,
            reply_to=self._reply_to,
            # work whose caller has gone is not begun
            expiration=str(int(limit * 1000)),
            delivery_mode=1,
        )

        def publish() -> None:
            if self._channel is None or not self._channel.is_open:
                self._fail(correlation_id, "broker")
                return
            self._channel.basic_publish(RPC_EXCHANGE, routing_key, body, properties, mandatory=True)

        try:
            connection.ioloop.add_callback_threadsafe(publish)
        except OSError:
            # its loop was closed between the two lines above
            raise unavailable("broker") from None

    # -- the connection's thread -----------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rpc-client", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        delay = 0.1
        while not self._stopping.is_set():
            connection = pika.SelectConnection(
                self._parameters,
                on_open_callback=lambda opened: opened.channel(on_open_callback=self._on_channel),
                on_open_error_callback=lambda failed, _: failed.ioloop.stop(),
                on_close_callback=lambda closed, _: closed.ioloop.stop(),
            )
            self._connection = connection
            try:
                connection.ioloop.start()
            except Exception:
                log.exception("rpc connection failed")
            was_ready = self._ready.is_set()
            self._ready.clear()
            self._connection = self._channel = None
            connection.ioloop.close()
            for correlation_id in list(self._pending):
                self._fail(correlation_id, "broker")
            if not self._stopping.is_set():
                log.warning("broker connection lost", seconds=delay)
            delay = 0.1 if was_ready else min(delay * 2, 2.0)
            self._stopping.wait(delay)

    def _on_channel(self, channel: Channel) -> None:
        key = str(uuid.uuid4())
        queue = f"rpc.reply-{self._name}-{key}"
        # a channel that dies takes its replies with it: begin anew with a new connection
        channel.add_on_close_callback(_close_connection)
        channel.add_on_return_callback(self._on_return)

        def consume(_: Any) -> None:
            channel.basic_consume(queue, self._on_reply, auto_ack=True, exclusive=True, callback=ready)

        def bind(_: Any) -> None:
            channel.queue_bind(queue, RPC_EXCHANGE, key, callback=consume)

        def ready(_: Any) -> None:
            self._channel, self._reply_to = channel, key
            self._ready.set()

        channel.queue_declare(queue, exclusive=True, auto_delete=True, callback=bind)

    def _on_reply(self, _: Channel, __: Any, properties: pika.BasicProperties, body: bytes) -> None:
        future = self._pending.get(properties.correlation_id or "")
        if future is not None and not future.done():
            future.set_result(body)

    def _on_return(self, _: Channel, method: Basic.Return, properties: pika.BasicProperties, __: bytes) -> None:
        self._fail(properties.correlation_id or "", str(method.routing_key).partition(".")[0])

    def _fail(self, correlation_id: str, what: str) -> None:
        future = self._pending.get(correlation_id)
        if future is not None and not future.done():
            future.set_exception(unavailable(what))


def _close_connection(channel: Channel, _: Exception) -> None:
    if channel.connection.is_open:
        channel.connection.close()
