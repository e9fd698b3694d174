"""What RabbitMQ has to have before the first process comes: exchanges, a user per process, and what each may do.

The result is RabbitMQ's own format of definitions: the local stack's node reads it when it boots, elsewhere an operator
imports it (`./plut broker-definitions`). So no process makes an exchange, and none has the right to.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chassis.broker.topology import BULK, DEAD_EXCHANGE, EVENTS_EXCHANGE, EXPRESS, LANES, RPC_EXCHANGE
from deploy.processes import PROCESSES, SERVICES, Process

ADMIN: Final = "plut"
EXCHANGES: Final = (EVENTS_EXCHANGE, *(lane.exchange for lane in LANES), DEAD_EXCHANGE, RPC_EXCHANGE)

_LANES: Final = r"plut\.(express|bulk)"
#: Replies of a request come by a random key; see chassis/broker/rpc_transport.py.
_REPLY_KEY: Final = "^[0-9a-f-]{36}$"
_NOTHING: Final = "^$"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user may configure (declare, delete), write to and read from: expressions over names of queues and exchanges.

    `topics` narrow routing keys, by exchange: (write, read). RabbitMQ doesn't anchor expressions, so each is anchored here.
    """

    configure: str = _NOTHING
    write: str = _NOTHING
    read: str = _NOTHING
    topics: Mapping[str, tuple[str, str]] | None = None


def user_of(process: str) -> str:
    """The user that a process connects as."""
    return f"plut-{process}"


USERS: Final = tuple(user_of(process.name) for process in PROCESSES)


def rights_of(process: Process) -> Rights:
    """The least with which a process does its work."""
    if process.service:
        return _of_service(process.service)
    return {"gateway": _of_gateway(), "relay": _of_relay(), "worker": _of_worker()}[process.name]


def _of_service(name: str) -> Rights:
    """Its own queues; requests to itself, and answers; events of others, and none of its own (the relay publishes them)."""
    own = rf"{name}\..+|rpc-{name}"
    rpc, dead = RPC_EXCHANGE, DEAD_EXCHANGE.replace(".", r"\.")
    return Rights(
        configure=f"^({own})$",
        write=f"^({own}|{rpc}|{dead})$",
        read=f"^({own}|{rpc}|{dead}|{_LANES})$",
        topics={
            RPC_EXCHANGE: (_REPLY_KEY, rf"^{name}\.\*$"),
            DEAD_EXCHANGE: (_NOTHING, f"^{name}$"),
            EXPRESS.exchange: (_NOTHING, ".*"),
            BULK.exchange: (_NOTHING, ".*"),
        },
    )


def _of_gateway() -> Rights:
    """Requests to services, and its own queue of answers."""
    own = r"rpc\.reply-gateway-.+"
    return Rights(
        configure=f"^{own}$",
        write=f"^({own}|{RPC_EXCHANGE})$",
        read=f"^({own}|{RPC_EXCHANGE})$",
        topics={RPC_EXCHANGE: (rf"^({'|'.join(SERVICES)})\.[a-z_]+$", _REPLY_KEY)},
    )


def _of_relay() -> Rights:
    """Events, into the two lanes."""
    return Rights(write=f"^{_LANES}$")


def _of_worker() -> Rights:
    """Replays, which go straight into the queue of a subscription: by the exchange without a name."""
    return Rights(write=r"^amq\.default$")


def definitions(passwords: Mapping[str, str], *, vhost: str = "/") -> dict[str, Any]:
    """Everything, for one virtual host; `passwords` by user, of `ADMIN` and all of `USERS`."""
    users = [_user(ADMIN, passwords[ADMIN], ["administrator"]), *(_user(name, passwords[name], []) for name in USERS)]
    everything = {"user": ADMIN, "vhost": vhost, "configure": ".*", "write": ".*", "read": ".*"}
    rights = {user_of(process.name): rights_of(process) for process in PROCESSES}
    return {
        "users": users,
        "vhosts": [{"name": vhost}],
        "permissions": [
            everything,
            *(
                {"user": user, "vhost": vhost, "configure": may.configure, "write": may.write, "read": may.read}
                for user, may in rights.items()
            ),
        ],
        "topic_permissions": [
            {"user": user, "vhost": vhost, "exchange": exchange, "write": write, "read": read}
            for user, may in rights.items()
            for exchange, (write, read) in (may.topics or {}).items()
        ],
        **exchanges(vhost),
    }


def exchanges(vhost: str) -> dict[str, Any]:
    """The exchanges of a virtual host: topics, and partners' one gets everything that the lanes get."""
    return {
        "exchanges": [
            {"name": name, "vhost": vhost, "type": "topic", "durable": True, "auto_delete": False, "arguments": {}}
            for name in EXCHANGES
        ],
        "bindings": [
            {
                "source": lane.exchange,
                "vhost": vhost,
                "destination": EVENTS_EXCHANGE,
                "destination_type": "exchange",
                "routing_key": "#",
                "arguments": {},
            }
            for lane in LANES
        ],
    }


def _user(name: str, password: str, tags: list[str]) -> dict[str, Any]:
    """A user whose password stands there as RabbitMQ keeps it: four random bytes, and the hash of them and the password."""
    salt = os.urandom(4)
    kept = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    return {
        "name": name,
        "password_hash": kept,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ",".join(tags),
    }
