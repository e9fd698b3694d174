"""What a file is, by its first bytes: names and extensions are only what somebody called it."""

from typing import Final, Literal

Kind = Literal["zip", "ole", "text"]

HEAD_BYTES: Final = 8192
"""How much of a file its kind is judged by."""

_NOT_WORKBOOKS: Final = (
    (b"%PDF", "PDF", "a PDF"),
    (b"\xff\xd8\xff", "gambar JPEG", "a JPEG picture"),
    (b"\x89PNG", "gambar PNG", "a PNG picture"),
    (b"GIF8", "gambar GIF", "a GIF picture"),
    (b"BM", "gambar BMP", "a BMP picture"),
    (b"RIFF", "berkas media", "a media file"),
    (b"MZ", "program Windows", "a Windows program"),
    (b"\x7fELF", "program Linux", "a Linux program"),
    (b"Rar!", "arsip RAR", "a RAR archive"),
    (b"7z\xbc\xaf", "arsip 7-Zip", "a 7-Zip archive"),
    (b"\x1f\x8b", "arsip gzip", "a gzip archive"),
    (b"{\\rtf", "dokumen RTF", "an RTF document"),
    (b"SQLite format", "basis data", "a database"),
)


class NotAWorkbookError(ValueError):
    """The first bytes are those of something else: `kind` in Indonesian, `kind_en` in English."""

    def __init__(self, kind: str, kind_en: str) -> None:
        super().__init__(kind_en)
        self.kind: Final = kind
        self.kind_en: Final = kind_en


def sniff(head: bytes) -> Kind:
    """The kind of a file that begins with `head`. Raises `NotAWorkbookError`."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    for magic, kind, kind_en in _NOT_WORKBOOKS:
        if head.startswith(magic):
            raise NotAWorkbookError(kind, kind_en)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<div", b"<style", b"<meta")):
        raise NotAWorkbookError("halaman web (HTML)", "a web page (HTML)")
    if start.startswith((b"<?xml", b"<workbook", b"<ss:")):
        raise NotAWorkbookError("dokumen XML", "an XML document")
    if start.startswith((b"{", b"[{")):
        raise NotAWorkbookError("JSON", "JSON")
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" in head and not _is_utf16(head):
        raise NotAWorkbookError("berkas biner yang tidak dikenal", "an unknown binary file")
    return "text"


def _is_utf16(head: bytes) -> bool:
    """Whether text has a NUL in every second byte: UTF-16 without a mark."""
    half = len(head) // 2
    return half > 0 and max(head[0::2].count(0), head[1::2].count(0)) > half * 0.8
