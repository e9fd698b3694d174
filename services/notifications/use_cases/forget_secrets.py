"""Forget secrets that are of no use any more, also where no sender gets to their messages."""

from __future__ import annotations

from chassis.log import logger
from chassis.unit_of_work import UnitOfWork
from services.notifications.storage import messages

log = logger(__name__)


def forget_secrets(*, uow: UnitOfWork) -> None:
    """Suppress what has expired, which scrubs its secret."""
    if count := messages.expire(uow.session):
        log.info("messages expired", count=count)
