"""Consent, binaan, cooperatives, units, reference lists."""

from __future__ import annotations

import io
from typing import Any

import pytest

from contracts.api import registry as api
from contracts.errors import PlutError
from services.registry.queries import reference, relations, units
from services.registry.use_cases import binaan, cooperative
from services.registry.use_cases.give_consent import give_consent
from services.registry.use_cases.load_reference import start_load
from services.registry.use_cases.put_unit import put_unit
from services.registry.use_cases.withdraw_consent import withdraw_consent
from tests.service.registry.registry import Registry


def test_consent_is_given_once_and_withdrawn_as_easily(registry: Registry) -> None:
    made = registry.register()
    request: dict[str, Any] = {"enterprise": made["id"], "purpose": "sharing", "partner": "bank"}
    given = registry.call(api.GiveConsent, give_consent, **request)
    assert registry.call(api.GiveConsent, give_consent, **request)["id"] == given["id"]
    for _ in range(2):
        registry.call(api.WithdrawConsent, withdraw_consent, id=given["id"])
    listed = registry.call(api.ListConsents, relations.list_consents, enterprise=made["id"])["items"]
    assert [item["withdrawn_at"] is not None for item in listed] == [True]
    assert registry.event_names() == ["enterprise-registered", "consent-given", "consent-withdrawn"]
    with pytest.raises(PlutError, match="invalid-request"):
        registry.call(api.GiveConsent, give_consent, enterprise=made["id"], purpose="service", partner="bank")
    with pytest.raises(PlutError, match="not-found"):
        registry.call(api.WithdrawConsent, withdraw_consent, scope="21.72", id=given["id"])


def test_binaan_is_a_relation_over_time(registry: Registry) -> None:
    made = registry.register()
    registry.call(api.BeginBinaan, binaan.begin_binaan, enterprise=made["id"], since="2025-01-01")
    assert str(registry.get(made["id"])["binaan_since"]) == "2025-01-01"
    registry.call(api.EndBinaan, binaan.end_binaan, enterprise=made["id"], reason="Mandiri")
    registry.call(api.BeginBinaan, binaan.begin_binaan, enterprise=made["id"])
    assert len(registry.call(api.ListBinaan, relations.list_binaan, enterprise=made["id"])["items"]) == 2


def test_a_cooperative_has_members_and_meetings(registry: Registry) -> None:
    made = registry.register("Koperasi Maju", kind="koperasi")
    registry.call(api.PutCooperative, cooperative.put_cooperative, enterprise=made["id"], members=120)
    for present in (70, 80):
        registry.call(
            api.RecordRat,
            cooperative.record_rat,
            enterprise=made["id"],
            year=2025,
            held_on="2026-02-01",
            present=present,
        )
    view = registry.call(api.GetCooperative, relations.get_cooperative, enterprise=made["id"])
    assert (view["members"], [meeting["present"] for meeting in view["rat"]]) == (120, [80])
    other = registry.register("Toko Ani", "Ani")
    with pytest.raises(PlutError, match="not-a-cooperative"):
        registry.call(api.PutCooperative, cooperative.put_cooperative, enterprise=other["id"], members=1)


def test_a_unit_with_too_few_consultants_is_flagged(registry: Registry) -> None:
    put = registry.call(api.PutUnit, put_unit, code="21.71", name="PLUT Batam", consultants={"produksi": 3})
    assert put["too_few_consultants"] is True
    put = registry.call(api.PutUnit, put_unit, code="21.71", name="PLUT Batam", consultants={"produksi": 5})
    assert put["too_few_consultants"] is False
    with pytest.raises(PlutError, match="out-of-scope"):
        registry.call(api.PutUnit, put_unit, code="21.72", name="Lain")
    listed = registry.call(api.ListUnits, units.list_units, scope="21")["items"]
    assert [unit["code"] for unit in listed] == ["21.71", "21.72"]


def test_classifications_are_loaded_whole_or_not_at_all(registry: Registry) -> None:
    for lines, state in (("code,title\n01111,PERTANIAN JAGUNG\n", "succeeded"), ("code,title\n011,SALAH\n", "failed")):
        registry.files.put("registry/uploads/kbli", io.BytesIO(lines.encode()))
        job = registry.call(api.LoadReference, start_load, scope="", kind="kbli", file="registry/uploads/kbli")
        registry.run_jobs()
        assert registry.look.execute("SELECT state FROM plut.job WHERE id = %s", (job,)).fetchone() == (state,)
    (item,) = registry.call(api.ListKbli, reference.list_kbli, q="jagung")["items"]
    assert (item["code"], item["section"]) == ("01111", "A")


def test_regions_by_parent_and_by_name(registry: Registry) -> None:
    districts = registry.call(api.ListRegions, reference.list_regions, parent="21.71")["items"]
    assert "Batu Ampar" in [item["name"] for item in districts]
    (found,) = registry.call(api.ListRegions, reference.list_regions, q="batu amp", level="district")["items"]
    assert found["path"].startswith("Batu Ampar")


def test_the_service_s_tables_stand_apart_from_the_chassis_s(registry: Registry) -> None:
    where = registry.look.execute(
        "SELECT relname, relnamespace::regnamespace::text FROM pg_class"
        " WHERE relname IN ('enterprise', 'procrastinate_jobs', 'outbox') AND relkind IN ('r', 'p') ORDER BY 1"
    ).fetchall()
    assert where == [("enterprise", "public"), ("outbox", "plut"), ("procrastinate_jobs", "public")]
