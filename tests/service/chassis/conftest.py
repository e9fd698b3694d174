"""The probe service for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.service.chassis.probe import Probe, shared_probe
from tests.stack import Corner


@pytest.fixture(scope="module")
def running(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """The probe with all its processes, for the tests of a module that end none of them."""
    with shared_probe(stack, tmp_path_factory.mktemp("probe")) as one:
        one.start_all()
        yield one


@pytest.fixture
def service(running: Probe) -> Probe:
    """The running probe, with empty tables."""
    running.database.execute("TRUNCATE thing, effect, step, plut.failed_event, plut.outbox, plut.audit")
    return running


@pytest.fixture
def probe(corner: Callable[..., Corner], tmp_path: Path) -> Iterator[Probe]:
    """The probe, with its database migrated and nothing running yet."""
    one = Probe(corner(), tmp_path)
    yield one
    one.close()
