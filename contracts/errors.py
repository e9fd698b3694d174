"""Errors as they cross a process border: a code, a message in two languages, the fields that were wrong.

A code is stable and meant for programs (`registry.enterprise-not-found`); the messages are meant for people. The
gateway has one table from codes to HTTP statuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

INVALID_REQUEST: Final = "invalid-request"
NOT_SIGNED_IN: Final = "not-signed-in"
NOT_ALLOWED: Final = "not-allowed"
OUT_OF_SCOPE: Final = "out-of-scope"
NOT_FOUND: Final = "not-found"
VERSION_CONFLICT: Final = "version-conflict"
VERSION_REQUIRED: Final = "version-required"
IDEMPOTENCY_MISMATCH: Final = "idempotency-mismatch"
DEADLINE_EXCEEDED: Final = "deadline-exceeded"
UNAVAILABLE: Final = "unavailable"
INTERNAL: Final = "internal"

_ARGS: Final = 5
Fields = Mapping[str, Sequence[str]]


class PlutError(Exception):
    """A refusal or a failure that the caller can act on.

    `code` is one of the constants above or `<service>.<what>`; `fields` maps a field's path (`owner.nik`) to what
    was expected of it; `params` are JSON values that a program may want (the version that is there, the limit that was hit).
    """

    def __init__(
        self,
        code: str,
        message_en: str,
        message_id: str | None = None,
        fields: Fields | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code, message_en)
        self.code = code
        self.message_en = message_en
        self.message_id = message_id or message_en
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}
        self.params = params

    def __str__(self) -> str:
        return f"{self.code}: {self.message_en}"

    def to_wire(self) -> dict[str, Any]:
        """The error as the `error` member of an RPC reply, in nameko's shape."""
        return {
            "exc_type": self.code,
            "exc_path": "contracts.errors.PlutError",
            "exc_args": [self.code, self.message_en, self.message_id, self.fields, self.params],
            "value": self.message_en,
        }

    def to_view(self) -> dict[str, Any]:
        """The error as JSON values for people and programs outside: a failed job's `error`."""
        return {
            "code": self.code,
            "message_en": self.message_en,
            "message_id": self.message_id,
            "fields": self.fields,
            "params": self.params,
        }

    @classmethod
    def from_wire(cls, error: Mapping[str, Any]) -> PlutError:
        """The inverse of `to_wire`; an error of another shape (plain nameko's) becomes `internal`, without its text."""
        args = error.get("exc_args")
        if error.get("exc_path") != "contracts.errors.PlutError" or not isinstance(args, list) or len(args) != _ARGS:
            return cls(INTERNAL, "The service failed.", "Layanan mengalami kegagalan.")
        code, message_en, message_id, fields, params = args
        return cls(code, message_en, message_id, fields, **params)
