"""Facts that the registry publishes: what became of an enterprise, and of its owner's consent.

Thin by rule: identifiers, states, codes, amounts and dates. Never a NIK, never free text about a person. Personal fields
that a consumer cannot do without live in :class:`Contact`, so that they are seen, and stripped for partners that have no
consent. `subject` is the enterprise and `sequence` its version, except for :class:`ImportCompleted` (the import).
"""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from contracts.events import Event
from contracts.personal_data import Answer

Kind = Literal["perorangan", "cv", "pt", "pt-perorangan", "koperasi", "calon", "lainnya"]
Size = Literal["micro", "small", "medium", "large"]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to reach about an enterprise. Personal data: dropped before an event leaves for a partner without consent."""

    name: str
    phone: str | None = None
    """E.164, such as +6281234567890."""
    email: str | None = None


class EnterpriseRegistered(Event, frozen=True, kw_only=True):
    """An enterprise is known from now on: typed in by a person, or created by a row of an import."""

    enterprise: UUID
    owner: UUID | None = None
    business: str
    """Name of the business."""
    kind: Kind
    district: str | None = None
    """Kemendagri code, such as 21.71.03."""
    village: str | None = None
    kbli: str | None = None
    kbli_version: int | None = None
    job: UUID | None = None
    """The import that created it; none when a person did."""
    contact: Contact | None = None


class EnterpriseUpdated(Event, frozen=True, kw_only=True):
    """Fields of an enterprise or of its owner changed; what it says is the state after the change."""

    enterprise: UUID
    owner: UUID | None = None
    fields: tuple[str, ...]
    """Names of the fields that changed, as the API calls them."""
    business: str
    kind: Kind
    district: str | None = None
    village: str | None = None
    kbli: str | None = None
    kbli_version: int | None = None
    job: UUID | None = None
    contact: Contact | None = None


class EnterpriseClassified(Event, frozen=True, kw_only=True):
    """A size class was reckoned from a measurement (PP 7/2021 art. 35)."""

    enterprise: UUID
    size: Size
    criterion: Literal["capital", "sales"]
    as_of: dt.date
    by_capital: Size | None = None
    by_sales: Size | None = None
    disagrees: bool = False
    """True where capital and sales lead to different classes, so that a person looks at it."""
    job: UUID | None = None


class EnterpriseAdvanced(Event, frozen=True, kw_only=True):
    """Naik kelas: the class rose between two measurements."""

    enterprise: UUID
    before: Size
    after: Size
    since: dt.date
    """Date of the measurement that raised it."""
    job: UUID | None = None
    """The import that brought the measurement; none when a person did."""


class EnterpriseMerged(Event, frozen=True, kw_only=True):
    """`enterprise` was a second record of `into` and is no longer active; undone by :class:`EnterpriseUnmerged`."""

    enterprise: UUID
    into: UUID
    merge: UUID


class EnterpriseUnmerged(Event, frozen=True, kw_only=True):
    """The merge was undone: `enterprise` is active again as it was before, and so is `out_of`."""

    enterprise: UUID
    out_of: UUID
    merge: UUID


class EnterpriseTransferred(Event, frozen=True, kw_only=True):
    """Another unit looks after the enterprise. The envelope's unit is the new one."""

    enterprise: UUID
    from_unit: str
    to_unit: str
    contact: Contact | None = None


class EnterpriseRemoved(Event, frozen=True, kw_only=True):
    """The record was taken back, because the import that made it was undone."""

    enterprise: UUID
    job: UUID


class EnterpriseErased(Event, frozen=True, kw_only=True):
    """What identified the enterprise and its owner was destroyed, because the owner asked for it; its figures stay."""

    enterprise: UUID
    request: UUID


class ConsentGiven(Event, frozen=True, kw_only=True):
    """The owner allowed a purpose; `partner` is set when the purpose is sharing with that partner."""

    enterprise: UUID
    consent: UUID
    purpose: Literal["service", "sharing", "publication"]
    partner: str | None = None
    given_at: dt.datetime


class ConsentWithdrawn(Event, frozen=True, kw_only=True):
    """The owner took a consent back; from now on nothing may rest on it."""

    enterprise: UUID
    consent: UUID
    purpose: Literal["service", "sharing", "publication"]
    partner: str | None = None
    withdrawn_at: dt.datetime


class PersonDataRequested(Event, frozen=True, kw_only=True):
    """A person asks for everything that is known about them, or that it be destroyed. `subject` is the request.

    Every holder of personal data answers with its own *person-data-answered*.
    """

    request: UUID
    kind: Literal["export", "erasure"]
    owners: tuple[UUID, ...]
    enterprises: tuple[UUID, ...]
    due_at: dt.datetime
    """Until when the person is to be answered (UU 27/2022: 72 hours)."""
    recipient: str | None = None
    """For exports: the public key (JWK, X25519) that what is handed over is sealed for."""


class PersonRequestDue(Event, frozen=True, kw_only=True):
    """A person's request is not settled and its deadline is near, or has passed. Said once for each."""

    request: UUID
    kind: Literal["export", "erasure"]
    enterprise: UUID
    due_at: dt.datetime
    overdue: bool
    missing: tuple[str, ...]
    """Services that have not answered; none where the data lies ready and nobody has handed it over."""


class PersonRequestCompleted(Event, frozen=True, kw_only=True):
    """All holders have answered: an export can be handed over, an erasure is done."""

    request: UUID
    kind: Literal["export", "erasure"]
    enterprise: UUID
    due_at: dt.datetime


class PersonDataAnswered(Answer, frozen=True, kw_only=True):
    """The registry has handed over, or destroyed, what it held about a person."""


class ImportCompleted(Event, frozen=True, kw_only=True):
    """A file has been taken in whole. `subject` is the import."""

    job: UUID
    sha256: str
    rows: int
    new: int
    same: int
    review: int
    broken: int
