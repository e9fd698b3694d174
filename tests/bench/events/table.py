"""The figures for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def text(figures: dict[str, Any]) -> str:
    """All tables that there are figures for."""
    parts = [_contenders(figures["contenders"]), _latency(figures["latency"]), _backlog(figures.get("backlog", {}))]
    parts += [_processes(figures.get("processes", {})), _goals(figures["goals"])]
    about = figures["machine"]
    parts.append(
        f"{figures['events']:,} events, {len(figures['rounds'])} rounds; {about['processors']} processors,"
        f" load {about['load']:.1f} at the end"
    )
    return "\n\n".join(part for part in parts if part)


def _contenders(contenders: dict[str, Any]) -> str:
    rows = [
        (
            name,
            _spread(each["publish_per_second"], ",.0f"),
            f"{each['publish_cpu_ms']['all']['median']:.3f}",
            _spread(each["effects_per_second"], ",.0f"),
            *(f"{each['cpu_ms'][part]['median']:.3f}" for part in ("own", "database", "broker", "all")),
            f"{each['publisher_peak_mb']['median']:.0f} + {each['consumer_peak_mb']['median']:.0f}",
            f"{each['events_per_commit']['median']:.0f}",
        )
        for name, each in contenders.items()
    ]
    return _table(
        (
            "",
            "published/s",
            "ms CPU",
            "effects/s",
            "ms CPU per effect: own",
            "database",
            "broker",
            "all",
            "peak MB",
            "per commit",
        ),
        rows,
    )


def _latency(latency: dict[str, Any]) -> str:
    rows = [(name, *(_spread(each[what], ",.1f") for what in ("p50", "p95", "p99"))) for name, each in latency.items()]
    return _table(("commit to effect, ms, 300/s", "p50", "p95", "p99"), rows)


def _backlog(backlog: dict[str, Any]) -> str:
    rows = [
        (
            name,
            f"{each['events']:,}",
            f"{each['publish']['rate']:,.0f}",
            f"{each['publish']['peak_mb']:.0f}",
            f"{each['effects']['rate']:,.0f}",
            f"{each['effects']['peak_mb']:.0f}",
            f"{each['effects']['seconds']:.1f}",
        )
        for name, each in backlog.items()
    ]
    return _table(("backlog", "events", "published/s", "relay MB", "effects/s", "consumer MB", "seconds"), rows)


def _processes(processes: dict[str, Any]) -> str:
    rows = [
        (name, each["processes"], f"{each['rate']:,.0f}", *(f"{value:.3f}" for value in each["cpu_ms"].values()))
        for name, some in processes.items()
        for each in some
    ]
    return _table(("", "processes", "effects/s", "ms CPU per effect: own", "database", "broker", "all"), rows)


def _goals(goals: list[dict[str, Any]]) -> str:
    rows = [
        (
            each["what"],
            f"{each['ratio']:.2f}",
            "" if each["by_processor_time"] is None else f"{each['by_processor_time']:.2f}",
            f"{'≤' if each['at_most'] else '≥'} {each['goal']:g}",
            "met" if each["met"] else "MISSED",
        )
        for each in goals
    ]
    return _table(("goal", "ratio by the clock", "by processor time", "asked", "by the clock"), rows)


def _spread(values: dict[str, float], shape: str) -> str:
    return f"{values['median']:{shape}} ({values['min']:{shape}} to {values['max']:{shape}})"


def _table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [[str(cell) for cell in row] for row in rows]
    if not lines:
        return ""
    widths = [max(map(len, column)) for column in zip(headers, *lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [list(headers), *lines]
    )
