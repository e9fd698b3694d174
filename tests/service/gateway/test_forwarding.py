"""What the gateway asks of services, and what it makes of their answers."""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
import structlog

from chassis import log
from contracts.access import AccessContext, Grant
from contracts.api import registry as api
from contracts.errors import DEADLINE_EXCEEDED, INTERNAL, OUT_OF_SCOPE, VERSION_CONFLICT, PlutError
from tests.service.gateway.conftest import Gateway

ID = "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90"
ENTERPRISE = {"id": ID, "unit": "21.71", "version": 3, "name": "Dapur Siti"}
JOB = {"id": ID, "kind": "export-enterprises", "unit": "21.71", "state": "running", "done": 3, "total": 9, "version": 4}


def test_path_query_and_body_become_one_request(gateway: Gateway) -> None:
    answers = gateway.services.answers
    answers["registry.search_enterprises"] = lambda *_: {"items": [], "next": None}
    answers["registry.update_enterprise"] = lambda *_: ENTERPRISE
    answers["registry.decide_import_row"] = lambda *_: {"number": 7}
    gateway.request("GET", "/registry/enterprises?q=dapur&limit=7&binaan=true")
    gateway.request(
        "PATCH",
        f"/registry/enterprises/{ID}",
        json={"founded": "2020-01-31", "phone": None},
        headers={"If-Match": '"2"'},
    )
    gateway.request("POST", f"/registry/imports/{ID}/rows/7/decision", json={"decision": "same"})
    asked = [api.METHODS[each.method][0]().load(as_json(each.request)) for each in gateway.services.asked]
    assert asked[0] == {"q": "dapur", "limit": 7, "binaan": True, "state": "active"}
    assert asked[1]["expected_version"] == 2
    assert str(asked[1]["id"]) == ID
    assert asked[1]["founded"].isoformat() == "2020-01-31"
    assert asked[1]["phone"] is None
    assert (asked[2]["row"], asked[2]["decision"]) == (7, "same")


def as_json(request: Mapping[str, Any]) -> Any:
    """As it arrives at the other end."""
    return orjson.loads(orjson.dumps(request))


def test_who_asks_travels_with_the_request(gateway: Gateway) -> None:
    gateway.services.answers["registry.register_enterprise"] = lambda *_: ENTERPRISE
    head = gateway.make("head", "21.71")
    key = str(uuid.uuid4())
    gateway.request(
        "POST",
        "/registry/enterprises",
        head["token"],
        json={"unit": "21.71", "name": "Dapur Siti", "owner": {"name": "Siti"}},
        headers={"Idempotency-Key": key, "X-Correlation-Id": "from-the-caller"},
    )
    context = gateway.services.asked[-1].context
    assert context == AccessContext(
        account=head["id"],
        name=head["email"],
        grants=(Grant("head", "21.71"),),
        correlation_id="from-the-caller",
        idempotency_key=key,
    )


def test_a_version_becomes_a_tag(gateway: Gateway) -> None:
    gateway.services.answers["registry.get_enterprise"] = lambda *_: ENTERPRISE
    answer = gateway.request("GET", f"/registry/enterprises/{ID}")
    assert (answer.status_code, answer.headers["ETag"], answer.json) == (200, '"3"', ENTERPRISE)
    same = gateway.request("GET", f"/registry/enterprises/{ID}", headers={"If-None-Match": '"3"'})
    assert (same.status_code, same.headers["ETag"], same.data) == (304, '"3"', b"")


def test_what_is_made_says_where_it_is(gateway: Gateway) -> None:
    gateway.services.answers["registry.register_enterprise"] = lambda *_: ENTERPRISE
    gateway.services.answers["registry.start_export"] = lambda *_: JOB
    body = {"unit": "21.71", "name": "Dapur Siti", "owner": {"name": "Siti"}}
    made = gateway.request("POST", "/registry/enterprises", json=body)
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/registry/enterprises/{ID}")
    begun = gateway.request("POST", "/registry/exports", json={"format": "xlsx", "search": {"unit": "21.71"}})
    assert (begun.status_code, begun.headers["Location"]) == (202, f"/api/v1/registry/jobs/{ID}")
    assert int(begun.headers["Retry-After"]) > 0


def test_a_job_says_when_to_ask_again_until_it_has_ended(gateway: Gateway) -> None:
    gateway.services.answers["registry.get_job"] = lambda *_: JOB
    running = gateway.request("GET", f"/registry/jobs/{ID}")
    assert (running.headers["ETag"], running.headers["Retry-After"]) == ('"4"', "1")
    gateway.services.answers["registry.get_job"] = lambda *_: JOB | {"state": "succeeded"}
    assert "Retry-After" not in gateway.request("GET", f"/registry/jobs/{ID}").headers


def test_a_replayed_answer_says_so(gateway: Gateway) -> None:
    gateway.services.answers["registry.undo_merge"] = lambda *_: {"id": ID}
    assert "Idempotency-Replayed" not in gateway.request("POST", f"/registry/merges/{ID}/undo").headers
    gateway.services.replayed = True
    assert gateway.request("POST", f"/registry/merges/{ID}/undo").headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("registry.enterprise-not-found", 404),
        (OUT_OF_SCOPE, 403),
        (VERSION_CONFLICT, 412),
        (DEADLINE_EXCEEDED, 504),
        (INTERNAL, 500),
    ],
)
def test_refusals_of_services_become_problems(gateway: Gateway, code: str, status: int) -> None:
    def refuse(*_: Any) -> None:
        raise PlutError(code, "Refused.", "Ditolak.", fields={"name": ["Wrong."]})

    gateway.services.answers["registry.update_enterprise"] = refuse
    answer = gateway.request("PATCH", f"/registry/enterprises/{ID}", json={}, headers={"If-Match": '"2"'})
    assert answer.status_code == status
    assert answer.json is not None
    assert (answer.json["code"], answer.json["detail"], answer.json["errors"]) == (
        code,
        "Refused.",
        {"name": ["Wrong."]},
    )


def test_a_version_in_the_body_that_is_not_the_present_one_is_a_409(gateway: Gateway) -> None:
    def refuse(*_: Any) -> None:
        raise PlutError(VERSION_CONFLICT, "Refused.", "Ditolak.")

    gateway.services.answers["registry.transfer_enterprise"] = refuse
    body = {"to_unit": "21.72", "expected_version": 3}
    for headers in ({}, {"If-Match": '"3"'}):
        answer = gateway.request("POST", f"/registry/enterprises/{ID}/transfer", json=body, headers=headers)
        assert answer.status_code == 409


def test_a_service_that_is_away_is_said_so(gateway: Gateway) -> None:
    answer = gateway.request("GET", "/registry/units")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")


def test_no_call_gets_more_time_than_is_left(gateway: Gateway) -> None:
    gateway.request("GET", "/registry/units")
    timeout = gateway.services.asked[-1].timeout
    assert timeout is not None
    assert timeout <= 10


def test_nothing_wrong_reaches_a_service(gateway: Gateway) -> None:
    for method, path, body in (
        ("POST", "/registry/enterprises", {"unit": "21.71", "name": "", "owner": {"name": "Siti"}}),
        ("POST", "/registry/enterprises", {"unit": "21.71", "name": "A", "owner": {"name": "Siti"}, "id": ID}),
        ("PATCH", f"/registry/enterprises/{ID}", {"expected_version": 3}),
        ("POST", f"/registry/enterprises/{ID}/nik", {"purpose": "x"}),
        ("POST", "/operations/events/failed/drop", {"service": "registry"}),
        ("POST", f"/registry/merges/{ID}/undo", {"id": ID}),
    ):
        answer = gateway.request(method, path, json=body, headers={"If-Match": '"2"'} if method == "PATCH" else {})
        assert answer.status_code == 422, f"{method} {path}"
    for path in ("/registry/enterprises?limit=0", "/registry/units?x=1", "/registry/enterprises?nik=2171034107900001"):
        assert gateway.request("GET", path).status_code == 422
    for path in ("/registry/enterprises/7", "/registry/units/21.7", "/registry/regions/x", "/registry/units/21%00"):
        assert gateway.request("GET", path).status_code == 404
    assert gateway.services.asked == []


def test_an_upload_is_put_into_the_store_and_named(gateway: Gateway) -> None:
    gateway.services.answers["registry.start_import"] = lambda *_: {"id": ID, "state": "reading", "version": 1}
    content, key = b"a,b\n1,2\n" * 50_000, {"Idempotency-Key": str(uuid.uuid4())}

    def upload(data: bytes) -> dict[str, Any]:
        form: dict[str, Any] = {"unit": "21.71", "commit": "true", "mapping": '{"S": {"A": "name"}}'}
        form |= {"file": (io.BytesIO(data), "../Daftar UMKM.csv")}
        answer = gateway.request("POST", "/registry/imports", data=form, headers=key)
        assert answer.status_code == 202, answer.json
        assert answer.headers["Location"] == f"/api/v1/registry/imports/{ID}"
        return gateway.services.asked[-1].request

    first, again, other = upload(content), upload(content), upload(content + b"3,4\n")
    assert (first["name"], first["size"], first["commit"]) == ("Daftar UMKM.csv", len(content), True)
    assert first["mapping"] == {"S": {"A": "name"}}
    assert first == again, "a repeated request must be the same request"
    assert first["file"] != other["file"]
    with gateway.held.files.open(first["file"]) as kept:
        assert kept.read() == content
    api.StartImport().load(as_json(first))


def test_uploads_that_are_refused(gateway: Gateway) -> None:
    for form, where in (
        ({"unit": "21.71"}, "file"),
        ({"file": (io.BytesIO(b"x"), "x.csv")}, "unit"),
        ({"unit": "21.71", "commit": "perhaps", "file": (io.BytesIO(b"x"), "x.csv")}, "commit"),
        ({"unit": "21.71", "sha256": "0" * 64, "file": (io.BytesIO(b"x"), "x.csv")}, "sha256"),
    ):
        answer = gateway.request("POST", "/registry/imports", data=form, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert answer.json is not None
        assert list(answer.json["errors"]) == [where]
    assert gateway.request("POST", "/registry/imports", json={"unit": "21.71"}).status_code == 415
    large = gateway.client.post(
        "/api/v1/registry/imports",
        headers={"Authorization": f"Bearer {gateway.operator}", "Idempotency-Key": "12345678"},
        content_type="multipart/form-data; boundary=x",
        input_stream=io.BytesIO(b""),
        environ_overrides={"CONTENT_LENGTH": str(65 * 2**20)},
    )
    assert large.status_code == 413
    assert gateway.services.asked == []


def test_a_file_is_streamed_out_under_its_name(gateway: Gateway) -> None:
    gateway.held.files.put("registry/reports/one.csv", io.BytesIO(b"sheet,row\n"))
    found = {"file": "registry/reports/one.csv", "name": "laporan Sédap.csv", "media_type": "text/csv"}
    gateway.services.answers["registry.get_import_report"] = lambda *_: found
    gateway.services.answers["registry.get_job"] = lambda *_: JOB | {"state": "succeeded", "result": found}
    for path in (f"/registry/imports/{ID}/report.csv", f"/registry/jobs/{ID}/file"):
        answer = gateway.request("GET", path)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, b"sheet,row\n", "text/csv")
        assert "filename*=UTF-8''laporan%20S%C3%A9dap.csv" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Length"] == "10"
    gateway.held.files.delete("registry/reports/one.csv")
    assert gateway.request("GET", f"/registry/jobs/{ID}/file").status_code == 404
    gateway.services.answers["registry.get_job"] = lambda *_: JOB | {"result": None}
    assert gateway.request("GET", f"/registry/jobs/{ID}/file").status_code == 404


def test_operators_reach_the_failed_events_of_a_service(gateway: Gateway) -> None:
    gateway.services.answers["registry.list_failed_events"] = lambda *_: {"items": [], "next": None}
    gateway.services.answers["registry.retry_failed_events"] = lambda *_: {"count": 2}
    assert gateway.request("GET", "/operations/events/failed?service=registry&state=dead").status_code == 200
    assert gateway.services.asked[-1].request == {"state": "dead", "cursor": None, "limit": 50}
    answer = gateway.request("POST", "/operations/events/failed/retry", json={"service": "registry", "ids": [ID]})
    assert answer.json == {"count": 2}
    assert gateway.request("GET", "/operations/events/failed?service=nowhere").status_code == 422


def test_logs_tell_of_a_request_without_what_was_asked(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.services.answers["registry.search_enterprises"] = lambda *_: {"items": [], "next": None}
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    log.configure("gateway", "debug")
    try:
        gateway.request("GET", "/registry/enterprises?q=siti-rahmawati&phone=081234567890")
        gateway.request("POST", "/registry/enterprises/search", json={"nik": "2171034107900001"})
        gateway.request("POST", "/registry/enterprises/search", json={"nik": "2171034107900001", "x": 1})
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()
    said = capsys.readouterr().err
    assert "/api/v1/registry/enterprises/search" in said
    for secret in ("siti-rahmawati", "081234567890", "2171034107900001", gateway.operator):
        assert secret not in said
