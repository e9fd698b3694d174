"""Registering, changing, measuring, handing over, looking at a NIK."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from contracts.api import registry as api
from contracts.errors import PlutError
from services.registry.queries.history import get_enterprise_history
from services.registry.queries.relations import list_access_log, list_binaan, list_consents
from services.registry.queries.search_enterprises import search_enterprises
from services.registry.queries.statistics import get_statistics
from services.registry.use_cases.record_measurement import record_measurement
from services.registry.use_cases.register_enterprise import register_enterprise
from services.registry.use_cases.reveal_nik import reveal_nik
from services.registry.use_cases.transfer_enterprise import transfer_enterprise
from services.registry.use_cases.update_enterprise import update_enterprise
from tests.service.registry.registry import Registry

NIK = "2171034107900001"


def refused(code: str, call: Any) -> PlutError:
    with pytest.raises(PlutError) as caught:
        call()
    assert caught.value.code == code
    return caught.value


def test_registering_publishes_stores_and_masks(registry: Registry) -> None:
    made = registry.register(
        owner_fields={"nik": NIK, "phone": "0812-3456-7890"}, sales=30_000_000, capital=5_000_000, kbli="10750"
    )
    assert made["version"] == 2
    assert made["owner"]["nik"] == "21************01"
    assert made["owner"]["sex"] == "female"
    assert made["owner"]["phone"] == "+6281234567890"
    assert made["size"]["size"] == "micro"
    assert made["kbli"]["version"] == 2025
    assert registry.event_names() == ["enterprise-registered", "enterprise-classified"]
    stored = registry.look.execute("SELECT nik_ciphertext, nik_hash FROM owner").fetchone()
    assert stored is not None
    assert NIK.encode() not in bytes(stored[0])
    bodies = b"".join(bytes(row[0]) for row in registry.events("body"))
    assert NIK.encode() not in bodies


def test_a_known_business_is_not_registered_twice(registry: Registry) -> None:
    fields: dict[str, Any] = {
        "owner_fields": {"nik": NIK, "phone": "081234567890"},
        "products": "Rendang",
        "sales": 30_000_000,
    }
    first = registry.register(**fields)
    problem = refused("registry.enterprise-duplicate-conflict", lambda: registry.register(**fields))
    assert problem.params["enterprise"] == str(first["id"])
    second = registry.register(**fields, even_if_similar=True)
    assert second["id"] != first["id"]
    assert second["duplicates"] == 1
    assert second["owner"]["id"] == first["owner"]["id"]


def test_nothing_outside_the_scope(registry: Registry) -> None:
    made = registry.register()
    refused("registry.enterprise-not-found", lambda: registry.get(made["id"], scope="21.72"))
    refused("registry.enterprise-not-found", lambda: registry.get(made["id"], scope="2"))
    refused(
        "out-of-scope",
        lambda: registry.call(
            api.RegisterEnterprise, register_enterprise, scope="21.72", unit="21.71", name="Toko", owner={"name": "Ani"}
        ),
    )
    assert registry.get(made["id"], scope="21")["id"] == made["id"]
    update = {"id": made["id"], "expected_version": 1, "name": "X"}
    refused(
        "registry.enterprise-not-found",
        lambda: registry.call(api.UpdateEnterprise, update_enterprise, scope="21.72", **update),
    )


def test_a_change_needs_the_version_that_was_seen(registry: Registry) -> None:
    made = registry.register()
    changed = registry.call(
        api.UpdateEnterprise,
        update_enterprise,
        id=made["id"],
        expected_version=1,
        name="Dapur Bu Siti",
        owner={"phone": "081200001111"},
    )
    assert (changed["version"], changed["name"], changed["owner"]["phone"]) == (2, "Dapur Bu Siti", "+6281200001111")
    stale = refused(
        "version-conflict",
        lambda: registry.call(api.UpdateEnterprise, update_enterprise, id=made["id"], expected_version=1, name="Lain"),
    )
    assert stale.params["version"] == 2
    same = registry.call(
        api.UpdateEnterprise, update_enterprise, id=made["id"], expected_version=2, name="Dapur Bu Siti"
    )
    assert same["version"] == 2
    assert registry.event_names() == ["enterprise-registered", "enterprise-updated"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"owner": {"nik": "2171039907900001"}}, "owner.nik"),
        ({"owner": {"phone": "12"}}, "owner.phone"),
        ({"address": {"village": "21.71.99.9999"}}, "address.village"),
        ({"kbli": "99999"}, "kbli"),
        ({"npwp": NIK}, "npwp"),
    ],
)
def test_what_can_not_be_right_names_its_field(registry: Registry, fields: dict[str, Any], field: str) -> None:
    made = registry.register()
    problem = refused(
        "invalid-request",
        lambda: registry.call(api.UpdateEnterprise, update_enterprise, id=made["id"], expected_version=1, **fields),
    )
    assert list(problem.fields) == [field]
    assert registry.get(made["id"])["version"] == 1


def test_naik_kelas(registry: Registry) -> None:
    made = registry.register(sales=1_900_000_000, as_of="2025-01-01")
    risen = registry.call(
        api.RecordMeasurement, record_measurement, id=made["id"], sales=2_500_000_000, as_of="2026-01-01"
    )
    assert risen["size"]["size"] == "small"
    older = registry.call(
        api.RecordMeasurement, record_measurement, id=made["id"], sales=90_000_000_000, as_of="2024-01-01"
    )
    assert older["size"]["size"] == "small"
    assert registry.event_names()[-2:] == ["enterprise-classified", "enterprise-advanced"]
    history = registry.call(api.GetEnterpriseHistory, get_enterprise_history, id=made["id"])
    assert [entry["what"] for entry in history["entries"]].count("measured") >= 1
    assert registry.call(api.GetStatistics, get_statistics)["by_size"] == [{"size": "small", "count": 1}]
    versions = [int(row[0]) for row in registry.events("convert_from(body, 'UTF8')::jsonb ->> 'sequence'")]
    assert versions == list(range(1, len(versions) + 1))


def test_handing_over_takes_the_owner_along(registry: Registry) -> None:
    one = registry.register(owner_fields={"nik": NIK})
    two = registry.register("Salon Siti", owner_fields={"nik": NIK}, products="Salon", binaan_since="2024-03-01")
    assert one["owner"]["id"] == two["owner"]["id"]
    order = {"id": two["id"], "expected_version": two["version"], "to_unit": "21.72"}
    refused(
        "registry.consent-missing-conflict", lambda: registry.call(api.TransferEnterprise, transfer_enterprise, **order)
    )
    registry.call(api.TransferEnterprise, transfer_enterprise, **order, consent_how="spoken")
    (given,) = registry.call(api.ListConsents, list_consents, scope="21.72", enterprise=two["id"])["items"]
    assert (given["purpose"], given["partner"], given["how"]) == ("sharing", "21.72", "spoken")
    moved = registry.get(two["id"], scope="21.72")
    assert moved["owner"]["id"] != one["owner"]["id"]
    refused("registry.enterprise-not-found", lambda: registry.get(two["id"]))
    shown = registry.call(api.RevealNik, reveal_nik, scope="21.72", id=two["id"], purpose="Pengajuan P-IRT")
    assert shown["nik"] == NIK
    for unit, there in (("21.72", True), ("21.71", False)):
        found = registry.call(api.SearchEnterprises, search_enterprises, scope=unit, q="salon siti")["items"]
        assert (two["id"] in [item["id"] for item in found]) is there
    history = registry.call(api.GetEnterpriseHistory, get_enterprise_history, scope="21.72", id=two["id"])["entries"]
    assert {"transferred", "binaan"} <= {entry["what"] for entry in history}
    accompanied = registry.call(api.ListBinaan, list_binaan, scope="21.72", enterprise=two["id"])["items"]
    assert [(each["unit"], each["until"] is not None) for each in accompanied] == [("21.71", True)]


def test_who_looked_and_who_searched_is_on_record_but_not_what_was_typed(registry: Registry) -> None:
    made = registry.register()
    registry.get(made["id"])
    registry.call(api.SearchEnterprises, search_enterprises, q="siti rahmawati", phone="081234567890")
    rows = registry.look.execute("SELECT action, account, unit, detail::text FROM plut.audit ORDER BY id").fetchall()
    assert [row[:3] for row in rows] == [
        ("enterprise.registered", "sari", "21.71"),
        ("enterprise.viewed", "sari", "21.71"),
        ("enterprises.searched", "sari", "21.71"),
    ]
    assert rows[2][3] == '{"by": ["phone", "q"], "shown": 0}'


def test_looking_at_a_nik_is_on_record(registry: Registry) -> None:
    made = registry.register(owner_fields={"nik": NIK})
    assert registry.call(api.RevealNik, reveal_nik, id=made["id"], purpose="Pengajuan P-IRT")["nik"] == NIK
    log = registry.call(api.ListAccessLog, list_access_log)["items"]
    assert [(entry["account"], entry["purpose"]) for entry in log] == [("sari", "Pengajuan P-IRT")]
    recorded = registry.look.execute("SELECT purpose FROM plut.audit WHERE action = 'nik.revealed'").fetchall()
    assert recorded == [("Pengajuan P-IRT",)]


@pytest.mark.parametrize("purpose", ["     ", f"NIK {NIK} dipakai", "NIK 2171 0341 0788 0002"])
def test_a_purpose_says_something_and_holds_no_number(registry: Registry, purpose: str) -> None:
    made = registry.register(owner_fields={"nik": NIK})
    with pytest.raises(ValidationError, match="purpose"):
        registry.call(api.RevealNik, reveal_nik, id=made["id"], purpose=purpose)


@pytest.mark.parametrize("names", [("   ", "Siti"), ("Dapur", " \t")])
def test_a_blank_name_is_none(registry: Registry, names: tuple[str, str]) -> None:
    with pytest.raises(ValidationError, match="name"):
        registry.register(*names)
