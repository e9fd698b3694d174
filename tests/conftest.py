"""Broker and database for the tests that need them: one of each per run, a corner of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from deploy.local.temporary import stack_of, temporary_stack
from deploy.processes import ROOT
from tests.stack import Corner, Platform, start_platform

SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For several test processes: what shares a fixture stays together, and the longest begins first.

    Tests of the whole platform share it, and some of its units; the others share what their module has started.
    """
    for item in items:
        shares_platform = "platform" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("platform" if shares_platform else str(item.path)))
    kinds = ("system", "service")
    items.sort(
        key=lambda item: next((n for n, kind in enumerate(kinds) if f"/tests/{kind}/" in str(item.path)), len(kinds))
    )


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """Broker, database and mail catcher. `./plut test` has started them already; a bare pytest starts its own."""
    given = os.environ.get("PLUT_TEST_STACK")
    if given:
        yield stack_of(Path(given))
        return
    with temporary_stack() as own:
        yield own


@pytest.fixture
def corner(stack: LocalStack) -> Iterator[Callable[..., Corner]]:
    """`corner("registry", "notifications")`: a fresh virtual host and those databases, migrated and empty."""
    made: list[Corner] = []

    def make(*databases: str) -> Corner:
        new = Corner(stack, *databases)
        new.make()
        made.append(new)
        return new

    yield make
    for one in made:
        one.remove()


@pytest.fixture(scope="session")
def platform(stack: LocalStack) -> Platform:
    """Everything: migrated, every process ready, an operator's account. Tests share it, so they make units of their own."""
    return start_platform(stack)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of data and tools that lies beside the project where it is developed."""
    if not SHARED.is_dir():
        pytest.skip(f"needs {SHARED}, which isn't on this machine")
    return SHARED
