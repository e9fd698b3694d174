"""What an uploaded file is, by its first bytes: what isn't a workbook or a table of text goes no further than this.

It is a list of what is taken, not of what is refused, and it stays shallow: nothing is unpacked here. What is inside an
archive, and how large that is, is judged where the file is read, by a worker. The content type that a client claims counts
for nothing.
"""

from __future__ import annotations

import re
from typing import IO, Final

from contracts.errors import PlutError
from gateway.edge.parsing import wrong_fields
from gateway.edge.statuses import UNSUPPORTED_MEDIA_TYPE

#: How much of a file is looked at.
_HEAD: Final = 8192
_ARCHIVE, _COMPOUND, _TEXT = "archive", "compound", "text"
_CONTENT_OF: Final = {
    "xlsx": _ARCHIVE,
    "ods": _ARCHIVE,
    "xls": _COMPOUND,
    "csv": _TEXT,
    "tsv": _TEXT,
    "txt": _TEXT,
}
TABLES: Final = tuple(_CONTENT_OF)
"""Extensions of what an import takes."""
TEXTS: Final = ("csv", "tsv", "txt")
"""Extensions of tables as text."""

_MAGIC: Final = {b"PK\x03\x04": _ARCHIVE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": _COMPOUND}
#: Text that a machine or a browser would run or draw: markup, scripts, PDF, PostScript, RTF.
_NO_TABLE: Final = re.compile(r"\s*(?:<[a-z!?%/]|#!|@echo\b|%pdf|%!ps|\{\\rtf)", re.IGNORECASE)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_EMPTY: Final = "Berkas ini kosong. / The file is empty."


def refuse_what_is_no_table(stream: IO[bytes], name: str, kinds: tuple[str, ...]) -> None:
    """Look at a file's beginning and leave the stream there; `kinds` are the extensions that are taken.

    A name without an extension says nothing that could be wrong. Raises `invalid-request` for an empty file and
    `unsupported-media-type` for what isn't one of `kinds`, or isn't what its name says.
    """
    head = stream.read(_HEAD)
    stream.seek(0)
    if not head:
        raise wrong_fields({"file": [_EMPTY]})
    extension = name.rpartition(".")[2].lower() if "." in name.strip(".") else None
    taken = {_CONTENT_OF[kind] for kind in (kinds if extension is None else {extension}.intersection(kinds))}
    if _content_of(head) not in taken:
        named = ", ".join(f".{kind}" for kind in kinds)
        raise PlutError(
            UNSUPPORTED_MEDIA_TYPE,
            f"The file is not what is taken here, or not what its name says. Save it as one of {named} and send it again.",
            f"Isi berkas tidak diterima di sini atau tidak sesuai namanya. Simpan sebagai {named} lalu kirim lagi.",
            fields={"file": [f"Yang diterima: {named}. / Taken are: {named}."]},
        )


def _content_of(head: bytes) -> str | None:
    for magic, content in _MAGIC.items():
        if head.startswith(magic):
            return content
    text = _text(head)
    return None if _CONTROL.search(text) or _NO_TABLE.match(text) else _TEXT


def _text(head: bytes) -> str:
    """The letters, whatever the encoding: only ASCII is looked for, and nothing is refused for the others."""
    half = len(head) // 2
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "ignore")
    # spreadsheet programs write UTF-16 without a mark, too: NUL in every second byte
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if half and head[start::2].count(0) > half * 0.8:
            return head.decode(encoding, "ignore")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1").translate(_BEYOND_ASCII)


#: Windows-1252 has letters where Latin-1 has controls.
_BEYOND_ASCII: Final = dict.fromkeys(range(0x80, 0xA0), "x")
