"""Forget messages that are past keeping."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from chassis.identifiers import lowest_id
from chassis.log import logger
from chassis.unit_of_work import UnitOfWork
from services.notifications.storage import messages

log = logger(__name__)

#: Long enough to answer what was sent in the year before. A replay of events reaches 30 days back, so none of them can
#: bring a forgotten message to life again.
KEPT: Final = timedelta(days=400)
#: At most so many a night, in one transaction that harms nobody.
MOST: Final = 200_000


def prune_messages(*, uow: UnitOfWork) -> None:
    """Delete ended messages older than `KEPT`, with their read marks."""
    count = messages.prune(uow.session, oldest=lowest_id(uow.now - KEPT), limit=MOST)
    log.info("old messages forgotten", count=count)
