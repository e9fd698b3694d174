"""What a service's `jobs.py` marks its functions with, and how the worker finds them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, TypeVar

from chassis.database import Database
from chassis.jobs.work import Work
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork

F = TypeVar("F", bound=Callable[..., Any])
_JOB: Final = "__plut_job__"
_EVERY: Final = "__plut_every__"
_CONTINUOUSLY: Final = "__plut_continuously__"


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Work by the clock: `function(uow)`, at the times of a cron expression."""

    cron: str
    name: str
    function: Callable[[UnitOfWork], None]


@dataclass(frozen=True, slots=True)
class Means:
    """What continuous work has at hand; `stopping` is set when the worker is being shut down."""

    settings: Settings
    database: Database
    stopping: threading.Event


@dataclass(frozen=True, slots=True)
class Continuous:
    """Work that goes on all the time: `begin(means)` gives `step()`, which says how much it did."""

    name: str
    pause: float
    begin: Callable[[Means], Callable[[], int]]


def job(kind: str) -> Callable[[F], F]:
    """Make a function of `services/<service>/jobs.py` carry out jobs of `kind`: `(work) -> result as JSON values`."""

    def mark(function: F) -> F:
        setattr(function, _JOB, kind)
        return function

    return mark


def every(cron: str, name: str) -> Callable[[F], F]:
    """Make a function of `services/<service>/jobs.py` run by the clock: `(uow) -> None`.

    It runs once per time, whatever the number of workers.
    """

    def mark(function: F) -> F:
        setattr(function, _EVERY, Clockwork(cron, name, function))
        return function

    return mark


def continuously(name: str, *, pause: float = 1.0) -> Callable[[F], F]:
    """Make a function of `services/<service>/jobs.py` begin work that goes on as long as the worker does.

    `(means) -> step`, and `step() -> int` does a bounded share of what is due and returns how much that was: it is called
    again at once while there was something, otherwise after `pause` seconds. Every worker runs it, so what a step takes
    it must claim (`FOR UPDATE SKIP LOCKED` and a lease).
    """

    def mark(function: F) -> F:
        setattr(function, _CONTINUOUSLY, Continuous(name, pause, function))
        return function

    return mark


def jobs_in(module: ModuleType | None) -> dict[str, Callable[[Work], Any]]:
    """A module's jobs by kind."""
    return {getattr(each, _JOB): each for each in _functions(module) if hasattr(each, _JOB)}


def clockwork_in(module: ModuleType | None) -> list[Clockwork]:
    """A module's work by the clock."""
    return [getattr(each, _EVERY) for each in _functions(module) if hasattr(each, _EVERY)]


def continuous_in(module: ModuleType | None) -> list[Continuous]:
    """A module's continuous work."""
    return [getattr(each, _CONTINUOUSLY) for each in _functions(module) if hasattr(each, _CONTINUOUSLY)]


def _functions(module: ModuleType | None) -> list[Any]:
    return [each for each in vars(module).values() if callable(each)] if module else []
