"""The probe service being badly treated: events that can't be taken, requests that can't be answered, and a keeper."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

import msgspec
import pika
import requests

from chassis.broker.topology import EXPRESS
from chassis.database import Database
from chassis.identifiers import new_id
from chassis.unit_of_work import UnitOfWork
from contracts.access import Grant
from contracts.errors import PlutError
from contracts.events import CONTENT_TYPE
from deploy.local import broker
from tests.chaos.machine import ChaosStack
from tests.probe.facts.probe import ThingCounted
from tests.service.chassis.probe import BATAM, Probe

KEY = "probe.thing-counted.v1.21.71"
OPERATOR = msgspec.structs.replace(BATAM, grants=(Grant("operator", ""),))
#: Deliveries after which the broker gives a message up, here: the real limit of 20 would take a minute of restarts.
FEW_DELIVERIES = 2


def limit_deliveries(probe: Probe, stack: ChaosStack) -> None:
    """Lower the delivery limit of the probe's queues by a policy, as an operator can."""
    url = f"{broker.management_url(stack.ports, stack.passwords)}/api/policies/{probe.corner.name}/few"
    body = {
        "pattern": r"^probe\.t",
        "definition": {"delivery-limit": FEW_DELIVERIES},
        "apply-to": "queues",
    }
    requests.put(url, json=body, timeout=10).raise_for_status()


def publish(probe: Probe, moods: Sequence[str]) -> None:
    """Events through the outbox, one per mood, numbered from 0 on."""
    database = Database(probe.settings, "probe")
    with UnitOfWork(database, BATAM) as uow:
        for number, mood in enumerate(moods):
            uow.publish(ThingCounted(mood=mood, number=number), subject=new_id(), unit="21.71", sequence=1)
    database.close()


def unreadable(count: int) -> list[bytes]:
    """Bodies that are no JSON, no envelope, or whose data are of the wrong shape."""
    envelope = {"specversion": "1.0", "type": "id.plut.probe.thing-counted.v1", "source": "/plut/probe"}
    kinds = (b"\xff\xfe %d", b'{"id": %d}', msgspec.json.encode({**envelope, "data": {"mood": 7}})[:-1] + b',"n":%d}')
    return [kinds[number % len(kinds)].replace(b"%d", str(number).encode()) for number in range(count)]


def publish_raw(probe: Probe, bodies: Sequence[bytes]) -> None:
    """Straight to the exchange, as a program that knows no rules would."""
    properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
    with pika.BlockingConnection(pika.URLParameters(probe.settings.amqp_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish(EXPRESS.exchange, KEY, body, properties)


def ask_without_reply_to(probe: Probe, count: int) -> None:
    """Requests that nobody can be answered."""
    with pika.BlockingConnection(pika.URLParameters(probe.settings.amqp_url)) as connection:
        channel = connection.channel()
        for number in range(count):
            body = (b"\xff", b"[]", b"{}", b'{"args": [], "kwargs": {"request": 5}}')[number % 4]
            channel.basic_publish("nameko-rpc", "probe.count", body)


def ask_for_muddle(probe: Probe, count: int) -> list[str]:
    """Requests whose result can't be written; returns the codes of the answers."""
    codes = []
    for _ in range(count):
        try:
            codes.append(str(probe.call("muddle", {})))
        except PlutError as error:
            codes.append(error.code)
    return codes


class Keeper:
    """Starts a process again whenever it has died, as a supervisor would."""

    def __init__(self, probe: Probe, *modules: str) -> None:
        self._probe = probe
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._modules = modules
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self.deaths = 0

    def __enter__(self) -> Self:
        for module in self._modules:
            self._running[module] = self._probe.start(module)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stopping.wait(0.1):
            for module, process in list(self._running.items()):
                if process.poll() is not None:
                    self.deaths += 1
                    # it may die again before it is ready: the next look finds it
                    with suppress(AssertionError):
                        self._running[module] = self._probe.start(module)
