"""Broker and database for the tests that need them: one of each per run, a corner of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deploy.local.stack import LocalStack
from deploy.local.temporary import stack_of, temporary_stack
from deploy.processes import ROOT
from tests.stack import Corner, Platform, start_platform

SHARED = ROOT.parent / "shared"

# tests are never timed: what is slow here was slowed down by its neighbours
settings.register_profile("plut", deadline=None)
settings.load_profile("plut")


SYSTEM = "tests/system/"
CHAOS = "tests/chaos/"


class Sharing(LoadScopeScheduling):
    """How test processes share the tests: file by file; those of one platform, whose units they share, all in one.

    Not by pytest-xdist's groups: 3.8 appends their name to an attribute that pytest 9.2 doesn't read any more, and every
    test is a group of its own (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((kind for kind in (SYSTEM, CHAOS) if nodeid.startswith(kind)), nodeid.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first; whoever uses the platform stands where its tests stay together."""
    for item in items:
        if "platform" in getattr(item, "fixturenames", ()) and not item.nodeid.startswith(SYSTEM):
            raise pytest.UsageError(f"{item.nodeid} uses the platform: it belongs into {SYSTEM}")
    kinds = (CHAOS, SYSTEM, "tests/service/")
    items.sort(key=lambda item: next((n for n, kind in enumerate(kinds) if item.nodeid.startswith(kind)), len(kinds)))


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """Broker, database and mail catcher. `./plut test` has started them already; a bare pytest starts its own."""
    given = os.environ.get("PLUT_TEST_STACK")
    if given:
        yield stack_of(Path(given))
        return
    root = os.environ.get("PLUT_TEST_BROKER_ROOT")
    with temporary_stack(broker_root=Path(root) if root else None) as own:
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
