"""On the broker each process may do its own work and nothing else: every user tries everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, UnroutableError

from deploy.broker_definitions import ADMIN, EXCHANGES, USERS, definitions, user_of
from deploy.local.stack import LocalStack
from deploy.processes import PROCESSES, SERVICES, find
from tests.stack import Corner

REPLY = "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90"
KEYS = ("registry.get_enterprise", "notifications.send", "registry.enterprise-registered.v1.21", REPLY)
QUEUES = (*(f"rpc-{name}" for name in SERVICES), "notifications.enterprise-registered", "registry.dead", "partner")
OWN = {
    "registry": ("rpc-registry", "registry.dead"),
    "notifications": ("rpc-notifications", QUEUES[3]),
    "gateway": ("rpc-gateway",),
}
ACCESS_REFUSED, NOT_FOUND, PRECONDITION_FAILED = 403, 404, 406

Act = Callable[[BlockingChannel], Any]


def get(queue: str, channel: BlockingChannel) -> None:
    channel.basic_get(queue)


def purge(queue: str, channel: BlockingChannel) -> None:
    channel.queue_purge(queue)


def declare_queue(queue: str, channel: BlockingChannel) -> None:
    channel.queue_declare(queue, exclusive=True)


def delete_exchange(exchange: str, channel: BlockingChannel) -> None:
    channel.exchange_delete(exchange, if_unused=True)


def declare_exchange(exchange: str, channel: BlockingChannel) -> None:
    channel.exchange_declare(exchange, "topic", durable=True)


def publish(exchange: str, key: str, channel: BlockingChannel) -> None:
    channel.basic_publish(exchange, key, b"{}", mandatory=True)


def bind(queue: str, exchange: str, key: str, channel: BlockingChannel) -> None:
    channel.queue_bind(queue, exchange, key)


ACTS: dict[tuple[str, ...], Act] = {
    **{("get", queue): partial(get, queue) for queue in QUEUES},
    **{("purge", queue): partial(purge, queue) for queue in QUEUES},
    **{("declare", f"{queue}-2"): partial(declare_queue, f"{queue}-2") for queue in QUEUES},
    **{("delete", name): partial(delete_exchange, name) for name in EXCHANGES},
    **{("declare", name): partial(declare_exchange, name) for name in EXCHANGES},
    **{
        ("publish", exchange, key): partial(publish, exchange, key) for exchange, key in product((*EXCHANGES, ""), KEYS)
    },
    **{
        ("bind", queue, exchange, key): partial(bind, queue, exchange, key)
        for queue, exchange, key in product(QUEUES, EXCHANGES, ("#", "registry.*", "notifications.*", "registry"))
    },
}


def may(process: str, act: tuple[str, ...]) -> bool:
    """Whether an act is a process's own work."""
    verb, name, *rest = act
    if service := find(process).service:
        own = name in OWN[service] or (name.startswith(f"{service}.") and name not in EXCHANGES)
        if verb == "publish":
            return name == "nameko-rpc" and rest == [REPLY]
        if verb == "bind":
            asks = {"nameko-rpc": f"{service}.*", "plut.dead": service}
            return own and (rest[0] in ("plut.express", "plut.bulk") or asks.get(rest[0]) == rest[1])
        return own
    allowed = {
        "gateway": [("publish", "nameko-rpc", key) for key in KEYS[:2]],
        "worker": [("publish", "", key) for key in KEYS],
        "relay": [("publish", lane, key) for lane, key in product(("plut.express", "plut.bulk"), KEYS)],
    }
    return act in allowed[process]


@pytest.fixture(scope="module")
def urls(stack: LocalStack) -> Iterator[dict[str, str]]:
    """Where each user signs in to a virtual host of its own, on which there are exchanges, queues and the users' rights."""
    corner = Corner(stack)
    corner.make()
    passwords = {ADMIN: stack.passwords.broker} | {name: stack.passwords.of_role(name) for name in USERS}
    corner.define(definitions(passwords, vhost=corner.name))
    host = corner.environment["PLUT_AMQP_URL"].partition("@")[2]
    with pika.BlockingConnection(pika.URLParameters(corner.environment["PLUT_AMQP_URL"])) as connection:
        for queue in QUEUES:
            connection.channel().queue_declare(queue, durable=True)
    yield {name: f"amqp://{name}:{passwords[name]}@{host}" for name in USERS}
    corner.remove()


def is_allowed(url: str, act: Act) -> bool:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        try:
            act(channel)
        except UnroutableError:
            return True
        except ChannelClosedByBroker as closed:
            return closed.reply_code != ACCESS_REFUSED
    return True


@pytest.mark.parametrize("process", [process.name for process in PROCESSES])
def test_a_process_may_do_its_own_work_and_nothing_else(urls: dict[str, str], process: str) -> None:
    allowed = {name for name, act in ACTS.items() if is_allowed(urls[user_of(process)], act)}
    assert allowed == {name for name in ACTS if may(process, name)}


def test_a_request_of_the_gateway_reaches_its_service_and_the_answer_comes_back(urls: dict[str, str]) -> None:
    with (
        pika.BlockingConnection(pika.URLParameters(urls["plut-gateway"])) as asking,
        pika.BlockingConnection(pika.URLParameters(urls["plut-registry"])) as answering,
    ):
        asker, answerer = asking.channel(), answering.channel()
        asker.queue_declare(f"rpc.reply-gateway-{REPLY}", exclusive=True)
        asker.queue_bind(f"rpc.reply-gateway-{REPLY}", "nameko-rpc", REPLY)
        answerer.queue_bind("rpc-registry", "nameko-rpc", "registry.*")
        answerer.queue_purge("rpc-registry")
        asker.confirm_delivery()
        answerer.confirm_delivery()
        asker.basic_publish("nameko-rpc", "registry.get_enterprise", b"?", mandatory=True)
        assert answerer.basic_get("rpc-registry", auto_ack=True)[2] == b"?"
        answerer.basic_publish("nameko-rpc", REPLY, b"!", mandatory=True)
        assert asker.basic_get(f"rpc.reply-gateway-{REPLY}", auto_ack=True)[2] == b"!"
