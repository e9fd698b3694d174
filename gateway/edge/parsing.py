"""Reading a request: JSON only, unknown fields and parameters refused, every complaint by the field's path."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import flask
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from contracts.errors import INVALID_REQUEST, PlutError
from gateway.edge.statuses import BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_TRUTHS: Final = {"true": True, "false": False}
#: PostgreSQL keeps no NUL, and nothing can be done with half a character.
_BAD: Final = re.compile("[\x00\ud800-\udfff]")
_UNKEEPABLE: Final = "Berisi yang tidak dapat disimpan. / Holds something that can't be kept."
_DEEPEST: Final = 32
_WRONG: Final = ("Please correct the fields that are named.", "Perbaiki isian yang disebutkan.")


class StrictParser(FlaskParser):
    """webargs' parser, with our errors and without its leniency.

    A location of its own is `multipart`: the fields and the files of a form together.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(("json", "query", "multipart"), RAISE)
    __location_map__ = {**FlaskParser.__location_map__, "multipart": "load_multipart"}  # noqa: RUF012 - as its base

    def _raw_load_json(self, req: flask.Request) -> Any:
        """The JSON body; a body of another type is refused rather than ignored."""
        body = req.get_data(cache=True)
        if body and not req.is_json:
            raise PlutError(
                UNSUPPORTED_MEDIA_TYPE,
                "The body must be application/json.",
                "Isi permintaan harus application/json.",
            )
        if not body:
            return missing
        try:
            return json.loads(
                body, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant, parse_float=_finite
            )
        except (ValueError, RecursionError) as error:
            raise PlutError(
                BAD_REQUEST,
                f"The body is not valid JSON: {_place(error)}.",
                f"Isi permintaan bukan JSON yang benar: {_place(error)}.",
            ) from None

    def load_json(self, req: flask.Request, schema: Schema) -> Any:
        """The JSON body, without characters that no database and no other service takes."""
        body = super().load_json(req, schema)
        if (where := _unkeepable(body)) is not None:
            raise wrong_fields({where: [_UNKEEPABLE]})
        return body

    def load_querystring(self, req: flask.Request, schema: Schema) -> dict[str, Any]:
        """The query's parameters: numbers as numbers, and each given once unless it is a list."""
        return _singly(req.args, schema)

    def load_multipart(self, req: flask.Request, schema: Schema) -> dict[str, Any]:
        """A form's fields and files."""
        if req.mimetype != "multipart/form-data":
            raise PlutError(
                UNSUPPORTED_MEDIA_TYPE,
                "The body must be multipart/form-data.",
                "Isi permintaan harus multipart/form-data.",
            )
        return _singly(req.form, schema) | _singly(req.files, schema)

    def handle_error(
        self,
        error: ValidationError,
        req: flask.Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Turn marshmallow's nested messages into one list per field."""
        del req, error_status_code, error_headers
        messages: Any = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise wrong_fields(flatten(messages, schema))


def wrong_fields(fields: dict[str, list[str]]) -> PlutError:
    """The error for fields that are wrong."""
    return PlutError(INVALID_REQUEST, *_WRONG, fields=fields)


def flatten(messages: Any, schema: Schema, path: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as `{"owner.phone": ["…"], "items.0": ["…"]}`.

    webargs puts the location (`json`, `query`) around everything: it is left out. What is said of the whole stands
    under the empty path.
    """
    flat: dict[str, list[str]] = {}
    for key, value in messages.items() if isinstance(messages, Mapping) else [("_schema", messages)]:
        if not path and key in ("json", "query", "multipart") and key not in schema.fields:
            flat |= flatten(value, schema)
            continue
        where = path if key == "_schema" else f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            flat |= flatten(value, schema, where)
        else:
            texts = value if isinstance(value, list) else [value]
            flat[where] = [_known(str(text), schema if where == key else None) for text in texts]
    return flat


def _known(text: str, schema: Schema | None) -> str:
    """For a field that isn't known: which ones are."""
    if text == "Unknown field." and schema is not None:
        names = sorted(field.data_key or name for name, field in schema.load_fields.items())
        return f"Unknown field. Known are: {', '.join(names)}." if names else text
    return text


def _unkeepable(body: Any) -> str | None:
    """The path of a string that can't be kept, or of something nested too deeply; None where all is well."""
    waiting: list[tuple[str, int, Any]] = [("", 0, body)]
    while waiting:
        path, depth, value = waiting.pop()
        if depth > _DEEPEST or (isinstance(value, str) and _BAD.search(value)):
            return path
        if isinstance(value, dict):
            if any(_BAD.search(name) for name in value):
                return path
            waiting += [(f"{path}.{name}" if path else name, depth + 1, inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}.{index}", depth + 1, inner) for index, inner in enumerate(value)]
    return None


def _singly(given: MultiDict[str, Any], schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in given.lists():
        field = schema.fields.get(name)
        if len(values) > 1 and not isinstance(field, fields.List):
            raise wrong_fields({name: ["Hanya boleh sekali. / Only once."]})
        kind = field.inner if isinstance(field, fields.List) else field
        read = [_typed(value, kind) for value in values]
        if _unkeepable(read) is not None:
            raise wrong_fields({name: [_UNKEEPABLE]})
        found[name] = read if isinstance(field, fields.List) else read[0]
    return found


def _typed(value: Any, kind: Any) -> Any:
    """A number or a truth that is sent as text, in an address or in a form."""
    if isinstance(kind, fields.Integer) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(kind, fields.Boolean) and isinstance(value, str):
        return _TRUTHS.get(value.lower(), value)
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _place(error: Exception) -> str:
    """Where the JSON breaks off, without quoting it: bodies hold personal data."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (line {error.lineno}, column {error.colno})"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error) if isinstance(error, ValueError) else "nested too deeply"


class JsonText(fields.Field[Any]):
    """An object that is sent as JSON text, inside a form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        del attr, data
        try:
            found = json.loads(value)
        except (TypeError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ValidationError("Harus objek JSON. / Must be a JSON object.")
        return found
