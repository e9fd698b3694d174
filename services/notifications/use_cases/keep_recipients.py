"""Keep our own copy of whom to reach, from what the registry tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.registry import (
    ConsentGiven,
    ConsentWithdrawn,
    EnterpriseErased,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseRemoved,
    EnterpriseTransferred,
    EnterpriseUnmerged,
    EnterpriseUpdated,
)
from services.notifications.storage import recipients

_CONSENT_TO_SERVICE = "service"


def keep_contacts(
    *, uow: UnitOfWork, envelopes: Sequence[Envelope[EnterpriseRegistered] | Envelope[EnterpriseUpdated]]
) -> None:
    """Name, person and addresses as they are after each event; several about one enterprise may come in any order."""
    recipients.put_contacts(
        uow.session,
        [
            {
                **_key(envelope),
                "business": envelope.data.business,
                "person": contact.name if (contact := envelope.data.contact) else None,
                "email": contact.email if contact else None,
                "phone": contact.phone if contact else None,
            }
            for envelope in envelopes
        ],
    )


def keep_units(*, uow: UnitOfWork, envelopes: Sequence[Envelope[EnterpriseTransferred]]) -> None:
    """The unit that looks after each enterprise."""
    recipients.put_places(uow.session, [_key(envelope) | {"unit": envelope.data.to_unit} for envelope in envelopes])


def keep_states(
    *,
    uow: UnitOfWork,
    envelopes: Sequence[
        Envelope[EnterpriseMerged]
        | Envelope[EnterpriseUnmerged]
        | Envelope[EnterpriseRemoved]
        | Envelope[EnterpriseErased]
    ],
    state: Literal["active", "merged", "removed"],
) -> None:
    """Whether each record is active, merged into another, or removed; what is removed is forgotten."""
    recipients.put_states(uow.session, [_key(envelope) | {"state": state} for envelope in envelopes])


def keep_consents(
    *, uow: UnitOfWork, envelopes: Sequence[Envelope[ConsentGiven] | Envelope[ConsentWithdrawn]], given: bool
) -> None:
    """Whether the owner may be written to: consent to *service*, until it is withdrawn."""
    recipients.put_consents(
        uow.session,
        [
            _key(envelope) | {"may_serve": given}
            for envelope in envelopes
            if envelope.data.purpose == _CONSENT_TO_SERVICE
        ],
    )


def _key(envelope: Envelope[Any]) -> dict[str, Any]:
    return {"enterprise": UUID(envelope.subject), "unit": envelope.unit, "version": envelope.version}
