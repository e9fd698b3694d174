"""What is on record, read by who answers for a unit: of all services, as one list."""

from __future__ import annotations

from tests.service.gateway.conftest import Gateway, a_unit
from tests.service.gateway.test_accounts import body


def entry(number: int, **changes: object) -> dict[str, object]:
    return {
        "id": f"ffff{number:04x}-0000-7000-8000-000000000000", "at": "2026-01-02T08:30:00+00:00", "account": "sari",
        "on_behalf_of": None, "action": "enterprise.viewed", "subject": "x", "unit": "21.71", "purpose": None,
        "correlation_id": "c-1", "detail": None,
    } | changes  # fmt: skip


def test_a_head_reads_of_all_services_newest_first_page_by_page(gateway: Gateway) -> None:
    unit = a_unit()
    head = gateway.make("head", unit)
    made = gateway.request(
        "POST", "/accounts", head["token"], json=body(grants=[{"role": "staff", "scope": unit}])
    ).json
    assert made is not None
    pages = {None: ([entry(5), entry(3)], None), entry(3)["id"]: ([], None)}
    gateway.services.answers["registry.list_audit"] = lambda asked, *_: {
        "items": pages[asked["cursor"] and str(asked["cursor"])][0], "next": None
    }  # fmt: skip
    gateway.services.answers["notifications.list_audit"] = lambda *_: {"items": [], "next": None}
    first = gateway.request("GET", "/audit?limit=2", head["token"]).json
    assert first is not None
    assert [(item["service"], item["action"]) for item in first["items"]] == [("registry", "enterprise.viewed")] * 2
    rest = gateway.request("GET", f"/audit?limit=2&cursor={first['next']}", head["token"]).json
    assert rest is not None
    assert [(item["service"], item["action"], item["unit"]) for item in rest["items"]] == [
        ("gateway", "account.created", unit)
    ]
    assert rest["next"] is None
    assert rest["missing"] == []


def test_a_service_that_is_away_is_named(gateway: Gateway) -> None:
    head = gateway.make("head", a_unit())
    gateway.services.answers["notifications.list_audit"] = lambda *_: {"items": [], "next": None}
    answer = gateway.request("GET", "/audit", head["token"])
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["missing"] == ["registry"]


def test_another_units_head_sees_nothing_of_it_and_staff_nothing_at_all(gateway: Gateway) -> None:
    unit = a_unit()
    head, other, staff = gateway.make("head", unit), gateway.make("head", "99.99"), gateway.make("staff", unit)
    gateway.request("POST", "/accounts", head["token"], json=body(grants=[{"role": "staff", "scope": unit}]))
    for service in ("registry", "notifications"):
        gateway.services.answers[f"{service}.list_audit"] = lambda *_: {"items": [], "next": None}
    seen = gateway.request("GET", "/audit", other["token"]).json
    assert seen is not None
    assert not any(item["unit"] == unit for item in seen["items"])
    assert gateway.request("GET", "/audit", staff["token"]).status_code == 403
