"""Who is told what."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import pytest

from contracts import registry
from contracts.events import Envelope, Event, schema_url, sequence
from services.notifications.domain.telling import Draft, drafts, told_fields

ENTERPRISE, OTHER, JOB = UUID(int=1), UUID(int=2), UUID(int=3)
DUE = dt.datetime(2026, 1, 5, 1, 30, tzinfo=dt.UTC)
KINDS: tuple[Literal["export", "erasure"], ...] = ("export", "erasure")
REACHABLE = registry.Contact(name="Siti", email="siti@umkm.example")


def told(event: Event, *, actor: str | None = "0199") -> list[Draft]:
    kind = type(event)
    envelope: Envelope[Any] = Envelope(
        id=UUID(int=9), source="/plut/registry", type=kind.type, subject=str(ENTERPRISE), unit="21.71", data=event,
        time=dt.datetime(2026, 1, 2, tzinfo=dt.UTC), sequence=sequence(1), dataschema=schema_url(kind), actor=actor,
    )  # fmt: skip
    return drafts(envelope)


def registered(**more: Any) -> Event:
    return registry.EnterpriseRegistered(enterprise=ENTERPRISE, business="Dapur", kind="perorangan", **more)


def updated(*fields: str, **more: Any) -> Event:
    values: dict[str, Any] = {"contact": REACHABLE} | more
    return registry.EnterpriseUpdated(
        enterprise=ENTERPRISE, business="Dapur", kind="perorangan", fields=fields, **values
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (registered(), [("enterprise-registered", "owner", "email")]),
        (registered(job=JOB), []),
        (updated("owner.email"), [("enterprise-updated", "owner", "email")]),
        (updated("owner.email", job=JOB), []),
        (updated("owner.email", contact=None), []),
        (updated("owner.email", contact=registry.Contact(name="Siti")), []),
        (updated("kbli", "latitude", "products"), []),
        (
            registry.EnterpriseAdvanced(
                enterprise=ENTERPRISE, before="micro", after="small", since=dt.date(2026, 1, 2)
            ),
            [("enterprise-advanced", "owner", "email"), ("unit-enterprise-advanced", "unit:21.71", "inbox")],
        ),
        (registry.EnterpriseRemoved(enterprise=ENTERPRISE, job=JOB), []),
        (
            registry.EnterpriseTransferred(enterprise=ENTERPRISE, from_unit="21.72", to_unit="21.71"),
            [
                ("enterprise-transferred", "owner", "email"),
                ("unit-enterprise-arrived", "unit:21.71", "inbox"),
                ("unit-enterprise-left", "unit:21.72", "inbox"),
            ],
        ),
        *(
            (
                registry.PersonRequestDue(
                    request=JOB, kind="export", enterprise=ENTERPRISE, due_at=DUE, overdue=overdue, missing=()
                ),
                [(template, "unit:21.71", "inbox")],
            )
            for overdue, template in ((False, "unit-person-request-due"), (True, "unit-person-request-overdue"))
        ),
        *(
            (
                registry.PersonRequestCompleted(request=JOB, kind=kind, enterprise=ENTERPRISE, due_at=DUE),
                [(f"unit-person-{kind}-completed", "unit:21.71", "inbox")],
            )
            for kind in KINDS
        ),
    ],
)
def test_an_event_is_told_to(event: Event, expected: list[tuple[str, str, str]]) -> None:
    assert [(each.template, each.audience, each.channel) for each in told(event)] == expected


def test_a_merge_is_told_to_the_record_that_stays() -> None:
    [draft] = told(registry.EnterpriseMerged(enterprise=ENTERPRISE, into=OTHER, merge=JOB))
    assert (draft.enterprise, draft.other) == (OTHER, ENTERPRISE)


@pytest.mark.parametrize(
    ("actor", "audiences"), [("0199", ["account:0199"] * 2), ("system", ["unit:21.71"]), (None, ["unit:21.71"])]
)
def test_an_import_is_reported_to_who_started_it(actor: str | None, audiences: list[str]) -> None:
    event = registry.ImportCompleted(job=JOB, sha256="0", rows=1, new=1, same=0, review=0, broken=0)
    assert [each.audience for each in told(event, actor=actor)] == audiences


def test_keys_differ_within_an_event() -> None:
    event = registry.EnterpriseTransferred(enterprise=ENTERPRISE, from_unit="21.72", to_unit="21.71")
    keys = [(each.cause, each.audience, each.channel) for each in told(event)]
    assert len(keys) == len(set(keys))


def test_told_fields_are_those_about_the_person_and_the_business() -> None:
    assert told_fields(("kbli", "owner.phone", "address.rt", "owner.phone")) == ["owner.phone", "address.rt"]
