"""R2: a failing handler loses nothing and harms nobody."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.chaos import mischief
from tests.chaos.grounds import Grounds
from tests.chaos.trial import Try
from tests.service.chassis.probe import Probe
from tests.stack import Corner, eventually

RAISES, DROPS, GARBAGE, UNASKED, MUDDLES, KILLS = 300, 100, 300, 200, 99, 1
WELL = 500
EACH, BULK = "probe.thing-counted", "probe.together"


@pytest.fixture
def probe(grounds: Grounds, tmp_path: Path) -> Iterator[Probe]:
    """The probe in a corner of the platform's broker and database."""
    corner = Corner(grounds.stack)
    corner.make()
    one = Probe(corner, tmp_path)
    mischief.limit_deliveries(one, grounds.stack)
    yield one
    one.close()
    corner.remove()


@pytest.mark.slow
def test_a_thousand_faults_are_seen_and_their_neighbours_are_done_once(trial: Try, probe: Probe) -> None:
    with trial("R2") as it:
        moods = ["raise"] * RAISES + ["drop"] * DROPS + ["well"] * WELL
        random.shuffle(moods)
        # whoever kills its process has neighbours in its batch, and in that of the other subscription
        moods += [mood for _ in range(KILLS) for mood in ("well", "kill", "well")]
        counts = Counter(moods)
        it.outcome.faults = RAISES + DROPS + GARBAGE + UNASKED + MUDDLES + KILLS
        with it.load(10), mischief.Keeper(probe, "chassis.relay", "chassis.runtime", "chassis.worker") as keeper:
            mischief.publish(probe, moods)
            mischief.publish_raw(probe, mischief.unreadable(GARBAGE))
            mischief.ask_without_reply_to(probe, UNASKED)
            it.say("1,000 faults injected; waiting for what becomes of them")
            eventually(lambda: _effects(probe) == {"each": counts["well"], "bulk": len(moods)}, 120, 0.5)
            with suppress(AssertionError):
                eventually(lambda: _failures(probe) == _expected(counts), 60, 0.5)
            assert _failures(probe) == _expected(counts)
            codes = eventually(lambda: _answers(probe))
        it.outcome.figures = {"deaths": keeper.deaths, "taken": len(moods)}
        it.outcome.repeated = len(_repeats(probe))
        assert not _repeats(probe)
        assert set(codes) == {"internal"}
        assert keeper.deaths >= FEW
        _mend(probe)
        it.settle(60)


FEW = mischief.FEW_DELIVERIES


def _effects(probe: Probe) -> dict[str, int]:
    return dict(probe.rows("SELECT handler, count(*) FROM effect GROUP BY 1"))


def _repeats(probe: Probe) -> list[object]:
    return probe.rows("SELECT event_id, handler FROM effect GROUP BY 1, 2 HAVING count(*) > 1")


def _failures(probe: Probe) -> dict[str, int]:
    """Rows that a person can see, by subscription."""
    return dict(probe.rows("SELECT subscription, count(*) FROM plut.failed_event GROUP BY 1"))


def _expected(counts: Counter[str]) -> dict[str, int]:
    """One row each, where the failure was; what can't be read is so for both subscriptions."""
    return {EACH: counts["raise"] + counts["drop"] + counts["kill"] + GARBAGE, BULK: GARBAGE}


def _answers(probe: Probe) -> list[str]:
    """The service is there, and says of each muddle that it is one."""
    return mischief.ask_for_muddle(probe, MUDDLES) if "things" in probe.call("count_things", {}) else []


def _mend(probe: Probe) -> None:
    """A person sees a failure, and drops or retries it."""
    listed = probe.call("list_failed_events", {"subscription": BULK, "limit": 5}, mischief.OPERATOR)["items"]
    assert len(listed) == 5
    assert probe.call("get_failed_event", {"id": listed[0]["id"]}, mischief.OPERATOR)["error"].startswith("unreadable")
    assert probe.call("drop_failed_events", {"subscription": BULK}, mischief.OPERATOR)["count"] == GARBAGE
