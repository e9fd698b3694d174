"""A person's request for their own data: who is asked, by when, and what is left of a person who had it destroyed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from chassis.jobs import clockwork_in
from chassis.personal_data import take
from chassis.unit_of_work import UnitOfWork
from contracts import gateway, notifications
from contracts import registry as facts
from contracts.access import OWNER as OWNER_ROLE
from contracts.access import SYSTEM, AccessContext, Grant
from contracts.api import registry as api
from contracts.errors import PlutError
from contracts.events import Envelope, decode
from contracts.personal_data import Answer, holders
from services.registry import jobs
from services.registry.queries.my import list_my_looks
from services.registry.queries.owners import get_owner_contact
from services.registry.queries.person_requests import get_person_request, list_person_requests
from services.registry.queries.search_enterprises import search_enterprises
from services.registry.use_cases.export_enterprises import start_export
from services.registry.use_cases.give_consent import give_consent
from services.registry.use_cases.hand_over_person_data import hand_over_person_data
from services.registry.use_cases.merge_enterprises import merge_enterprises
from services.registry.use_cases.my_export import get_my_file
from services.registry.use_cases.request_person_data import request_person_erasure, request_person_export
from services.registry.use_cases.take_person_answer import take_person_answer
from services.registry.use_cases.undo_merge import undo_merge
from services.registry.use_cases.update_enterprise import update_enterprise
from tests.service.registry.registry import BATAM, DATA, Registry

NIK = "2171034107880002"
OWNER = {"owner_fields": {"nik": NIK, "phone": "+6281270001234", "email": "siti@example.com"}}


@pytest.fixture(autouse=True)
def files(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUT_FILES_URL", registry.corner.environment["PLUT_FILES_URL"])


def events(registry: Registry, event_type: type[Any]) -> list[Envelope[Any]]:
    """What was published of a type."""
    query = "SELECT body FROM plut.outbox WHERE type = %s ORDER BY position"
    return [decode(bytes(body)) for (body,) in registry.look.execute(query, (event_type.type,))]


def ask(registry: Registry, kind: str, enterprise: Any, **more: Any) -> Any:
    if kind == "export":
        return registry.call(api.RequestPersonExport, request_person_export, enterprise=enterprise, **more)
    more.setdefault("confirm", "siti rahmawati")
    return registry.call(api.RequestPersonErasure, request_person_erasure, enterprise=enterprise, **more)


def answer_here(registry: Registry) -> None:
    """The registry's own part: its handler, then its worker, then that it hears its own answer."""
    for envelope in events(registry, facts.PersonDataRequested)[-1:]:
        with UnitOfWork(registry.database, SYSTEM) as uow:
            take(uow, envelope)
    registry.run_jobs()
    for answer in events(registry, facts.PersonDataAnswered)[-1:]:
        hear(registry, answer)


def hear(registry: Registry, envelope: Envelope[Answer]) -> None:
    with UnitOfWork(registry.database, SYSTEM) as uow:
        take_person_answer(uow=uow, envelope=envelope)


def answer_elsewhere(registry: Registry, request: Any, part: str | None = None) -> None:
    """Notifications and the gateway knew nothing."""
    own = events(registry, facts.PersonDataAnswered)[-1]
    for answer in (notifications.PersonDataAnswered, gateway.PersonDataAnswered):
        data = answer(request=UUID(str(request)), records=0, part=part)
        hear(registry, msgspec.structs.replace(own, data=data, type=answer.type))


def handed_over(registry: Registry, enterprise: Any) -> Any:
    """A request for an export, answered by all."""
    asked = ask(registry, "export", enterprise)
    answer_here(registry)
    part = registry.look.execute("SELECT answers -> 0 ->> 'part' FROM person_request").fetchone()
    assert part is not None
    answer_elsewhere(registry, asked["id"], part=part[0])
    return asked


def opened(registry: Registry, file: Any) -> str:
    """What a file to hand over says."""
    with registry.files.open(file["file"]) as source:
        archive = zipfile.ZipFile(io.BytesIO(source.read()))
    return "".join(archive.read(name).decode() for name in archive.namelist())


def view(registry: Registry, request: Any) -> Any:
    return registry.call(api.GetPersonRequest, get_person_request, id=request)


def test_all_who_hold_something_are_asked_and_waited_for(registry: Registry) -> None:
    enterprise = registry.register(**OWNER)["id"]
    asked = ask(registry, "export", enterprise)
    assert asked["missing"] == holders() == ["gateway", "notifications", "registry"]
    assert asked["due_at"] - asked["requested_at"] == timedelta(hours=72)
    # asked again while it is under way, it is the same request
    assert ask(registry, "export", enterprise)["id"] == asked["id"]
    (event,) = events(registry, facts.PersonDataRequested)
    assert event.data.enterprises == (enterprise,)
    with pytest.raises(PlutError, match="Still missing"):
        registry.call(api.GetPersonFile, hand_over_person_data, id=asked["id"])
    answer_here(registry)
    assert view(registry, asked["id"])["missing"] == ["gateway", "notifications"]
    answer_elsewhere(registry, asked["id"], part=f"registry/persons/{asked['id']}/1")
    assert view(registry, asked["id"])["state"] == "ready"
    (completed,) = events(registry, facts.PersonRequestCompleted)
    assert completed.data.kind == "export"
    answer_elsewhere(registry, asked["id"])
    assert len(events(registry, facts.PersonRequestCompleted)) == 1
    file = registry.call(api.GetPersonFile, hand_over_person_data, id=asked["id"])
    assert registry.files.size(file["file"]) > 0
    assert view(registry, asked["id"])["state"] == "closed"
    acts = registry.look.execute(
        "SELECT action FROM plut.audit WHERE action LIKE 'person.%' ORDER BY sequence"
    ).fetchall()
    assert {"person.export-requested", "person.export-answered", "person.export-handed-over"} <= {
        act for (act,) in acts
    }


def test_the_deadline_is_watched(registry: Registry) -> None:
    enterprise = registry.register(**OWNER)["id"]
    asked = ask(registry, "export", enterprise)
    (watch,) = [work for work in clockwork_in(jobs) if work.name == "watch-person-requests"]

    def after(hours: float) -> list[bool]:
        """Which warnings have been given, as time goes by."""
        clock: Callable[[], Any] = lambda: asked["requested_at"] + timedelta(hours=hours)  # noqa: E731
        with UnitOfWork(registry.database, SYSTEM, clock=clock) as uow:
            watch.function(uow)
        return [event.data.overdue for event in events(registry, facts.PersonRequestDue)]

    assert after(47) == []
    assert after(49) == after(71) == [False]
    assert after(72.1) == after(200) == [False, True]
    assert events(registry, facts.PersonRequestDue)[0].data.missing == tuple(holders())
    assert view(registry, asked["id"])["overdue"] is False


def test_late_requests_are_found(registry: Registry) -> None:
    enterprise = registry.register(**OWNER)["id"]
    long_ago = "2026-01-02T08:30:00+07:00"
    asked = ask(registry, "export", enterprise, requested_at=long_ago)
    listed = registry.call(api.ListPersonRequests, list_person_requests, overdue=True)["items"]
    assert [each["id"] for each in listed] == [asked["id"]]
    assert registry.call(api.ListPersonRequests, list_person_requests, kind="erasure")["items"] == []
    with pytest.raises(PlutError, match="future"):
        ask(registry, "erasure", enterprise, requested_at="2999-01-02T08:30:00+07:00")


def test_what_identifies_is_destroyed_and_the_figures_stay(registry: Registry) -> None:
    enterprise = registry.register(**OWNER, phone="081270009999", products="keripik")
    ask(registry, "erasure", enterprise["id"])
    answer_here(registry)
    found = registry.get(enterprise["id"])
    assert (found["state"], found["name"], found["phone"], found["products"]) == ("erased", "", None, None)
    assert found["owner"] | {"id": None} == {
        "id": None, "name": "", "nik": None, "nik_state": "missing", "sex": "female", "birth_date": None, "phone": None,
        "email": None,
    }  # fmt: skip
    hits = registry.call(api.SearchEnterprises, search_enterprises, q="Dapur Siti")
    assert hits["items"] == []
    # neither is it in what was published before, for whoever replays it
    (registered,) = events(registry, facts.EnterpriseRegistered)
    assert (registered.data.business, registered.data.contact) == ("", None)
    (erased,) = events(registry, facts.EnterpriseErased)
    assert erased.version == found["version"]
    with pytest.raises(PlutError, match="destroyed"):
        registry.call(
            api.UpdateEnterprise, update_enterprise, id=enterprise["id"], name="Lagi", expected_version=found["version"]
        )
    with pytest.raises(PlutError, match="destroyed"):
        ask(registry, "erasure", enterprise["id"])


def test_what_was_handed_over_before_opens_no_more(registry: Registry) -> None:
    enterprise = registry.register(**OWNER)["id"]
    asked = ask(registry, "export", enterprise)
    answer_here(registry)
    answer_elsewhere(registry, asked["id"], part=f"registry/persons/{asked['id']}/1")
    registry.call(api.GetPersonFile, hand_over_person_data, id=asked["id"])
    ask(registry, "erasure", enterprise)
    answer_here(registry)
    with pytest.raises(PlutError, match="destroyed since"):
        registry.call(api.GetPersonFile, hand_over_person_data, id=asked["id"])


def test_who_is_handed_everything_has_looked_at_everything(registry: Registry) -> None:
    made = registry.register(**OWNER)
    asked = handed_over(registry, made["id"])
    file = registry.call(api.GetPersonFile, hand_over_person_data, id=asked["id"], purpose="Diserahkan langsung")
    assert NIK in opened(registry, file)
    looks = registry.look.execute("SELECT what, purpose FROM access_log").fetchall()
    assert looks == [("data", "Diserahkan langsung")]


def test_a_helper_fetches_it_without_the_number_and_the_owner_sees_that(registry: Registry) -> None:
    made = registry.register(**OWNER)
    asked = handed_over(registry, made["id"])
    owner = UUID(str(made["owner"]["id"]))
    context = AccessContext(account="sari", name="Sari", grants=(Grant(OWNER_ROLE, BATAM),), owners=(owner,))
    for helped in (True, False):
        one = msgspec.structs.replace(context, on_behalf_of=str(owner) if helped else None)
        with UnitOfWork(registry.database, one) as uow:
            file = get_my_file(uow=uow, request={"id": UUID(str(asked["id"]))})
        assert (NIK in opened(registry, file)) is not helped
    with UnitOfWork(registry.database, context) as uow:
        looks = list_my_looks(uow=uow, request={"limit": 10, "enterprise": None})["items"]
    assert [(look["what"], look["for_you"]) for look in looks] == [("data", True)]


def test_consents_end_and_lists_go_with_the_person(registry: Registry) -> None:
    enterprise = registry.register(**OWNER)["id"]
    registry.call(api.GiveConsent, give_consent, enterprise=enterprise, purpose="publication", how="paper")
    registry.call(api.StartExport, start_export, format="csv", search={"unit": BATAM})
    registry.run_jobs()
    [(file,)] = registry.look.execute(
        "SELECT result ->> 'file' FROM plut.job WHERE kind = 'export-enterprises'"
    ).fetchall()
    assert registry.files.size(file) > 0
    ask(registry, "erasure", enterprise)
    answer_here(registry)
    with pytest.raises(FileNotFoundError):
        registry.files.size(file)
    held = registry.look.execute("SELECT withdrawn_at IS NULL, withdrawn_how FROM consent").fetchall()
    assert held == [(False, "erasure")]
    assert len(events(registry, facts.ConsentWithdrawn)) == 1
    [(owner,)] = registry.look.execute("SELECT id FROM owner").fetchall()
    with UnitOfWork(registry.database, SYSTEM) as uow, pytest.raises(PlutError, match="owner-not-found"):
        get_owner_contact(uow=uow, request={"id": owner})


def test_nothing_is_destroyed_without_the_owners_name(registry: Registry) -> None:
    enterprise = registry.register(**OWNER)["id"]
    with pytest.raises(PlutError, match="nothing was destroyed"):
        ask(registry, "erasure", enterprise, confirm="Siti")
    assert events(registry, facts.PersonDataRequested) == []


def test_all_of_a_persons_records_in_the_unit_go_and_no_others(registry: Registry) -> None:
    first, second = registry.register(**OWNER)["id"], registry.register("Warung Siti", **OWNER)["id"]
    other = registry.register("Dapur Ani", "Ani Yudhoyono", owner_fields={"nik": "2171010101900001"})["id"]
    ask(registry, "erasure", first)
    answer_here(registry)
    assert [registry.get(each)["state"] for each in (first, second, other)] == ["erased", "erased", "active"]
    assert registry.get(other)["owner"]["name"] == "Ani Yudhoyono"


def test_a_merge_of_erased_records_is_not_undone(registry: Registry) -> None:
    kept, other = registry.register(**OWNER), registry.register("Dapur Bu Siti", **OWNER)
    merged = registry.call(
        api.MergeEnterprises, merge_enterprises, id=kept["id"], other=other["id"], expected_version=kept["version"],
        other_version=other["version"],
    )  # fmt: skip
    ask(registry, "erasure", kept["id"])
    answer_here(registry)
    with pytest.raises(PlutError, match="destroyed"):
        registry.call(api.UndoMerge, undo_merge, id=merged["id"])
    before = registry.look.execute(
        "SELECT kept_before::text || other_before::text || choices::text FROM merge"
    ).fetchone()
    assert before == ("{}{}{}",)


def test_rows_and_workbooks_of_imports_go_too(registry: Registry) -> None:
    began = registry.begin_import(DATA / "sample-umkm-300.xlsx")
    registry.run_jobs()
    row = registry.look.execute(
        "SELECT r.enterprise, o.name, i.file FROM import_row r JOIN import i ON i.id = r.import_id"
        " JOIN enterprise e ON e.id = r.enterprise JOIN owner o ON o.id = e.owner_id WHERE o.name <> '' LIMIT 1"
    ).fetchone()
    assert row is not None
    enterprise, name, file = row
    ask(registry, "erasure", enterprise, confirm=name)
    answer_here(registry)
    left = registry.look.execute(
        "SELECT record, nik, nik_shown FROM import_row WHERE import_id = %s AND enterprise = %s",
        (began["id"], enterprise),
    ).fetchall()
    assert left
    assert all(cells == (None, None, None) for cells in left)
    with pytest.raises(FileNotFoundError):
        registry.files.size(file)


def test_an_import_under_way_is_waited_for(registry: Registry) -> None:
    enterprise = registry.register(**OWNER)["id"]
    registry.look.execute(
        "INSERT INTO import (id, unit, job, file, name, sha256, size, state, commit, created_at, created_by)"
        " VALUES (%s, %s, %s, 'registry/uploads/x', 'x.csv', 'x', 1, 'committing', true, now(), 'sari')",
        (run := uuid4(), BATAM, uuid4()),
    )
    registry.look.execute(
        "INSERT INTO import_row (import_id, number, unit, sheet, row, outcome, fingerprint, reasons, enterprise)"
        " VALUES (%s, 1, %s, 's', 1, 'same', 1, '', %s)",
        (run, BATAM, enterprise),
    )
    with pytest.raises(PlutError, match="under way"):
        ask(registry, "erasure", enterprise)


def test_other_units_that_know_the_person_are_named_to_who_may_see_them(registry: Registry) -> None:
    enterprise = registry.register(**OWNER)["id"]
    registry.look.execute(
        "INSERT INTO owner (id, unit, name, nik_state, nik_hash) SELECT %s, '21.72', name, nik_state, nik_hash FROM owner",
        (uuid4(),),
    )
    asked = ask(registry, "export", enterprise)
    assert asked["elsewhere"] == []
    assert registry.call(api.GetPersonRequest, get_person_request, scope="21", id=asked["id"])["elsewhere"] == ["21.72"]
    with pytest.raises(PlutError, match="no such request"):
        registry.call(api.GetPersonRequest, get_person_request, scope="21.72", id=asked["id"])


def test_the_same_list_again_brings_nobody_back(registry: Registry) -> None:
    registry.begin_import(DATA / "sample-umkm-300.xlsx")
    registry.run_jobs()
    person = registry.look.execute(
        "SELECT e.id, o.name, o.phone FROM enterprise e JOIN owner o ON o.id = e.owner_id"
        " WHERE o.phone IS NOT NULL AND o.nik_hash IS NOT NULL ORDER BY e.id LIMIT 1"
    ).fetchone()
    assert person is not None
    enterprise, name, phone = person
    ask(registry, "erasure", enterprise, confirm=name)
    answer_here(registry)
    registry.begin_import(DATA / "sample-umkm-300.xlsx")
    registry.run_jobs()
    assert registry.get(enterprise)["state"] == "erased"
    left = registry.look.execute("SELECT count(*) FROM owner WHERE phone = %s AND name = %s", (phone, name)).fetchone()
    assert left == (0,)
