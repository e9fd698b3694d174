"""Tell the former address of an owner that it was changed."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.registry import EnterpriseUpdated
from services.notifications.domain.telling import address_changed
from services.notifications.storage import messages, recipients


def warn_former_addresses(*, uow: UnitOfWork, envelopes: Sequence[Envelope[EnterpriseUpdated]]) -> None:
    """To be called before the new addresses are kept: afterwards nobody knows the former ones any more."""
    typed_in = [each for each in envelopes if each.data.job is None]
    before = recipients.emails_before(
        uow.session, [{"enterprise": each.data.enterprise, "version": each.version} for each in typed_in]
    )
    drafts = [address_changed(each, before.get(each.data.enterprise)) for each in typed_in]
    messages.write(uow.session, [draft for draft in drafts if draft], uow.now)
