"""An owner sees and changes what is the own, and nothing else, not even of the same unit: with our filters and without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.service.matrix.conftest import Country
from tests.service.matrix.shapes import Operation, operations
from tests.stack import eventually

UNIT = "21.71"
OPERATIONS = list(operations())


@dataclass
class Owner:
    """Somebody with one business in a unit that has several."""

    token: str
    id: str
    enterprise: str
    others: dict[str, str]
    """Ids of everything else that has one, and the units it belongs to; one of each kind and unit stands first."""

    def answers(self, country: Country, operation: Operation, thing: str, unit: str) -> str:
        answer = country.ask(
            self.token, operation.verb, operation.filled(thing, unit), json=operation.json(thing, unit),
            headers={"If-Match": '"1"'},
        )  # fmt: skip
        assert answer.status_code < 500, (operation.id, answer.text)
        return answer.text


@pytest.fixture(scope="session")
def owner(country: Country) -> Owner:
    with country.corner.connect("registry") as admin:
        [(who, enterprise)] = admin.execute(
            "SELECT owner_id::text, id::text FROM enterprise WHERE name = 'Merakbiru Dapur'"
        ).fetchall()
        mine = {
            row[0]
            for table in ("consent", "binaan", "measurement", "access_log")
            for row in admin.execute(f"SELECT id::text FROM {table} WHERE enterprise = %s", (enterprise,))  # type: ignore[arg-type]
        }
    found = [(things, unit) for unit, tables in country.ids().items() for things in tables]
    others = {thing: unit for things, unit in found for thing in things if thing not in {*mine, enterprise}}
    return Owner(country.account("owner", UNIT, who), who, enterprise, others)


def one_of_each(country: Country, owner: Owner) -> dict[str, str]:
    first = [
        (next((t for t in things if t in owner.others), None), u) for u, ts in country.ids().items() for things in ts
    ]
    return {thing: unit for thing, unit in first if thing is not None}


def test_an_owner_sees_the_own_business_and_no_others(country: Country, owner: Owner) -> None:
    listed = country.done(owner.token, "GET", "/registry/my/enterprises")["items"]
    assert [item["id"] for item in listed] == [owner.enterprise]
    one = country.done(owner.token, "GET", f"/registry/my/enterprises/{owner.enterprise}")
    assert (one["owner"]["id"], one["binaan_since"] is not None) == (owner.id, True)
    assert "*" in one["owner"]["nik"]
    looks = country.done(owner.token, "GET", "/registry/my/looks")["items"]
    assert {(look["enterprise"], look["unit_name"]) for look in looks} == {(owner.enterprise, f"PLUT {UNIT}")}
    assert {(look["what"], look["purpose"]) for look in looks} == {("record", None), ("nik", "Pengajuan Merakbiru")}
    assert country.done(country.account("owner", UNIT), "GET", "/registry/my/enterprises")["items"] == []


def test_an_owner_reads_nothing_of_others(country: Country, owner: Owner) -> None:
    asked = one_of_each(country, owner)
    for operation in OPERATIONS:
        if operation.verb == "GET":
            for thing, unit in asked.items() if operation.takes_id else [("", UNIT)]:
                text = owner.answers(country, operation, thing, unit)
                assert not {each for each in owner.others if each != thing and each in text}, (operation.id, text)
                assert "Ibu Merakbiru 2" not in text


def test_an_owner_changes_nothing_of_others(country: Country, owner: Owner) -> None:
    def everything() -> Any:
        return {service: country.rows(service) for service in ("registry", "notifications")}

    before, asked = everything(), one_of_each(country, owner)
    for operation in OPERATIONS:
        if operation.verb != "GET":
            for thing, unit in asked.items() if operation.takes_id else [(next(iter(asked)), UNIT)]:
                owner.answers(country, operation, thing, unit)
    assert everything() == before


def test_an_owner_asks_for_everything_that_is_known(country: Country, owner: Owner) -> None:
    asked = country.done(owner.token, "POST", "/registry/my/requests/export", {"enterprise": owner.enterprise})
    assert (asked["how"], asked["enterprises"]) == ("portal", [owner.enterprise])
    listed = country.done(owner.token, "GET", "/registry/my/requests")["items"]
    assert [each["id"] for each in listed] == [asked["id"]]
    others = [each for each in owner.others if each in country.ids()[UNIT][0]]
    for other in others:
        refused = country.ask(owner.token, "POST", "/registry/my/requests/export", json={"enterprise": other})
        assert refused.status_code == 404
    # the office's own requests of others are there, and not for an owner
    for each in country.done(country.account("head", UNIT), "GET", "/registry/person-requests")["items"]:
        early = country.ask(owner.token, "POST", f"/registry/my/requests/{each['id']}/file", json={})
        assert early.json["code"] == (
            "registry.person-data-not-found" if each["id"] == asked["id"] else "registry.person-request-not-found"
        )


def test_an_owner_gives_and_withdraws_a_consent(country: Country, owner: Owner) -> None:
    where = f"/registry/my/enterprises/{owner.enterprise}/consents"
    given = country.done(owner.token, "POST", where, {"purpose": "publication"})
    assert (given["how"], given["withdrawn_at"]) == ("portal", None)
    taken = country.done(owner.token, "POST", f"/registry/my/consents/{given['id']}/withdrawal")
    assert taken["withdrawn_at"] is not None
    listed = country.done(owner.token, "GET", where)["items"]
    assert {item["purpose"] for item in listed} == {"service", "publication"}
    with country.corner.connect("registry") as admin:
        events = admin.execute(
            "SELECT split_part(type, '.', 4) FROM plut.outbox WHERE subject = %s ORDER BY position DESC LIMIT 2",
            (owner.enterprise,),
        ).fetchall()
    assert [row[0] for row in events] == ["consent-withdrawn", "consent-given"]


def test_a_helper_does_what_the_owner_could_and_both_see_it(country: Country, owner: Owner) -> None:
    helper, head = country.account("consultant", UNIT), country.account("head", UNIT)
    body = {"owner": owner.id, "how": "in-person", "witness": "Rahmat"}
    one = country.done(helper, "POST", "/assistance", body)["id"]
    on_behalf = {"headers": {"Plut-On-Behalf-Of": one}}
    assert country.ask(country.account("consultant", "21.72"), "POST", "/assistance", json=body).status_code == 404

    listed = country.done(helper, "GET", "/registry/my/enterprises", **on_behalf)["items"]
    assert [item["id"] for item in listed] == [owner.enterprise]
    where = f"/registry/my/enterprises/{owner.enterprise}"
    country.done(helper, "GET", where, **on_behalf)
    given = country.done(helper, "POST", f"{where}/consents", {"purpose": "publication"}, **on_behalf)
    assert given["how"] == "assisted"
    for other in one_of_each(country, owner):
        text = country.ask(helper, "GET", f"/registry/my/enterprises/{other}", **on_behalf).text
        assert '"code":"registry.enterprise-not-found"' in text

    expected = [
        ("consent.given", owner.enterprise), ("enterprise.viewed-as-owner", owner.enterprise),
        ("registry.list_my_enterprises", None),
    ]  # fmt: skip
    for token in (helper, owner.token, head):
        acts = country.done(token, "GET", f"/assistance/{one}/acts")
        assert ([(act["action"], act["subject"]) for act in acts["items"]], acts["missing"]) == (expected, [])
        assert {act["on_behalf_of"] for act in acts["items"]} == {owner.id}
    assert country.done(owner.token, "GET", "/registry/my/looks")["items"][0]["for_you"] is True
    pages = country.done(owner.token, "GET", f"/assistance/{one}/acts?limit=1")
    following = country.done(owner.token, "GET", f"/assistance/{one}/acts?limit=1&cursor={pages['next']}")
    assert [act["action"] for act in pages["items"] + following["items"]] == [action for action, _ in expected[:2]]

    country.done(owner.token, "POST", f"/assistance/{one}/end", {})
    assert country.ask(helper, "GET", where, **on_behalf).status_code == 403
    told = "SELECT template FROM message WHERE channel = 'sms' AND address = (%s) AND template LIKE 'assistance-%%'"
    with country.corner.connect("registry") as admin, country.corner.connect("notifications") as messages:
        phone = admin.execute("SELECT phone FROM owner WHERE id = %s", (owner.id,)).fetchone()
        eventually(
            lambda: {row[0] for row in messages.execute(told, phone)} == {"assistance-begun", "assistance-ended"}, 20
        )


def test_a_key_of_another_owners_assistance_tells_nothing_of_this_one(country: Country, owner: Owner) -> None:
    """The same Idempotency-Key and request, for somebody else: no answer that was kept for the first."""
    with country.corner.connect("registry") as admin:
        [(other,)] = admin.execute("SELECT owner_id::text FROM enterprise WHERE name = 'Merakbiru Koperasi'").fetchall()
    helper, key = country.account("staff", UNIT), {"Idempotency-Key": "the-same-for-both"}
    where, answers = f"/registry/my/enterprises/{owner.enterprise}/consents", []
    for who in (owner.id, other):
        body = {"owner": who, "how": "writing", "witness": "Rahmat"}
        one = country.done(helper, "POST", "/assistance", body)["id"]
        headers = key | {"Plut-On-Behalf-Of": one}
        answers.append(country.ask(helper, "POST", where, json={"purpose": "service"}, headers=headers).status_code)
    assert answers == [201, 404]
