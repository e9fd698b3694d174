"""The catalogue of events: JSON Schemas, AsyncAPI 3 document, fingerprints; all derived from the classes."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import inspect
import itertools
import json
import pkgutil
import threading
from typing import Any, Final

import msgspec

import contracts
from contracts.events import CONTENT_TYPE, EVENT_TYPES, EXCHANGE, Envelope, Event, binding_key

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def event_types() -> list[type[Event]]:
    """Every event of the platform, by type; imports the modules of `contracts` that define them."""
    for module in pkgutil.iter_modules(contracts.__path__):
        importlib.import_module(f"contracts.{module.name}")
    return [EVENT_TYPES[name] for name in sorted(EVENT_TYPES) if EVENT_TYPES[name].__module__.startswith("contracts.")]


def description(event_type: type[Event]) -> str:
    """What happened, in the words of the class."""
    return inspect.cleandoc(event_type.__doc__ or "")


def data_schema(event_type: type[Event]) -> dict[str, Any]:
    """JSON Schema of an event's `data`, with the fields' own words."""
    (schema,), definitions = msgspec.json.schema_components([event_type], ref_template="#/$defs/{name}")
    own = definitions.pop(schema["$ref"].rpartition("/")[2])
    own.pop("title", None)
    own["description"] = description(event_type)
    own["properties"] = {
        name: {**shape, **({"description": words} if (words := field_words(event_type).get(name)) else {})}
        for name, shape in own.get("properties", {}).items()
    }
    whole = {"$schema": SCHEMA_DIALECT, "$id": f"{event_type.type}.json", "title": event_type.type, **own}
    return {**whole, "$defs": definitions} if definitions else whole


def envelope_schema() -> dict[str, Any]:
    """JSON Schema of the envelope, apart from `data`."""
    (schema,), definitions = msgspec.json.schema_components([Envelope[Event]], ref_template="#/$defs/{name}")
    envelope: dict[str, Any] = definitions[schema["$ref"].rpartition("/")[2]]
    envelope["properties"].pop("data")
    envelope["required"] = [name for name in envelope["required"] if name != "data"]
    envelope.update(title="CloudEvents envelope", description=inspect.cleandoc(Envelope.__doc__ or ""))
    return envelope


def shape(event_type: type[Event]) -> dict[str, Any]:
    """The schema of an event without its words: what a reader's program depends on."""
    bare: dict[str, Any] = _shape(data_schema(event_type))
    return bare


def fingerprint(event_type: type[Event]) -> str:
    """A hash of an event's shape: it changes with fields and types, not with words."""
    return hashlib.sha256(json.dumps(shape(event_type), sort_keys=True).encode()).hexdigest()[:16]


def breaks(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Why a reader of shape `before` can't read `after`; nothing where only optional fields were added.

    A change with reasons needs a new major version, published beside the old one.
    """
    reasons = [
        f"{name} is gone" if name not in after["properties"] else f"{name} has another shape"
        for name, old in before["properties"].items()
        if after["properties"].get(name) != old
    ]
    if set(after.get("required", ())) != set(before.get("required", ())):
        reasons.append("other fields are required")
    if any(after.get("$defs", {}).get(name) != old for name, old in before.get("$defs", {}).items()):
        reasons.append("a nested type has another shape")
    return reasons


def _shape(schema: Any) -> Any:
    if isinstance(schema, dict):
        # a property may be called "description": only words beside a shape are left out
        return {
            name: {key: _shape(value) for key, value in inner.items()}
            if name in ("properties", "$defs")
            else _shape(inner)
            for name, inner in schema.items()
            if name not in ("description", "title", "$id", "$schema")
        }
    return [_shape(each) for each in schema] if isinstance(schema, list) else schema


def field_words(event_type: type[Any]) -> dict[str, str]:
    """The sentences that stand under the fields of a class, and of its bases."""
    words: dict[str, str] = {}
    with _reading:
        for each in reversed(event_type.__mro__):
            if each.__module__.partition(".")[0] == contracts.__name__:
                words |= _words_of_module(each.__module__).get(each.__qualname__, {})
    return words


_reading = threading.Lock()
"""Python 3.11 before 3.11.8 fails when two threads parse at once (python/cpython#106905)."""


@functools.cache
def _words_of_module(module: str) -> dict[str, dict[str, str]]:
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    return {node.name: _words_of_class(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _words_of_class(node: ast.ClassDef) -> dict[str, str]:
    words: dict[str, str] = {}
    for field, after in itertools.pairwise(node.body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            words[field.target.id] = inspect.cleandoc(str(after.value.value))  # type: ignore[attr-defined]
    return words


def asyncapi(version: str) -> dict[str, Any]:
    """The AsyncAPI 3 document of everything that is published."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for event_type in event_types():
        name = f"{event_type.service}.{event_type.name}"
        channels[name] = {
            "address": f"{binding_key(event_type).removesuffix('.#')}.{{place}}",
            "description": description(event_type),
            "parameters": {
                "place": {"description": "Region code of the unit that looks after the subject: 21 or 21.71."}
            },
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
            "bindings": {
                "amqp": {"is": "routingKey", "exchange": {"name": EXCHANGE, "type": "topic", "durable": True}}
            },
        }
        operations[f"on.{name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{name}"},
            "summary": description(event_type).splitlines()[0],
        }
        messages[name] = {
            "name": event_type.type,
            "contentType": CONTENT_TYPE,
            "payload": {
                "allOf": [
                    {"$ref": "#/components/schemas/envelope"},
                    {
                        "type": "object",
                        "required": ["data"],
                        "properties": {
                            "type": {"const": event_type.type},
                            "data": _inlined(data_schema(event_type)),
                        },
                    },
                ]
            },
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "PLUT events",
            "version": version,
            "description": "Facts that the services publish, as CloudEvents 1.0 in structured JSON.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"envelope": envelope_schema()}},
    }


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its definitions put where they are referred to, so that it can stand inside another document."""
    definitions = schema.get("$defs", {})

    def inline(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return inline(definitions[part["$ref"].rpartition("/")[2]])
            return {name: inline(inner) for name, inner in part.items() if name not in ("$defs", "$schema", "$id")}
        return [inline(each) for each in part] if isinstance(part, list) else part

    inlined: dict[str, Any] = inline(schema)
    return inlined
