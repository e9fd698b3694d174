"""Medians, spreads and ratios of the rounds, beside the goals."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

#: Effects of the set-wise handler beside each contender's; per event half of it will do.
GOALS = {"nameko": 10.0, "faststream": 8.0, "celery": 8.0, "floor": 0.5}
PUBLISH_GOAL = 10.0
Round = dict[str, Any]


def of(figures: dict[str, Any]) -> dict[str, Any]:
    """What is derived: `ratios` (effects, set-wise), the other ratios, `contenders`, `latency`, `goals`."""
    rounds: list[Round] = figures["rounds"]
    names = list(rounds[0])
    found: dict[str, Any] = {"ratios": {}, "contenders": {}, "latency": {}, "goals": []}
    if all("effects" in rounds[0][name] for name in names):
        found["contenders"] = {name: contender(rounds, name) for name in names}
        found |= ratios(rounds, [name for name in names if name in GOALS])
    found["latency"] = {
        name: {
            what: spread(rounds, lambda each, n=name, w=what: each[n]["latency"][w]) for what in ("p50", "p95", "p99")
        }
        for name in names
        if "latency" in rounds[0][name]
    }
    found["goals"] = goals(found)
    return found


def contender(rounds: list[Round], name: str) -> dict[str, Any]:
    """Rates, cost and memory of one."""
    return {
        "publish_per_second": spread(rounds, lambda each: each[name]["publish"]["rate"]),
        "publish_cpu_ms": _costs(rounds, name, "publish"),
        "publisher_peak_mb": spread(rounds, lambda each: each[name]["publish"]["peak_mb"]),
        "effects_per_second": spread(rounds, lambda each: each[name]["effects"]["rate"]),
        "events_per_commit": spread(rounds, lambda each: each[name]["effects"]["events_per_commit"]),
        "cpu_ms": _costs(rounds, name, "effects"),
        "consumer_peak_mb": spread(rounds, lambda each: each[name]["effects"]["peak_mb"]),
    }


def _costs(rounds: list[Round], name: str, step: str) -> dict[str, Any]:
    return {
        part: spread(rounds, lambda each, p=part: each[name][step]["cpu_ms"][p])
        for part in ("own", "database", "broker", "all")
    }


def ratios(rounds: list[Round], others: list[str]) -> dict[str, Any]:
    """Ours by theirs, reckoned round by round; above 1 is better. Only where both were measured."""
    found: dict[str, Any] = {"ratio_spreads": {}}
    for key, ours, value in (
        ("ratios", "setwise", _rate),
        ("ratios_per_event", "each", _rate),
        ("ratios_of_processor_time", "setwise", _thrift),
        ("ratios_of_processor_time_per_event", "each", _thrift),
    ):
        if ours in rounds[0]:
            spreads = {who: _ratio(rounds, ours, who, value) for who in others}
            found[key] = {who: each["median"] for who, each in spreads.items()}
            found["ratio_spreads"][key] = spreads
    if {"setwise", "nameko"} <= set(rounds[0]):
        for key, value in (("ratios_publish", _publish_rate), ("ratios_of_processor_time_publish", _publish_thrift)):
            published = _ratio(rounds, "setwise", "nameko", value)
            found[key] = {"nameko": published["median"]}
            found["ratio_spreads"][key] = {"nameko": published}
    return found


def _ratio(rounds: list[Round], ours: str, theirs: str, value: Callable[[Round], float]) -> dict[str, float]:
    return spread(rounds, lambda each: value(each[ours]) / value(each[theirs]))


def _rate(one: dict[str, Any]) -> float:
    return float(one["effects"]["rate"])


def _thrift(one: dict[str, Any]) -> float:
    return 1 / float(one["effects"]["cpu_ms"]["all"])


def _publish_rate(one: dict[str, Any]) -> float:
    return float(one["publish"]["rate"])


def _publish_thrift(one: dict[str, Any]) -> float:
    return 1 / float(one["publish"]["cpu_ms"]["all"])


def goals(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What was to be reached, what was, and whether that is enough."""
    listed = []
    for who, goal in GOALS.items():
        for key, least, what in (("ratios", goal, "set-wise"), ("ratios_per_event", goal / 2, "per event")):
            if who in found.get(key, {}):
                by_processor = found[key.replace("ratios", "ratios_of_processor_time")][who]
                listed.append(_goal(f"effects {what} ÷ {who}'s", found[key][who], least, by_processor=by_processor))
    if "ratios_publish" in found:
        by_processor = found["ratios_of_processor_time_publish"]["nameko"]
        listed.append(
            _goal("publish ÷ nameko's", found["ratios_publish"]["nameko"], PUBLISH_GOAL, by_processor=by_processor)
        )
    latency = found["latency"]
    for ours in ("each", "setwise"):
        if {ours, "nameko"} <= set(latency):
            for what, most in (("p50", 2.0), ("p99", 1.0)):
                value = latency[ours][what]["median"] / latency["nameko"][what]["median"]
                listed.append(_goal(f"{what} of commit to effect, {ours} ÷ nameko's", value, most, at_most=True))
    return listed


def _goal(
    what: str, value: float, goal: float, *, at_most: bool = False, by_processor: float | None = None
) -> dict[str, Any]:
    met = value <= goal if at_most else value >= goal
    return {
        "what": what,
        "ratio": round(value, 3),
        "goal": goal,
        "at_most": at_most,
        "met": met,
        "by_processor_time": by_processor,
    }


def spread(rounds: list[Round], value: Callable[[Round], float]) -> dict[str, float]:
    """Median, least and most."""
    values = [float(value(each)) for each in rounds]
    return {"median": round(median(values), 4), "min": round(min(values), 4), "max": round(max(values), 4)}
