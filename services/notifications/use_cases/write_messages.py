"""Write the messages that follow from events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from services.notifications.domain.telling import drafts
from services.notifications.storage import deliveries, messages


def write_messages(*, uow: UnitOfWork, envelopes: Sequence[Envelope[Any]]) -> None:
    """One message per fact, audience and channel; copies by e-mail only to accounts that asked for them."""
    found = [draft for envelope in envelopes for draft in drafts(envelope)]
    wanting = deliveries.with_email(uow.session, {draft.account for draft in found if draft.account})
    messages.write(
        uow.session,
        [each for each in found if each.account is None or each.channel != "email" or each.account in wanting],
        uow.now,
    )
