from __future__ import annotations

from typing import Any

import pytest

from tests.bench.events import summary, table


def one(rate: float, cpu: float, **latency: float) -> dict[str, Any]:
    """What one round knows of one contender."""
    cost = {"own": cpu / 2, "database": cpu / 4, "broker": cpu / 4, "all": cpu}
    effects = {"rate": rate, "seconds": 1.0, "events_per_commit": 1.0, "cpu_ms": cost, "peak_mb": 80.0}
    found: dict[str, Any] = {
        "publish": {"rate": rate, "cpu_ms": cost, "peak_mb": 60.0},
        "effects": effects,
        "load": 0.0,
    }
    return found | ({"latency": latency} if latency else {})


def figures(*rounds: dict[str, Any]) -> dict[str, Any]:
    machine = {"processors": 2, "load": 0.5}
    found = {"events": 100, "rounds": list(rounds), "machine": machine}
    return found | summary.of(found)


def goal(found: dict[str, Any], what: str) -> dict[str, Any]:
    return next(each for each in found["goals"] if each["what"] == what)


def test_a_ratio_is_of_the_same_round_and_the_median_is_told() -> None:
    # a machine that is busy in the second round slows both: the ratio stays
    found = figures(
        {"setwise": one(5000, 0.2), "nameko": one(500, 4)},
        {"setwise": one(50, 0.2), "nameko": one(5, 4)},
        {"setwise": one(6000, 0.2), "nameko": one(500, 4)},
    )
    assert found["ratios"] == {"nameko": 10}
    assert found["ratio_spreads"]["ratios"]["nameko"] == {"median": 10, "min": 10, "max": 12}
    assert found["ratios_of_processor_time"] == {"nameko": 20}
    assert found["contenders"]["nameko"]["effects_per_second"] == {"median": 500, "min": 5, "max": 500}


def test_per_event_half_of_the_ratio_will_do() -> None:
    found = figures({"setwise": one(900, 0.2), "each": one(500, 0.4), "nameko": one(100, 4)})
    assert not goal(found, "effects set-wise ÷ nameko's")["met"]
    assert goal(found, "effects per event ÷ nameko's")["met"]
    assert goal(found, "effects per event ÷ nameko's")["goal"] == 5


@pytest.mark.parametrize(
    ("p50", "p99", "met"), [(9, 20, (True, True)), (11, 20, (False, True)), (9, 41, (True, False))]
)
def test_latency_may_be_twice_in_the_middle_but_no_worse_at_the_end(
    p50: float, p99: float, met: tuple[bool, bool]
) -> None:
    found = figures(
        {"each": one(1, 1, p50=p50, p95=p99, p99=p99), "nameko": one(1, 1, p50=5, p95=30, p99=40)},
    )
    names = [f"{what} of commit to effect, each ÷ nameko's" for what in ("p50", "p99")]
    assert tuple(goal(found, name)["met"] for name in names) == met


def test_what_was_not_measured_is_not_told() -> None:
    latency_only = {"setwise": {"latency": {"p50": 1.0, "p95": 2.0, "p99": 3.0}}}
    found = figures(latency_only)
    assert (found["ratios"], found["contenders"], found["goals"]) == ({}, {}, [])
    assert "published/s" not in table.text(found)


def test_the_table_tells_every_contender_and_every_goal() -> None:
    text = table.text(figures({"setwise": one(900, 0.2), "nameko": one(100, 4), "floor": one(1000, 0.1)}))
    assert "900 (900 to 900)" in text
    assert text.count("met") == 1
    assert text.count("MISSED") == 2
