from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from marshmallow import RAISE, Schema, fields, validate

from gateway.edge import correlation, problems
from gateway.edge.parsing import JsonText, StrictParser
from gateway.edge.wording import translate


class Inner(Schema):
    class Meta:
        unknown = RAISE

    code = fields.String(required=True)


class Body(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(validate=validate.Length(min=1, max=5))
    count = fields.Integer(strict=True)
    inner = fields.Nested(Inner)
    items = fields.List(fields.Nested(Inner))
    extra = fields.Dict()


class Query(Schema):
    class Meta:
        unknown = RAISE

    limit = fields.Integer(strict=True, load_default=50, validate=validate.Range(1, 200))
    q = fields.String()
    only = fields.List(fields.Integer(strict=True))


class Form(Query):
    mapping = JsonText()


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("parsing")
    app.testing = False
    problems.register(app)
    correlation.register(app)
    parser = StrictParser()

    def echo(asked: dict[str, Any]) -> Any:
        return jsonify(asked)

    for path, schema, location in (("/json", Body, "json"), ("/query", Query, "query"), ("/form", Form, "multipart")):
        view = parser.use_args(schema, location=location)(echo)
        app.add_url_rule(path, path, view, methods=["GET"] if location == "query" else ["POST"])
    return app.test_client()


def post(client: FlaskClient, body: bytes | str, media_type: str = "application/json") -> tuple[int, Any]:
    answer = client.post("/json", data=body, content_type=media_type, headers={"Accept-Language": "en"})
    return answer.status_code, answer.json


def test_a_good_body_arrives(client: FlaskClient) -> None:
    assert post(client, '{"name": "a", "count": 3, "inner": {"code": "x"}}')[0] == 200


def test_no_body_is_an_empty_one(client: FlaskClient) -> None:
    assert post(client, "", "text/plain") == (200, {})


@pytest.mark.parametrize(
    "body",
    ['{"a":', "", '{"name": "a", "name": "b"}', '{"count": NaN}', '{"count": 1e999}', b'{"name": "\xff"}', "[" * 9000],
)
def test_what_is_not_json_is_refused_without_being_quoted(client: FlaskClient, body: str | bytes) -> None:
    if not body:
        return
    status, problem = post(client, body)
    assert (status, problem["code"]) == (400, "bad-request")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_media_type_is_refused_rather_than_ignored(client: FlaskClient, media_type: str) -> None:
    status, problem = post(client, '{"name": "a"}', media_type)
    assert (status, problem["code"]) == (415, "unsupported-media-type")


def test_complaints_stand_under_the_path_of_their_field(client: FlaskClient) -> None:
    status, problem = post(
        client, '{"name": "", "count": 1.5, "inner": {"z": 1}, "items": [{"code": "a"}, {"code": 2}], "other": 1}'
    )
    assert status == 422
    assert problem["errors"] == {
        "name": ["Length must be between 1 and 5."],
        "count": ["Not a valid integer."],
        "inner.code": ["Missing data for required field."],
        "inner.z": ["Unknown field."],
        "items.1.code": ["Not a valid string."],
        "other": ["Unknown field. Known are: count, extra, inner, items, name."],
    }


@pytest.mark.parametrize("body", ["[1]", '"x"', "3", "null"])
def test_a_body_that_is_no_object(client: FlaskClient, body: str) -> None:
    status, problem = post(client, body)
    assert (status, problem["errors"]) == (422, {"": ["Invalid input type."]})


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (r'{"name": "a\u0000"}', "name"),
        (r'{"extra": {"x": ["\ud800"]}}', "extra.x.0"),
        (r'{"extra": {"\u0000": 1}}', "extra"),
        ('{"extra": {"x": ' + "[" * 40 + "]" * 40 + "}}", "extra.x" + ".0" * 31),
    ],
)
def test_what_no_database_keeps_is_refused(client: FlaskClient, body: str, where: str) -> None:
    status, problem = post(client, body)
    assert (status, list(problem["errors"])) == (422, [where])


def test_a_query_gives_numbers_as_numbers(client: FlaskClient) -> None:
    assert client.get("/query?limit=7&only=1&only=2").json == {"limit": 7, "only": [1, 2]}
    assert client.get("/query").json == {"limit": 50}


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=7&limit=8", "limit"),
        ("limit=seven", "limit"),
        ("limit=0", "limit"),
        ("limit=1.0", "limit"),
        ("limit=٣", "limit"),
        ("q=%00", "q"),
        ("other=1", "other"),
    ],
)
def test_a_query_that_is_wrong_names_the_parameter(client: FlaskClient, query: str, where: str) -> None:
    answer = client.get(f"/query?{query}")
    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]) == [where]


def test_a_form_may_hold_json(client: FlaskClient) -> None:
    assert client.post("/form", data={"mapping": '{"A": "b"}'}, content_type="multipart/form-data").json == {
        "limit": 50,
        "mapping": {"A": "b"},
    }
    refused = client.post("/form", data={"mapping": "[1]"}, content_type="multipart/form-data")
    assert refused.json is not None
    assert refused.json["errors"] == {"mapping": ["Harus objek JSON."]}


def test_everything_that_marshmallow_says_has_an_indonesian_form() -> None:
    said = {
        message.format(input="x", obj_type="date", choices="a, b", awareness="aware")
        for field in vars(fields).values()
        if isinstance(field, type) and issubclass(field, fields.Field)
        for message in field.default_error_messages.values()
        # fields and checks that no schema of ours uses
        if field.__name__ not in {"IP", "IPv4", "IPv6", "IPInterface", "IPv4Interface", "IPv6Interface", "TimeDelta",
                                  "Enum", "Constant", "Tuple", "Pluck", "Decimal", "NaiveDateTime"}
    }  # fmt: skip
    said |= {"Must be one of: a, b.", "Must be greater than or equal to 1 and less than or equal to 9.",
             "Must be greater than or equal to 1.", "Length must be between 1 and 5.", "Shorter than minimum length 1.",
             "Longer than maximum length 9.", "String does not match expected pattern.", "Unknown field.",
             "Unknown field. Known are: a, b.", "Invalid input type."}  # fmt: skip
    untranslated = {text for text in said if translate(text, "id") == text}
    assert untranslated <= {'"x" cannot be formatted as a date.', '"x" cannot be formatted as a datetime.'}
    assert translate("Tidak ada. / Not there.", "en") == "Not there."
    assert translate("Something that nobody has translated.", "id") == "Something that nobody has translated."
