"""One fact in two major versions, while old and new code run side by side: each has its effect once."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.database import Database
from chassis.subscriptions import inbox_of, subscribe
from chassis.unit_of_work import UnitOfWork
from deploy.processes import ROOT
from tests.probe.facts.probe import ThingCounted
from tests.probe_next.facts_next.probe import ThingCountedV2
from tests.service.chassis.probe import BATAM, Probe
from tests.stack import eventually

NEXT = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "probe_next", ROOT / "tests" / "probe")))


@pytest.fixture
def database(probe: Probe) -> Iterator[Database]:
    one = Database(probe.settings, "probe")
    yield one
    one.close()


def old(database: Database, *numbers: int) -> None:
    """What a process of the old code publishes."""
    for number in numbers:
        with UnitOfWork(database, BATAM) as uow:
            uow.publish(ThingCounted(mood="well", number=number), subject=uow.new_id(), unit="21.71", sequence=1)


def both(database: Database, *numbers: int, mood: str = "well") -> None:
    """What a process of the new code publishes as long as somebody may need the old version."""
    for number in numbers:
        event = ThingCountedV2(mood=mood, amount=number, measure="pcs")
        before = ThingCounted(mood=mood, number=number)
        with UnitOfWork(database, BATAM, bulk=number % 2 == 0) as uow:
            uow.publish(event, also=[before], subject=uow.new_id(), unit="21.71", sequence=1)


def new(database: Database, *numbers: int) -> None:
    """What it publishes afterwards."""
    for number in numbers:
        with UnitOfWork(database, BATAM) as uow:
            event = ThingCountedV2(mood="well", amount=number, measure="pcs")
            uow.publish(event, subject=uow.new_id(), unit="21.71", sequence=1)


def effects(probe: Probe) -> dict[int, int]:
    """How often each number had its effect, in old code and new together."""
    return dict(probe.rows("SELECT number, count(*)::int FROM effect WHERE handler <> 'bulk' GROUP BY number"))


def by(probe: Probe) -> set[str]:
    return {row[0] for row in probe.rows("SELECT DISTINCT handler FROM effect WHERE handler <> 'bulk'")}


def test_old_and_new_code_side_by_side_have_each_effect_once(probe: Probe, database: Database) -> None:
    probe.start("chassis.relay")
    first = probe.start("chassis.runtime")
    old(database, *range(40))
    eventually(lambda: effects(probe) == dict.fromkeys(range(40), 1))
    assert by(probe) == {"each"}

    probe.start("chassis.runtime", path=NEXT)
    for number in range(40, 200, 2):
        old(database, number)
        both(database, number + 1)
    eventually(lambda: effects(probe) == dict.fromkeys(range(200), 1))
    assert by(probe) >= {"each", "next from v2"}

    # the last process of the old code is gone, in the middle of its work
    both(database, *range(200, 260))
    first.send_signal(signal.SIGKILL)
    both(database, *range(260, 300))
    eventually(lambda: effects(probe) == dict.fromkeys(range(300), 1))

    new(database, *range(300, 310))
    eventually(lambda: effects(probe) == dict.fromkeys(range(310), 1))
    assert probe.rows("SELECT count(*) FROM plut.failed_event") == [(0,)]


def test_what_failed_in_one_version_is_retried_in_that_one_only(probe: Probe, database: Database) -> None:
    probe.start("chassis.relay")
    probe.start("chassis.runtime", path=NEXT)
    both(database, 1, mood="raise")
    both(database, 2, 3)
    eventually(lambda: effects(probe) == {2: 1, 3: 1} or effects(probe) == {1: 1, 2: 1, 3: 1})
    eventually(lambda: probe.rows("SELECT count(*) FROM plut.outbox WHERE sent_at IS NULL") == [(0,)])
    failed = probe.rows("SELECT subscription FROM plut.failed_event")
    # whichever version came first decides: the old one's handler doesn't know the mood
    assert failed == [("probe.thing-counted.v2",)] if 1 not in effects(probe) else failed == []


def test_other_facts_are_no_versions(database: Database) -> None:
    class ThingWeighed(ThingCounted):
        """Another fact."""

    counted, weighed = ThingCounted(mood="well", number=1), ThingWeighed(mood="well", number=1)
    uow = UnitOfWork(database, BATAM)
    with pytest.raises(ValueError, match="is no version of"):
        uow.publish(counted, also=[weighed], subject=uuid.uuid4(), unit="21.71", sequence=1)


def test_versions_have_queues_of_their_own_and_one_inbox() -> None:
    def hear(_: UnitOfWork, __: Any) -> None: ...

    hear.__module__ = "services.probe.handlers"
    for name, queues in (
        (None, ["probe.thing-counted", "probe.thing-counted.v2"]),
        ("statistics", ["probe.statistics", "probe.statistics.v2"]),
    ):
        for event_type in (ThingCounted, ThingCountedV2):
            subscribe(event_type, name=name)(hear)
        marked: list[Any] = hear.__dict__.pop("__plut_subscriptions__")
        assert [each.name for each in marked] == queues
        assert {each.inbox for each in marked} == {queues[0]}
    assert inbox_of("probe.thing-counted.v2@replay") == "probe.thing-counted.v2@replay"
    for wrong in ("bulk", "statistics.v2"):
        with pytest.raises(ValueError, match="can't be called"):
            subscribe(ThingCounted, name=wrong)(hear)
