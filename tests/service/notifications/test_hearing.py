"""From events to recipients and messages: once per fact, whatever the order."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import pytest

from chassis.identifiers import new_id
from contracts.registry import (
    ConsentWithdrawn,
    Contact,
    EnterpriseMerged,
    EnterpriseRemoved,
    EnterpriseTransferred,
)
from tests.service.notifications.mail_server import SmtpServer
from tests.service.notifications.office import (
    SITI,
    Office,
    advanced,
    envelope,
    imported,
    mails_for,
    registered,
    updated,
)

RECIPIENT = "SELECT business, person, email, unit, state FROM recipient"


def test_an_event_that_comes_twice_leads_to_one_message(office: Office) -> None:
    event = registered()
    office.hear(event, event)
    office.hear(event)
    # as long afterwards as one likes: the inbox has forgotten it, the fact has not
    office.rows("DELETE FROM plut.inbox RETURNING 1")
    office.hear(event)
    assert office.rows("SELECT template, audience, channel FROM message") == [
        ("enterprise-registered", "owner", "email")
    ]


def test_an_older_event_never_overwrites_a_newer_one(office: Office) -> None:
    enterprise = new_id()
    newer = updated(enterprise, 3, contact=Contact(name="Siti", email="new@umkm.example"), business="Dapur Baru")
    older = updated(enterprise, 2, contact=Contact(name="Siti", email="old@umkm.example"))
    office.hear(newer)
    office.hear(older)
    office.hear(registered(enterprise))
    assert office.rows(RECIPIENT) == [("Dapur Baru", "Siti", "new@umkm.example", "21.71", "active")]


def test_swapped_neighbours_within_a_batch_come_to_the_same(office: Office) -> None:
    enterprise = new_id()
    versions = [updated(enterprise, number, business=f"Nama {number}") for number in (4, 2, 5, 3)]
    office.hear(*versions)
    assert office.rows(RECIPIENT)[0][0] == "Nama 5"


def test_facets_of_a_recipient_do_not_keep_each_other_out(office: Office) -> None:
    enterprise = new_id()
    withdrawn = ConsentWithdrawn(
        enterprise=enterprise, consent=new_id(), purpose="service", withdrawn_at=dt.datetime.now(dt.UTC)
    )
    office.hear(envelope(withdrawn, subject=enterprise, version=5))
    office.hear(updated(enterprise, 4))
    assert office.rows("SELECT email, may_serve FROM recipient") == [("siti@umkm.example", False)]


def test_consent_to_something_else_changes_nothing(office: Office, smtp: SmtpServer) -> None:
    event = registered()
    enterprise = event.data.enterprise
    withdrawn = ConsentWithdrawn(
        enterprise=enterprise, consent=new_id(), purpose="publication", withdrawn_at=dt.datetime.now(dt.UTC)
    )
    office.hear(event, envelope(withdrawn, subject=enterprise, version=2))
    office.send(smtp.port)
    assert smtp.recipients == ["siti@umkm.example"]


def test_what_was_removed_is_forgotten_and_not_written_to(office: Office, smtp: SmtpServer) -> None:
    job = new_id()
    event = registered()
    enterprise = event.data.enterprise
    office.hear(event)
    office.hear(envelope(EnterpriseRemoved(enterprise=enterprise, job=job), subject=enterprise, version=2))
    # late news from before brings nobody back
    office.hear(updated(enterprise, 1, job=job))
    office.send(smtp.port)
    assert office.rows(RECIPIENT) == [(None, None, None, "21.71", "removed")]
    assert office.states() == [("suppressed", 1, "removed")]
    assert smtp.mails == []


def test_an_import_writes_to_nobody_but_its_officer(office: Office, smtp: SmtpServer) -> None:
    job = new_id()
    rows = [registered(job=job) for _ in range(300)] + [updated(new_id(), 2, job=job) for _ in range(300)]
    office.hear(*rows, imported(actor="0199-officer"))
    office.send(smtp.port)
    assert smtp.mails == []
    assert office.rows("SELECT count(*) FROM recipient") == [(600,)]
    assert office.inbox() == [("import-completed", "21.71", "0199-officer")]


def test_an_import_by_the_platform_itself_is_told_to_the_unit(office: Office) -> None:
    office.hear(imported(actor="system"))
    assert office.inbox() == [("import-completed", "21.71", None)]


def test_naik_kelas_is_told_to_the_owner_and_to_the_unit(office: Office, smtp: SmtpServer) -> None:
    event = registered(job=new_id())
    office.hear(event, advanced(event.data.enterprise))
    office.send(smtp.port)
    assert smtp.recipients == ["siti@umkm.example"]
    assert smtp.mails[0]["Subject"] == "Selamat, Dapur Siti naik kelas"
    assert office.inbox() == [("unit-enterprise-advanced", "21.71", None)]


def test_news_about_an_enterprise_that_is_not_known_yet_waits(office: Office, smtp: SmtpServer) -> None:
    event = registered(job=new_id())
    office.hear(advanced(event.data.enterprise))
    office.send(smtp.port)
    assert office.states() == [("waiting", 0, None)]
    office.hear(event)
    office.make_due()
    office.send(smtp.port)
    assert smtp.recipients == ["siti@umkm.example"]
    assert office.states() == [("sent", 1, None)]


def test_a_merge_is_told_to_whoever_of_the_two_can_be_reached(office: Office, smtp: SmtpServer) -> None:
    kept, second = registered(contact=Contact(name="Siti"), job=new_id()), registered(job=new_id())
    into, enterprise = kept.data.enterprise, second.data.enterprise
    merge = EnterpriseMerged(enterprise=enterprise, into=into, merge=new_id())
    office.hear(kept, second, envelope(merge, subject=enterprise, version=2))
    office.send(smtp.port)
    assert smtp.recipients == ["siti@umkm.example"]
    assert office.rows("SELECT enterprise, state FROM recipient WHERE state = 'merged'") == [(enterprise, "merged")]


def test_a_transfer_is_told_to_the_owner_and_both_units(office: Office, smtp: SmtpServer) -> None:
    event = registered(job=new_id())
    enterprise = event.data.enterprise
    transfer = EnterpriseTransferred(enterprise=enterprise, from_unit="21.71", to_unit="21.72", contact=SITI)
    office.hear(event, envelope(transfer, subject=enterprise, version=2, unit="21.72"))
    office.send(smtp.port)
    assert [row[:2] for row in office.inbox()] == [
        ("unit-enterprise-arrived", "21.72"),
        ("unit-enterprise-left", "21.71"),
    ]
    assert len(smtp.mails) == 1
    assert office.rows("SELECT unit, unit_version FROM recipient") == [("21.72", 2)]


@pytest.mark.parametrize(
    ("fields", "told"), [(("kbli",), 0), (("owner.email", "products"), 1), (("address.street",), 1)]
)
def test_owners_are_told_of_changes_that_concern_them(office: Office, fields: tuple[str, ...], told: int) -> None:
    office.hear(updated(new_id(), 2, fields=fields))
    assert office.rows("SELECT count(*) FROM message") == [(told,)]


def test_a_changed_address_is_told_to_the_former_one_too(office: Office, smtp: SmtpServer) -> None:
    enterprise = new_id()
    office.hear(registered(enterprise, job=new_id()))
    change = updated(enterprise, 2, fields=("owner.email",), contact=Contact(name="Siti", email="new@umkm.example"))
    office.hear(change, change)
    office.rows("DELETE FROM plut.inbox RETURNING 1")
    office.hear(change)
    office.send(smtp.port)
    assert sorted(smtp.recipients) == ["new@umkm.example", "siti@umkm.example"]


def test_a_changed_address_in_an_import_is_told_to_nobody(office: Office, smtp: SmtpServer) -> None:
    enterprise, job = new_id(), new_id()
    office.hear(registered(enterprise, job=job))
    office.hear(updated(enterprise, 2, contact=Contact(name="Siti", email="new@umkm.example"), job=job))
    office.send(smtp.port)
    assert smtp.mails == []


def test_five_thousand_events_are_taken_in_quickly(
    office: Office, record_property: Callable[[str, object], None]
) -> None:
    events = mails_for(5000)
    began = time.perf_counter()
    for start in range(0, 5000, 200):
        office.hear(*events[start : start + 200])
    seconds = time.perf_counter() - began
    assert office.rows("SELECT (SELECT count(*) FROM recipient), (SELECT count(*) FROM message)") == [(5000, 5000)]
    record_property("events_per_second", round(5000 / seconds))
    # far above what it takes; one statement per event would miss it
    assert seconds < 20
