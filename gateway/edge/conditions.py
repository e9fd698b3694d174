"""ETag, If-None-Match, If-Match: a thing's version as its strong tag."""

from __future__ import annotations

import re
from typing import Final

from flask import request
from werkzeug.datastructures import Headers

from contracts.errors import INVALID_REQUEST, VERSION_CONFLICT, VERSION_REQUIRED, PlutError

_TAG: Final = re.compile(r"[1-9]\d{0,17}")


def tag(version: int) -> str:
    """The strong ETag of a version: `"7"`."""
    return f'"{version}"'


def unchanged(version: int) -> bool:
    """Whether the reader already has this version (If-None-Match: answer 304)."""
    return request.if_none_match.contains_weak(str(version))


def expected_version() -> int:
    """The version that the caller has seen and wants to change, from If-Match.

    Raises `version-required` (428) without the header, `version-conflict` (412) for a weak tag, which never matches,
    and `invalid-request` for what can't be a version. `*` is refused: it would overwrite what the caller hasn't seen.
    """
    if "If-Match" not in request.headers:
        raise PlutError(
            VERSION_REQUIRED,
            'Say which version you want to change: If-Match: "<version>", as in the ETag of the answer you read.',
            'Sebutkan versi yang hendak diubah: If-Match: "<versi>", seperti ETag pada jawaban yang Anda baca.',
        )
    tags = request.if_match.as_set()
    if not tags and not request.if_match.star_tag:
        raise PlutError(VERSION_CONFLICT, "A weak tag never matches.", "Tag lemah tidak pernah cocok.")
    if request.if_match.star_tag or len(tags) != 1 or not _TAG.fullmatch(only := next(iter(tags))):
        raise PlutError(
            INVALID_REQUEST,
            "If-Match must hold one version.",
            "If-Match harus berisi satu versi.",
            fields={"If-Match": ['Satu tag seperti "7" / One tag like "7"']},
        )
    return int(only)


def with_tag(headers: Headers, version: object) -> None:
    """Add the ETag of a body that has a version."""
    if isinstance(version, int):
        headers["ETag"] = tag(version)


def has_expected_version() -> bool:
    """Whether the caller says which version is to be changed, where that is left to the caller."""
    return "If-Match" in request.headers
