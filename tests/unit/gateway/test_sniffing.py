"""Files that the gateway lets through, by their first bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from contracts.errors import PlutError
from gateway.edge.sniffing import TABLES, TEXTS, refuse_what_is_no_table

DATA = Path(__file__).parents[2] / "data"
ZIP = b"PK\x03\x04\x14\0\0\0"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def code_of(content: bytes, name: str, kinds: tuple[str, ...] = TABLES) -> str | None:
    stream = io.BytesIO(content)
    try:
        refuse_what_is_no_table(stream, name, kinds)
    except PlutError as error:
        return error.code
    assert stream.tell() == 0, "who reads it next begins at its beginning"
    return None


@pytest.mark.parametrize("name", ["sample-umkm-300.xlsx", "sample-small.xls", "sample-oss-80.csv", "batam-regions.csv"])
def test_what_offices_have_is_taken(name: str) -> None:
    content = (DATA / name).read_bytes()
    assert code_of(content, name) is None
    assert code_of(content, name.upper()) is None
    assert code_of(content, "file") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_is_taken_in_every_encoding_that_spreadsheets_write(encoding: str) -> None:
    assert code_of("Nama Usaha;Pemilik\r\n“Sédap” Jaya;Sri\r\n".encode(encoding), "data.csv") is None


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html>", b"\n  <script>alert(1)</script>", b"<?php system($_GET[0]);", b"<svg onload=x>",
        b"<?xml version='1.0'?>", b"#!/bin/sh\nid", b"@echo off\r\n", b"%PDF-1.7", b"{\\rtf1}",
        b"MZ\x90\0\x03\0", b"\x7fELF\x02\x01", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\0\x10JFIF", b"\x1f\x8b\x08\0",
        b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xca\xfe\xba\xbe\0\0", b"SQLite format 3\0",
        "<html>".encode("utf-16"), "<html>".encode("utf-16-le"), b"\xef\xbb\xbf<html>",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["data.csv", "data.xlsx", "data.xls", "data"])
def test_what_could_be_run_or_drawn_is_refused(content: bytes, name: str) -> None:
    assert code_of(content, name) == "unsupported-media-type"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (ZIP, "data.xls"), (OLE, "data.xlsx"), (ZIP, "data.csv"), (b"a,b\n", "data.xlsx"), (b"a,b\n", "data.html"),
        (ZIP, "data.zip"), (ZIP, "data.xlsm"), (ZIP, "data.xlsx.exe"), (OLE, "virus.doc"),
    ],
)  # fmt: skip
def test_what_is_not_what_its_name_says_is_refused(content: bytes, name: str) -> None:
    assert code_of(content, name) == "unsupported-media-type"


def test_reference_data_is_text() -> None:
    assert code_of(b"code,name\n", "regions.csv", TEXTS) is None
    assert code_of(ZIP, "regions.xlsx", TEXTS) == "unsupported-media-type"
    assert code_of(ZIP, "regions", TEXTS) == "unsupported-media-type"


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert code_of(b"", "data.xlsx") == "invalid-request"
