"""Files in and out: streamed through a spooled temporary file, never held in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

from flask import Response
from werkzeug.datastructures import FileStorage
from werkzeug.http import dump_options_header

from contracts import identity_numbers
from contracts.errors import NOT_FOUND, PlutError
from gateway.api.authentication import signed_in
from gateway.edge import idempotency
from gateway.edge.sniffing import refuse_what_is_no_table
from gateway.resources import resources

_CHUNK: Final = 1 << 16
_NAMESPACE: Final = UUID("0f6a5b0e-7d3c-5c39-9a41-2d8c1e6b9017")
_NAME_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Received:
    """An uploaded file in the file store."""

    key: str
    name: str
    size: int
    sha256: str


def receive(upload: FileStorage, service: str, kinds: tuple[str, ...]) -> Received:
    """Put an uploaded file into the store, unless it isn't one of `kinds` (extensions; see `gateway.edge.sniffing`).

    Its key follows from who uploads, the Idempotency-Key and the content, so that a repeated request names the same
    file, and another file under the same key is seen to be another request.
    """
    name = safe_name(upload.filename or "-")
    refuse_what_is_no_table(upload.stream, name, kinds)
    sha256 = hashlib.file_digest(upload.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    upload.stream.seek(0)
    unique = uuid5(_NAMESPACE, f"{signed_in().account}|{idempotency.key()}|{sha256}")
    key = f"{service}/uploads/{unique}"
    size, _ = resources().files.put(key, upload.stream)
    return Received(key=key, name=name, size=size, sha256=sha256)


def download(file: Mapping[str, Any]) -> Response:
    """Stream a file of the store: `{file: key, name, media_type, once}`, and remove it then if it was made for this alone.

    Raises `not-found` when it has been removed.
    """
    held = ExitStack()
    if file.get("once"):
        held.callback(resources().files.delete, file["file"])
    try:
        source = held.enter_context(resources().files.open(file["file"]))
        size = resources().files.size(file["file"])
    except FileNotFoundError:
        held.close()
        raise PlutError(NOT_FOUND, "The file is no longer there.", "Berkas ini sudah tidak ada.") from None
    response = Response(
        _chunks(source, held),
        content_type=file.get("media_type") or "application/octet-stream",
        direct_passthrough=True,
    )
    response.call_on_close(held.close)
    response.content_length = size
    response.headers["Content-Disposition"] = disposition(file.get("name") or file["file"].rpartition("/")[2])
    return response


def disposition(name: str) -> str:
    """`attachment` with the name in ASCII for old clients and in UTF-8 for the others (RFC 6266)."""
    name = safe_name(name)
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    options = {"filename": plain} | ({} if plain == name else {"filename*": f"UTF-8''{quote(name, safe='')}"})
    return dump_options_header("attachment", options)


def safe_name(name: str) -> str:
    """A file's name without folders, control characters, quotes and identity numbers, at most 200 characters of its end."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in last if char.isprintable() and char not in '"<>|:*?').strip(" .")
    return identity_numbers.hidden(kept)[-_NAME_LENGTH:] or "file"


def _chunks(source: IO[bytes], held: ExitStack) -> Iterator[bytes]:
    with held:
        while chunk := source.read(_CHUNK):
            yield chunk
