"""What is sent again: dropped by the inbox, unless a replay asks for its effect once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.broker.publisher import Message, Publisher, RefusedError
from chassis.broker.topology import REPLAY_HEADER
from tests.service.chassis.probe import Probe
from tests.stack import eventually


@pytest.fixture
def publisher(service: Probe) -> Iterator[Publisher]:
    one = Publisher(service.settings.amqp_url, "tests")
    yield one
    one.close()


def effects(probe: Probe) -> list[Any]:
    return probe.rows("SELECT number FROM effect WHERE handler = 'each' ORDER BY number")


def sent(probe: Probe, headers: dict[str, str] | None = None) -> list[Message]:
    rows = probe.rows("SELECT event_id, body FROM plut.outbox WHERE sent_at IS NOT NULL ORDER BY position")
    return [Message(str(row[0]), "probe.thing-counted", row[1], exchange="", headers=headers) for row in rows]


def test_a_replay_repeats_each_effect_once(service: Probe, publisher: Publisher) -> None:
    for number in (1, 2):
        service.call("count", {"number": number})
    eventually(lambda: effects(service) == [(1,), (2,)] and len(sent(service)) == 2)
    first, second = ({REPLAY_HEADER: name} for name in ("first", "second"))
    publisher.publish([*sent(service), *sent(service, first), *sent(service, second), *sent(service, first)])
    service.call("count", {"number": 3})
    eventually(lambda: effects(service) == [(1,)] * 3 + [(2,)] * 3 + [(3,)])


def test_a_queue_that_is_not_there_is_said(publisher: Publisher) -> None:
    with pytest.raises(RefusedError, match=r"no queue probe\.nobody"):
        publisher.publish([Message("1", "probe.nobody", b"{}", exchange="")])
