"""The gateway, the broker and the real registry: every answer is one that the OpenAPI document tells of."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from typing import Any

import pytest

from tests.service.gateway.together import Together
from tests.service.secrecy import assert_no_numbers


@pytest.fixture(scope="module")
def enterprise(together: Together) -> str:
    for code in ("21.71", "21.72"):
        assert together.request("PUT", f"/registry/units/{code}", json={"name": f"PLUT {code}"}).status_code == 200
    made = together.request(
        "POST",
        "/registry/enterprises",
        json={
            "unit": "21.71",
            "name": "Dapur Siti",
            "owner": {"name": "Siti Rahmawati", "nik": "2171034107900001", "phone": "0812-3456-7890"},
            "sales": 30_000_000,
            "address": {"street": "Jl. Raden Patah No. 12"},
        },
    )
    assert made.status_code == 201
    assert made.json is not None
    return str(made.json["id"])


def version(together: Together, enterprise: str) -> int:
    found = together.request("GET", f"/registry/enterprises/{enterprise}").json
    assert found is not None
    return int(found["version"])


def test_units_places_and_figures(together: Together, enterprise: str) -> None:
    del enterprise
    for path in (
        "/units",
        "/units/21.71",
        "/regions",
        "/kbli?q=makanan",
        "/statistics?unit=21.71",
        "/jobs",
        "/imports",
    ):
        assert together.request("GET", f"/registry{path}").status_code == 200, path
    assert together.request("GET", "/registry/units/99").status_code == 404


def test_an_enterprise_is_read_changed_and_found(together: Together, enterprise: str) -> None:
    path = f"/registry/enterprises/{enterprise}"
    read = together.request("GET", path)
    assert together.request("GET", path, headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    changed = together.request("PATCH", path, json={"products": "rendang"}, headers={"If-Match": read.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != read.headers["ETag"]
    stale = together.request("PATCH", path, json={"products": "sambal"}, headers={"If-Match": read.headers["ETag"]})
    assert stale.status_code == 412
    assert together.request("GET", f"{path}/history").status_code == 200
    for query in ("q=dapur%20siti", "owner=siti", "phone=0812-3456-7890", "unit=21.71&size=micro&sort=name"):
        found = together.request("GET", f"/registry/enterprises?{query}").json
        assert found is not None
        assert [each["id"] for each in found["items"]] == [enterprise], query
    found = together.request("POST", "/registry/enterprises/search", json={"nik": "2171034107900001"}).json
    assert found is not None
    assert [each["id"] for each in found["items"]] == [enterprise]


def test_the_tag_of_an_answer_is_the_version_that_is_there(together: Together, enterprise: str) -> None:
    measured = together.request(
        "POST", f"/registry/enterprises/{enterprise}/measurements", json={"as_of": "2026-01-01", "sales": 3_000_000_000}
    )
    assert measured.status_code == 201
    assert measured.headers["ETag"] == f'"{version(together, enterprise)}"'


def test_a_full_number_is_shown_for_a_purpose_and_that_is_on_record(together: Together, enterprise: str) -> None:
    shown = together.request("POST", f"/registry/enterprises/{enterprise}/nik", json={"purpose": "Pengajuan P-IRT"})
    assert shown.json == {"id": enterprise, "nik": "2171034107900001"}
    log = together.request("GET", f"/registry/access-log?enterprise={enterprise}").json
    assert log is not None
    assert [each["purpose"] for each in log["items"]] == ["Pengajuan P-IRT"]


def test_consents_and_binaan(together: Together, enterprise: str) -> None:
    path = f"/registry/enterprises/{enterprise}"
    given = together.request("POST", f"{path}/consents", json={"purpose": "service"})
    assert given.status_code == 201
    assert given.json is not None
    together.request("POST", f"/registry/consents/{given.json['id']}/withdrawal", json={})
    assert together.request("GET", f"{path}/consents").status_code == 200
    assert together.request("POST", f"{path}/binaan", json={"since": "2026-01-02"}).status_code == 201
    assert together.request("POST", f"{path}/binaan/end", json={"reason": "Sudah mandiri"}).status_code == 200
    assert together.request("GET", f"{path}/binaan").status_code == 200


def test_a_cooperative(together: Together, enterprise: str) -> None:
    del enterprise
    body = {"unit": "21.71", "kind": "koperasi", "name": "Koperasi Maju", "owner": {"name": "Budi Santoso"}}
    made = together.request("POST", "/registry/enterprises", json=body).json
    assert made is not None
    path = f"/registry/enterprises/{made['id']}/cooperative"
    assert together.request("PUT", path, json={"members": 120}).status_code == 200
    assert together.request("POST", f"{path}/rat", json={"year": 2025, "held_on": "2026-02-01"}).status_code == 201
    assert together.request("GET", path).status_code == 200


def test_two_records_become_one_and_two_again(together: Together, enterprise: str) -> None:
    body = {"unit": "21.71", "name": "Dapur Siti", "owner": {"name": "Siti Rahmawati", "phone": "081234567890"}}
    assert together.request("POST", "/registry/enterprises", json=body).status_code == 409
    other = together.request("POST", "/registry/enterprises", json=body | {"even_if_similar": True}).json
    assert other is not None
    assert together.request("GET", "/registry/duplicates?unit=21.71").status_code == 200
    versions = {"expected_version": version(together, enterprise), "other_version": version(together, other["id"])}
    merged = together.request(
        "POST", f"/registry/enterprises/{enterprise}/merge", json={"other": other["id"], **versions}
    )
    assert merged.status_code == 201
    assert merged.json is not None
    assert together.request("GET", "/registry/merges?unit=21.71").status_code == 200
    assert together.request("POST", f"/registry/merges/{merged.json['id']}/undo").status_code == 200
    pair = (together.request("GET", "/registry/duplicates?unit=21.71").json or {})["items"]
    if pair:
        decided = together.request(
            "POST", f"/registry/duplicates/{pair[0]['id']}/decision", json={"decision": "different"}
        )
        assert decided.status_code == 200


def test_an_import_from_file_to_report_and_back(together: Together, enterprise: str) -> None:
    del enterprise
    header = "Nama Usaha,Nama Pemilik,NIK,No HP,Omzet per Tahun\n"
    lines = "".join(f"Usaha Nomor {n},Pemilik Nomor {n},,08121000{n:04d},30 juta\n" for n in range(30))
    key = {"Idempotency-Key": str(uuid.uuid4())}

    def upload() -> dict[str, Any]:
        form = {"unit": "21.71", "file": (io.BytesIO((header + lines).encode()), "usaha.csv")}
        answer = together.request("POST", "/registry/imports", data=form, headers=key)
        assert answer.status_code == 202
        assert answer.json is not None
        return answer.json

    begun = upload()
    path = f"/registry/imports/{begun['id']}"
    assert upload()["id"] == begun["id"]
    assert together.watch(path)["state"] == "preview"
    assert together.request("GET", f"{path}/rows?limit=5").status_code == 200
    assert together.request("POST", f"{path}/commit").status_code == 202
    assert sum(together.watch(path)["outcomes"].values()) == 30
    report = together.request("GET", f"{path}/report.csv")
    assert report.status_code == 200
    assert len(report.text.splitlines()) == 31
    assert together.request("POST", f"{path}/undo").status_code == 202
    assert together.watch(path)["state"] == "undone"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_becomes_a_file(together: Together, enterprise: str, kind: str) -> None:
    del enterprise
    begun = together.request("POST", "/registry/exports", json={"format": kind, "search": {"unit": "21.71"}})
    assert begun.status_code == 202
    assert begun.json is not None
    path = f"/registry/jobs/{begun.json['id']}"
    assert together.watch(path)["state"] == "succeeded"
    made = together.request("GET", f"{path}/file")
    assert made.status_code == 200
    assert b"Dapur Siti" in made.data or made.data.startswith(b"PK")


def test_another_unit_sees_none_of_it(together: Together, enterprise: str) -> None:
    body = {
        "email": f"{uuid.uuid4().hex[:8]}@plut.localhost",
        "name": "Kepala",
        "password": "kuda sawah biru 7",
        "grants": [{"role": "staff", "scope": "12.75"}],
    }
    assert together.request("POST", "/accounts", json=body).status_code == 201
    signed_in = together.app.test_client().post(
        "/api/v1/session", json={"email": body["email"], "password": body["password"]}
    )
    stranger = replace(together, token=(signed_in.json or {})["token"])
    path = f"/registry/enterprises/{enterprise}"
    for method, at, options in (
        ("GET", path, {}),
        ("PATCH", path, {"json": {"name": "X"}, "headers": {"If-Match": '"1"'}}),
        ("POST", f"{path}/nik", {"json": {"purpose": "ingin tahu"}}),
        ("GET", f"{path}/history", {}),
    ):
        assert stranger.request(method, at, **options).status_code in (403, 404), at
    found = stranger.request("GET", "/registry/enterprises?q=dapur").json
    assert found is not None
    assert found["items"] == []


def test_transfer(together: Together, enterprise: str) -> None:
    moved = together.request(
        "POST",
        f"/registry/enterprises/{enterprise}/transfer",
        json={"to_unit": "21.72", "expected_version": version(together, enterprise), "consent_how": "paper"},
    )
    assert moved.status_code == 200
    assert moved.json is not None
    assert moved.json["unit"] == "21.72"


def test_no_log_holds_a_number_of_a_person(together: Together, enterprise: str) -> None:
    nik, phone = "2171034107900001", "081234567890"
    path = f"/registry/enterprises/{enterprise}"
    for verb, at, body in (
        ("POST", "/registry/enterprises/search", {"nik": nik}),
        ("POST", "/registry/enterprises/search", {"nik": f"{nik}1"}),
        ("POST", "/registry/exports", {"search": {"nik": nik, "phone": phone}}),
        ("POST", f"{path}/nik", {"purpose": f"NIK {nik}"}),
        (
            "POST",
            "/registry/enterprises",
            {"unit": "21.71", "name": "Dapur", "owner": {"name": "Siti", "nik": "9" * 16}},
        ),
    ):
        together.request(verb, at, json=body)
    form = {
        "unit": "21.71",
        "file": (io.BytesIO(f"Nama Usaha,NIK,No HP\nDapur,{nik},{phone}\n".encode()), f"{nik}.csv"),
    }
    begun = together.request("POST", "/registry/imports", data=form).json
    assert begun is not None
    together.watch(f"/registry/imports/{begun['id']}")
    written = {log.name: log.read_text() for log in together.logs.iterdir()}
    assert "job ended" in written["chassis.worker"]
    for text in written.values():
        assert_no_numbers(text)
