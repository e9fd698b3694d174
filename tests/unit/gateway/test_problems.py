from __future__ import annotations

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from werkzeug.exceptions import ClientDisconnected

from contracts.errors import PlutError
from gateway.edge import correlation, headers, problems

SECRET = "2171034107900001"


@pytest.fixture
def client() -> FlaskClient:
    """An application that fails in every way."""
    app = Flask("failing")
    app.config["MAX_CONTENT_LENGTH"] = 10
    problems.register(app)
    correlation.register(app)
    headers.register(app)

    @app.get("/refused")
    def refused() -> str:
        raise PlutError(
            "registry.enterprise-not-found",
            "There is no such enterprise.",
            "Usaha itu tidak ada.",
            fields={"id": ["Tidak ada. / Not there."], "owner.name": ["Missing data for required field."]},
            unit="21.71",
        )

    @app.get("/busy")
    def busy() -> str:
        raise PlutError("unavailable", "Away.", "Tidak ada.", retry_after=7)

    @app.get("/failed")
    def failed() -> str:
        raise RuntimeError(f"a trace with {SECRET}")

    @app.get("/slow")
    def slow() -> str:
        raise ClientDisconnected

    @app.get("/abort/<int:status>")
    def aborted(status: int) -> str:
        abort(status)

    @app.post("/body")
    def body() -> bytes:
        return request.get_data()

    return app.test_client()


def test_an_error_with_a_code_becomes_a_problem_in_indonesian(client: FlaskClient) -> None:
    answer = client.get("/refused")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Content-Language"] == "id"
    assert answer.json == {
        "type": "urn:plut:problem:registry.enterprise-not-found",
        "title": "Tidak ditemukan",
        "status": 404,
        "detail": "Usaha itu tidak ada.",
        "code": "registry.enterprise-not-found",
        "errors": {"id": ["Tidak ada."], "owner.name": ["Wajib diisi."]},
        "params": {"unit": "21.71"},
        "correlation_id": answer.headers["X-Correlation-Id"],
    }


@pytest.mark.parametrize("accepted", ["en", "en-GB,en;q=0.9,id;q=0.2", "fr, en"])
def test_and_in_english_for_who_asks_for_it(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/refused", headers={"Accept-Language": accepted})
    assert answer.json is not None
    assert answer.json["detail"] == "There is no such enterprise."
    assert answer.json["errors"] == {"id": ["Not there."], "owner.name": ["Missing data for required field."]}


def test_what_can_be_tried_again_says_when(client: FlaskClient) -> None:
    answer = client.get("/busy")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_an_unforeseen_failure_tells_nothing(client: FlaskClient) -> None:
    answer = client.get("/failed")
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["code"] == "internal"
    assert b"trace" not in answer.data
    assert SECRET.encode() not in answer.data


def test_a_client_that_stops_sending_is_told_so(client: FlaskClient) -> None:
    assert client.get("/slow").status_code == 408


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 422, 429, 500, 503, 504])
def test_whatever_the_web_framework_refuses_is_a_problem(client: FlaskClient, status: int) -> None:
    answer = client.get(f"/abort/{status}")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


@pytest.mark.parametrize(("status", "shown"), [(418, 400), (451, 400), (502, 500)])
def test_statuses_that_nobody_expects_become_ones_that_are_documented(
    client: FlaskClient, status: int, shown: int
) -> None:
    assert client.get(f"/abort/{status}").status_code == shown


def test_unknown_paths_methods_and_large_bodies(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404
    answer = client.delete("/body")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert client.post("/body", data=b"x" * 11).status_code == 413


def test_every_answer_carries_the_headers_that_protect(client: FlaskClient) -> None:
    for path in ("/refused", "/failed", "/nowhere"):
        answer = client.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"X-Correlation-Id": "abc.def:12-34_5"}, "abc.def:12-34_5"),
        ({"traceparent": f"00-{'a1' * 16}-{'b2' * 8}-01"}, "a1" * 16),
    ],
)
def test_a_correlation_id_is_taken_over(client: FlaskClient, given: dict[str, str], kept: str) -> None:
    assert client.get("/refused", headers=given).headers["X-Correlation-Id"] == kept


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f g h", "<script>alert(1)</script>", ""])
def test_or_made_where_the_given_one_could_do_harm(client: FlaskClient, given: str) -> None:
    made = client.get("/refused", headers={"X-Correlation-Id": given}).headers["X-Correlation-Id"]
    assert made != given
    assert len(made) == 36
