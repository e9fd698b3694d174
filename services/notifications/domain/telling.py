"""Who is told what: from one event to the messages that it leads to. The README gives the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Final
from uuid import UUID

from contracts import registry
from contracts.access import SYSTEM
from contracts.events import Envelope

OWNER: Final = "owner"
OWNER_BEFORE: Final = "owner-before"

#: Fields whose change an owner is told of: who they are, how they are reached, how the business is named and registered.
TOLD_FIELDS: Final = frozenset({"owner", "name", "kind", "state", "phone", "email", "nib", "npwp", "address"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that is to be written. One per cause, audience and channel, however often the event comes."""

    cause: UUID
    audience: str
    channel: str
    template: str
    unit: str
    params: Mapping[str, Any]
    enterprise: UUID | None = None
    other: UUID | None = None
    """A second enterprise that it is about, whose owner is written to where the first one's has no address."""
    account: str | None = None
    address: str | None = None
    """Where it goes; the address that is known when it is sent, where none is given."""
    correlation_id: str | None = None


def drafts(envelope: Envelope[Any]) -> list[Draft]:
    """The messages that follow from an event; none for most of an import's, which nobody asked to be written to about."""
    return list(_drafts(envelope.data, envelope))


@singledispatch
def _drafts(_: object, __: Envelope[Any]) -> Iterable[Draft]:
    return ()


@_drafts.register
def _(event: registry.EnterpriseRegistered, envelope: Envelope[Any]) -> Iterable[Draft]:
    if event.job is None:
        yield _to_owner(envelope, "enterprise-registered")


@_drafts.register
def _(event: registry.EnterpriseUpdated, envelope: Envelope[Any]) -> Iterable[Draft]:
    told = told_fields(event.fields)
    if event.job is None and told and event.contact is not None and event.contact.email:
        yield _to_owner(envelope, "enterprise-updated", {"fields": told})


@_drafts.register
def _(event: registry.EnterpriseAdvanced, envelope: Envelope[Any]) -> Iterable[Draft]:
    # an import with new figures raises thousands at once: an office that reads in a list has not asked to write to them
    if event.job is None:
        params = {"before": event.before, "after": event.after, "since": event.since.isoformat()}
        yield _to_owner(envelope, "enterprise-advanced", params)
        yield _to_unit(envelope, "unit-enterprise-advanced", envelope.unit, params)


@_drafts.register
def _(event: registry.EnterpriseMerged, envelope: Envelope[Any]) -> Iterable[Draft]:
    yield _to_owner(envelope, "enterprise-merged", enterprise=event.into, other=event.enterprise)


@_drafts.register
def _(event: registry.EnterpriseUnmerged, envelope: Envelope[Any]) -> Iterable[Draft]:
    yield _to_owner(envelope, "enterprise-unmerged", enterprise=event.out_of, other=event.enterprise)


@_drafts.register
def _(event: registry.EnterpriseTransferred, envelope: Envelope[Any]) -> Iterable[Draft]:
    units = {"from_unit": event.from_unit, "to_unit": event.to_unit}
    yield _to_owner(envelope, "enterprise-transferred", units)
    yield _to_unit(envelope, "unit-enterprise-arrived", event.to_unit, units)
    yield _to_unit(envelope, "unit-enterprise-left", event.from_unit, units)


@_drafts.register
def _(event: registry.ImportCompleted, envelope: Envelope[Any]) -> Iterable[Draft]:
    counts = {name: getattr(event, name) for name in ("rows", "new", "same", "review", "broken")}
    params = {"import": str(event.job), **counts}
    if envelope.actor in (None, SYSTEM.account):
        yield _to_unit(envelope, "import-completed", envelope.unit, params, about=False)
    else:
        yield _to_account(envelope, "import-completed", "inbox", params)
        yield _to_account(envelope, "import-completed", "email", params)


@_drafts.register
def _(event: registry.PersonRequestDue, envelope: Envelope[Any]) -> Iterable[Draft]:
    template = "unit-person-request-overdue" if event.overdue else "unit-person-request-due"
    yield _to_unit(
        envelope, template, envelope.unit, _of_request(event) | {"missing": list(event.missing)}, about=False
    )


@_drafts.register
def _(event: registry.PersonRequestCompleted, envelope: Envelope[Any]) -> Iterable[Draft]:
    yield _to_unit(envelope, f"unit-person-{event.kind}-completed", envelope.unit, _of_request(event), about=False)


def _of_request(event: registry.PersonRequestDue | registry.PersonRequestCompleted) -> dict[str, Any]:
    return {"request": str(event.request), "kind": event.kind, "due_at": event.due_at.isoformat()}


def told_fields(fields: tuple[str, ...]) -> list[str]:
    """The changed fields that an owner is told of, in the API's words, without repeats."""
    return list(dict.fromkeys(name for name in fields if name.partition(".")[0] in TOLD_FIELDS))


def addresses_changed(
    envelope: Envelope[registry.EnterpriseUpdated], email: str | None, phone: str | None
) -> Iterator[Draft]:
    """What goes to the e-mail address and to the phone that were known before, where a person changed them.

    Whoever gets hold of a record and puts in an address of their own must not be the only one who is told: by a phone
    somebody can sign in as the owner.
    """
    event = envelope.data
    now = (event.contact.email, event.contact.phone) if event.contact else (None, None)
    told = (("email", "address-changed", email, now[0]), ("sms", "phone-changed", phone, now[1]))
    for channel, template, before, after in told:
        if event.job is None and before and before != after:
            yield Draft(
                cause=envelope.id, audience=OWNER_BEFORE, channel=channel, template=template, unit=envelope.unit,
                params={}, enterprise=event.enterprise, address=before, correlation_id=envelope.correlationid,
            )  # fmt: skip


def undeliverable(*, message: UUID, template: str, unit: str, enterprise: UUID, reason: str) -> Draft:
    """What a unit is told when mail to an owner came to nothing: the address wants looking at."""
    return Draft(
        cause=message, audience=f"unit:{unit}", channel="inbox", template="unit-mail-undeliverable", unit=unit,
        params={"template": template, "reason": reason}, enterprise=enterprise,
    )  # fmt: skip


def _to_owner(
    envelope: Envelope[Any],
    template: str,
    params: Mapping[str, Any] | None = None,
    *,
    enterprise: UUID | None = None,
    other: UUID | None = None,
) -> Draft:
    return Draft(
        cause=envelope.id, audience=OWNER, channel="email", template=template, unit=envelope.unit, params=params or {},
        enterprise=enterprise or UUID(envelope.subject), other=other, correlation_id=envelope.correlationid,
    )  # fmt: skip


def _to_unit(
    envelope: Envelope[Any], template: str, unit: str, params: Mapping[str, Any], *, about: bool = True
) -> Draft:
    return Draft(
        cause=envelope.id, audience=f"unit:{unit}", channel="inbox", template=template, unit=unit, params=params,
        enterprise=UUID(envelope.subject) if about else None, correlation_id=envelope.correlationid,
    )  # fmt: skip


def _to_account(envelope: Envelope[Any], template: str, channel: str, params: Mapping[str, Any]) -> Draft:
    return Draft(
        cause=envelope.id, audience=f"account:{envelope.actor}", channel=channel, template=template,
        unit=envelope.unit, params=params, account=envelope.actor, correlation_id=envelope.correlationid,
    )  # fmt: skip
