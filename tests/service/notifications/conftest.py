"""A database for each test, and a mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.service.notifications.mail_server import SmtpServer
from tests.service.notifications.office import Office
from tests.stack import Corner


@pytest.fixture
def office(corner: Callable[..., Corner]) -> Iterator[Office]:
    """Notifications, its tables empty."""
    one = Office(corner("notifications"))
    yield one
    one.close()


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server that takes mail."""
    with SmtpServer() as server:
        yield server
