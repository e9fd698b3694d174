"""One promise being tried: its load, its faults, its ledger, and what is told of it at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import requests

from tests.chaos.faults import Faults
from tests.chaos.grounds import UNITS, Grounds
from tests.chaos.ledger import Ledger, Tally, readable
from tests.chaos.load import Answers, Load, new_name
from tests.chaos.outcome import Outcome, keep_logs, say, tell
from tests.stack import eventually

#: What is left of a load where other tests want the machine's cores, too.
BESIDE_OTHERS = 0.4


class Trial:
    """What a test of a promise works with; `seconds` is about how long it may take.

    `alone` says that nothing else runs on the machine, as in the long form: only then answers may be compared by the clock.
    """

    def __init__(self, promise: str, seconds: float, grounds: Grounds, *, alone: bool) -> None:
        self.promise = promise
        self.seconds = seconds
        self.alone = alone
        self.stack, self.platform, self.witness = grounds.stack, grounds.platform, grounds.witness
        self.faults = Faults(self.stack)
        self.ledger = Ledger(self.stack, self.witness)
        self.outcome = Outcome(promise)
        self.people = grounds.people
        self._loads: list[Answers] = []
        self._began = time.monotonic()
        self._ended = 0.0
        self._swaps = len(self.witness.swaps)

    @contextmanager
    def load(self, rate: float, **options: Any) -> Iterator[Load]:
        """Officers at work for the length of the block, with `rate` requests a second."""
        load = Load(self.people, rate if self.alone else rate * BESIDE_OTHERS, **options)
        self._loads.append(load)
        try:
            with load:
                yield load
        finally:
            self._ended = time.monotonic()

    def count(self, answers: Answers) -> None:
        """Answers that belong to this promise's load."""
        self._loads.append(answers)
        self._ended = time.monotonic()

    def say(self, text: str) -> None:
        """Tell whoever watches."""
        say(self.promise, text)

    def wait(self, seconds: float, load: Load | None = None) -> None:
        """Let it go on for a while, and tell now and then how it goes."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 5))
            if load is not None:
                self.say(f"{len(load.answers)} answers, {self.faults.total} faults, {len(self.witness.seen)} events")

    def settle(self, seconds: float = 60, *, without: Iterable[UUID] = (), swaps: bool = True) -> Tally:
        """Everything committed has its effects once and in order, within `seconds`; fails with what is missing."""
        self.stack.wait_until_whole()
        tally = self.ledger.settle(seconds, without=without)
        self.outcome.committed = tally.committed
        # an event may lack several effects: it is lost once
        self.outcome.lost = len({line.partition(":")[0] for line in tally.lost})
        self.outcome.repeated = len({line.partition(":")[0] for line in tally.repeated})
        swapped = self.witness.swaps[self._swaps :]
        self.outcome.swapped = len(swapped)
        assert tally.clean, readable(tally)
        assert not (swaps and swapped), swapped[:8]
        return tally

    def seconds_until_it_works(self, patience: float) -> float:
        """Seconds until a business that is registered from now on has had its effect; fails after `patience`."""
        began = time.monotonic()
        until = began + patience
        made = eventually(self._register, patience, 0.2)
        with self.stack.connect("ledger") as connection:
            query = "SELECT 1 FROM effect WHERE subject = %s"
            eventually(lambda: connection.execute(query, (made,)).fetchall(), until - time.monotonic())
        return time.monotonic() - began

    def _register(self) -> str:
        """The id of a new business, nothing where that didn't work."""
        body = {"unit": UNITS[0], "name": new_name(), "owner": {"name": new_name()}, "even_if_similar": True}
        try:
            answer = self.people[0].ask("POST", "/registry/enterprises", json=body)
        except requests.RequestException:
            return ""
        return str(answer.json()["id"]) if answer.ok else ""

    def every_write_is_there(self) -> None:
        """What was answered with 2xx is in the registry, in that version or a later one."""
        told = {enterprise: version for load in self._loads for enterprise, version in load.versions.items()}
        with self.stack.connect("registry") as connection:
            query = "SELECT id::text, version FROM enterprise WHERE id = ANY(%s::uuid[])"
            there = dict(connection.execute(query, (list(told),)).fetchall())
        missing = [
            f"{each} v{version}, there is v{there.get(each)}"
            for each, version in told.items()
            if there.get(each, 0) < version
        ]
        assert not missing, missing[:8]

    def close(self, error: BaseException | None) -> None:
        """Tell the outcome."""
        it = self.outcome
        it.seconds = round(time.monotonic() - self._began, 1)
        it.load = sum(len(load.answers) for load in self._loads)
        lasted = sum((load.ended or time.monotonic()) - load.began for load in self._loads)
        it.rate = round(it.load / lasted, 1) if lasted else 0.0
        it.faults += self.faults.total
        it.injected |= dict(self.faults.counts)
        it.slowest_answer = round(max((load.longest() for load in self._loads), default=0.0), 2)
        it.statuses = {str(status): count for load in self._loads for status, count in load.statuses().items()}
        if self._loads:
            it.longest_silence = round(self.witness.silence(self._loads[0].began, self._ended), 1)
        it.passed = error is None
        it.why = "" if error is None else (str(error).splitlines() or [type(error).__name__])[0][:1000]
        tell(it)
        if error is not None:
            keep_logs(self.promise, self.stack.layout.logs)


Try = Callable[[str], AbstractContextManager[Trial]]
"""`with trial("R1") as it:` tries a promise and tells what came of it."""
