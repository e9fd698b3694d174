"""Names and arguments of exchanges and queues: the same for those who declare with pika and with kombu.

Exchanges are topics, made with the broker (deploy/broker_definitions.py): no process has the right to declare or to delete
one. Queues are declared by who reads them.

Works on RabbitMQ 3.10 to 4.x: quorum queues are asked for by name, nothing rests on a virtual host's defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from contracts.events import EXCHANGE

#: Where partners bind. It gets everything that the lanes get, and nobody publishes to it.
EVENTS_EXCHANGE: Final = EXCHANGE
#: Where a queue's message goes that has killed its process again and again.
DEAD_EXCHANGE: Final = "plut.dead"
RPC_EXCHANGE: Final = "nameko-rpc"
#: Header of a request: until when (milliseconds since 1970) somebody waits for the answer.
DEADLINE_HEADER: Final = "plut-deadline"
#: Header of an event that is sent again so that its effect is repeated: the replay's id.
REPLAY_HEADER: Final = "plut-replay"
#: Deliveries of one message before the broker gives it up; a polite restart of a consumer counts as one, too.
#: Before 4.0 RabbitMQ has no limit of its own.
DELIVERY_LIMIT: Final = 20


@dataclass(frozen=True, slots=True)
class Lane:
    """A way from the outbox to a subscription: an exchange, and a queue per subscription (its name and `suffix`)."""

    name: str
    bulk: bool
    exchange: str
    suffix: str

    def queue(self, subscription: str) -> str:
        """A subscription's queue in this lane."""
        return subscription + self.suffix


EXPRESS: Final = Lane("express", bulk=False, exchange="plut.express", suffix="")
BULK: Final = Lane("bulk", bulk=True, exchange="plut.bulk", suffix=".bulk")
#: What somebody waits for, and what jobs publish by the thousand: neither stands behind the other.
LANES: Final = (EXPRESS, BULK)


def subscription_of(queue: str) -> str:
    """Whose queue it is, whichever lane it belongs to."""
    return queue.removesuffix(BULK.suffix)


def dead_queue(service: str) -> str:
    """The queue of what the broker gave up for one service; the service writes it into `failed_event`."""
    return f"{service}.dead"


def subscription_arguments(service: str) -> dict[str, Any]:
    """Arguments of a subscription's queue."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD_EXCHANGE,
        "x-dead-letter-routing-key": service,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def dead_arguments() -> dict[str, Any]:
    """Arguments of a service's dead queue."""
    return {"x-queue-type": "quorum"}
