"""One measurement of one contender: a queue is filled, then emptied; by the database's commit times."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from chassis.settings import Settings
from tests.bench.events import machine, material
from tests.bench.events.ground import BenchError, Ground
from tests.bench.events.line_up import Contender

_SPAN = (
    "WITH done AS MATERIALIZED (SELECT pg_xact_commit_timestamp(xmin) AS at FROM business)"
    " SELECT extract(epoch FROM max(at) - min(at))::float, count(*) FILTER (WHERE at > (SELECT min(at) FROM done)),"
    " count(DISTINCT at) FROM done"
)
_SENT = (
    "SELECT extract(epoch FROM max(sent_at) - min(sent_at))::float,"
    " count(*) FILTER (WHERE sent_at > (SELECT min(sent_at) FROM plut.outbox)), count(*) FROM plut.outbox"
)
_EFFECTS = "SELECT count(*) FROM business"


class Trial:
    """Publishes and takes in on one ground."""

    def __init__(self, contender: Contender, ground: Ground, meter: machine.Meter) -> None:
        self.contender = contender
        self.ground = ground
        self._meter = meter

    def prepare(self) -> None:
        """Have the consumer declare its queue, once."""
        consumer = self.ground.start(self.contender.consumer)
        self.ground.wait_for_consumers(self.contender.queue, 1, [consumer])
        self.ground.stop(consumer)

    def publish(self, file: Path, number: int) -> dict[str, Any]:
        """Fill the queue; events per second, and the publisher's processor time and memory."""
        self.ground.empty()
        figures = self._relay(number) if self.contender.is_ours else self._publish(file, number)
        self.ground.wait_for_messages(self.contender.queue, number)
        return figures

    def _publish(self, file: Path, number: int) -> dict[str, Any]:
        assert self.contender.publisher is not None
        before = self._meter.read([])
        figures = self.ground.run(self.contender.publisher(file))
        after = self._meter.read([])
        cost = _cost(before, after | {"own": figures["cpu"]}, number)
        return {"rate": number / figures["seconds"], "cpu_ms": cost, "peak_mb": figures["peak_mb"]}

    def _relay(self, number: int) -> dict[str, Any]:
        material.fill_outbox(Settings.from_environment(self.ground.environment), self.contender.service, number)
        relay = self.ground.start([sys.executable, "-m", "chassis.relay", self.contender.service])
        with ExitStack() as closing:
            closing.callback(self.ground.stop, relay)
            database = closing.enter_context(self.ground.look())
            unsent = "SELECT count(*) FROM plut.outbox WHERE sent_at IS NULL"
            started = self._until(database, unsent, lambda left: left < number, [relay], 0.02)
            before = self._meter.read([relay.pid])
            self._until(database, unsent, lambda left: left == 0, [relay], 0.1)
            after = self._meter.read([relay.pid])
            memory = machine.peak_mb(relay.pid)
            span, count, _ = database.execute(_SENT).fetchone()  # type: ignore[misc]
        return {"rate": count / span, "cpu_ms": _cost(before, after, started), "peak_mb": memory}

    def take_in(self, number: int, processes: int = 1) -> dict[str, Any]:
        """Empty the queue by so many processes: effects per second, cost of each, memory."""
        with ExitStack() as closing:
            database = closing.enter_context(self.ground.look())
            consumers = []
            for _ in range(processes):
                consumers.append(self.ground.start(self.contender.consumer))
                closing.callback(self.ground.stop, consumers[-1])
            pids = [each.pid for each in consumers]
            there = self._until(database, _EFFECTS, lambda found: found > 0, consumers, 0.02)
            before = self._meter.read(pids)
            self.wait_for_effects(database, number, consumers)
            after = self._meter.read(pids)
            memory = [machine.peak_mb(pid) for pid in pids]
            span, after_first, commits = database.execute(_SPAN).fetchone()  # type: ignore[misc]
            self._check(database, number)
        return {
            "rate": after_first / span,
            "seconds": span,
            "events_per_commit": number / commits,
            "cpu_ms": _cost(before, after, number - there),
            "peak_mb": max(memory),
        }

    def wait_for_effects(
        self, database: psycopg.Connection[Any], number: int, processes: list[subprocess.Popen[str]]
    ) -> None:
        """Until there are so many effects."""
        self._until(database, _EFFECTS, lambda found: found == number, processes, 0.1)

    def _until(
        self, database: psycopg.Connection[Any], query: str, done: Any, processes: list[subprocess.Popen[str]],
        pause: float,
    ) -> int:  # fmt: skip
        deadline = time.monotonic() + 900
        while True:
            row = database.execute(query).fetchone()  # type: ignore[call-overload]
            if done(row[0]):
                return int(row[0])
            for process in processes:
                if process.poll() is not None:
                    raise BenchError(f"{self.contender.name} has ended:\n{self.ground.log_of(process)}")
            if time.monotonic() > deadline:
                raise BenchError(f"{self.contender.name} is not done after 15 minutes:\n{row}")
            time.sleep(pause)

    def _check(self, database: psycopg.Connection[Any], number: int) -> None:
        """The same for everybody: an inbox row and an upsert for each event."""
        inbox = "plut.inbox" if self.contender.is_ours else "inbox"
        rows = database.execute(f"SELECT count(*) FROM {inbox}").fetchone()  # type: ignore[arg-type]
        if rows != (number,):
            raise BenchError(f"{self.contender.name} has {rows} inbox rows, not {number}")


def _cost(before: dict[str, float], after: dict[str, float], number: int) -> dict[str, float]:
    """Milliseconds of processor for each of `number` events: by process, and `all` of them."""
    cost = {name: (after[name] - before[name]) / number * 1000 for name in after}
    return cost | {"all": sum(cost.values())}
