"""What an owner allows: asked before data leaves, written down when it is given (UU 27/2022 art. 20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from contracts.registry import ConsentGiven
from services.registry.storage import enterprises
from services.registry.storage.enterprises import Enterprise
from services.registry.storage.tables import consent as table


def consent_that_holds(uow: UnitOfWork, enterprise: UUID, purpose: str, partner: str | None) -> UUID | None:
    """The consent to a purpose, and for sharing to this partner or unit; None where none was given, or it was withdrawn."""
    found: UUID | None = uow.session.execute(
        select(table.c.id).where(
            table.c.enterprise == enterprise, table.c.purpose == purpose, table.c.withdrawn_at.is_(None),
            func.coalesce(table.c.partner, "") == (partner or ""),
        )
    ).scalar()  # fmt: skip
    return found


def write_consent(
    uow: UnitOfWork, found: Enterprise, *, purpose: str, partner: str | None, how: str, given_at: datetime | None = None
) -> UUID:
    """Write one down and publish it; the enterprise's row is the caller's to store."""
    row: dict[str, Any] = {
        "id": uow.new_id(),
        "enterprise": found.id,
        "unit": found.row["unit"],
        "purpose": purpose,
        "partner": partner,
        "how": how,
        "given_at": given_at or uow.now,
        "given_by": uow.context.account,
    }
    uow.session.execute(table.insert(), row)
    event = ConsentGiven(
        enterprise=found.id,
        consent=row["id"],
        purpose=purpose,  # type: ignore[arg-type]
        partner=partner,
        given_at=row["given_at"],
    )
    enterprises.publish(uow, found, event)
    detail = {"purpose": purpose, "partner": partner}
    uow.audit("consent.given", subject=found.id, unit=found.row["unit"], detail=detail)
    given: UUID = row["id"]
    return given


def require_sharing(uow: UnitOfWork, found: Enterprise, receiver: str, how: str | None) -> None:
    """Raise `registry.consent-missing-conflict` unless the owner allows that `receiver` (a partner, or a unit) gets the data.

    `how` the owner has said so just now is written down as a consent.
    """
    if consent_that_holds(uow, found.id, "sharing", receiver) is not None:
        return
    if how is None:
        raise PlutError(
            "registry.consent-missing-conflict",
            f"The owner has not allowed that {receiver} gets the data. Ask, and say in `consent_how` how the owner agreed.",
            f"Pemilik belum mengizinkan datanya diberikan kepada {receiver}. Tanyakan, lalu isi `consent_how`.",
            receiver=receiver,
        )
    write_consent(uow, found, purpose="sharing", partner=receiver, how=how)
