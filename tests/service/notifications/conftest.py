"""A database for each module of tests, and a mail server for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.local.stack import LocalStack
from tests.service.notifications.mail_server import SmtpServer
from tests.service.notifications.office import Office
from tests.stack import Corner


@pytest.fixture(scope="module")
def module_office(stack: LocalStack) -> Iterator[Office]:
    """One corner for a module."""
    corner = Corner(stack, "notifications")
    corner.make()
    one = Office(corner)
    yield one
    one.close()
    corner.remove()


@pytest.fixture
def office(module_office: Office) -> Office:
    """Notifications, its tables empty."""
    module_office.empty()
    return module_office


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server that takes mail."""
    with SmtpServer() as server:
        yield server
