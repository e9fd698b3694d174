"""Tell the former e-mail address, and the former phone, of an owner that they were changed."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.registry import EnterpriseUpdated
from services.notifications.domain.telling import addresses_changed
from services.notifications.storage import messages, recipients


def warn_former_addresses(*, uow: UnitOfWork, envelopes: Sequence[Envelope[EnterpriseUpdated]]) -> None:
    """To be called before the new addresses are kept: afterwards nobody knows the former ones any more."""
    typed_in = [each for each in envelopes if each.data.job is None]
    before = recipients.addresses_before(
        uow.session, [{"enterprise": each.data.enterprise, "version": each.version} for each in typed_in]
    )
    found = [(each, before[each.data.enterprise]) for each in typed_in if each.data.enterprise in before]
    drafts = [draft for each, (email, phone) in found for draft in addresses_changed(each, email, phone)]
    messages.write(uow.session, drafts, uow.now)
