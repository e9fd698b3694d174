import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook as NewWorkbook

from services.registry.workbook import Limits, WorkbookRefused, open_workbook
from services.registry.workbook.extent import Extent, measure_xlsx
from services.registry.workbook.limits import DEFAULT_LIMITS
from tests.unit.registry.support import DATA

SMALL = Limits(columns=30, rows=200, cells=3_000, unpacked_bytes=3_000_000, small_part_bytes=100_000, sheets=3)


def xlsx(rows: int = 3, columns: int = 4, sheets: int = 1) -> bytes:
    book = NewWorkbook()
    for number in range(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        for row in range(1, rows + 1):
            for column in range(1, columns + 1):
                sheet.cell(row, column, f"{row}/{column}")
    return saved(book)


def saved(book: NewWorkbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same zip with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info.filename, old.read(info))
        new.writestr(name, content)
    return out.getvalue()


def sheet_xml(body: str) -> bytes:
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'.encode()


def code_of(data: bytes, limits: Limits = SMALL) -> str:
    with pytest.raises(WorkbookRefused) as caught:
        open_workbook(data, limits=limits)
    assert caught.value.message_id
    assert caught.value.message_en
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7 whatever", "not_a_workbook"),
        (b"\xff\xd8\xff\xe0 JFIF", "not_a_workbook"),
        (b"MZ\x90\0", "not_a_workbook"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not_a_workbook"),
        (b"\0\1\2\3 binary \0\0\0", "not_a_workbook"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut off", "damaged"),
        (b"   \n \n", "no_rows"),
        (b"nama;usaha\n\x81\x8d;\x90\n", "encoding"),
    ],
)
def test_what_is_no_workbook(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_ordinary_files_of_each_kind(tmp_path: Path) -> None:
    path = tmp_path / "called.pdf"  # the name says nothing
    path.write_bytes(xlsx())
    assert next(row for _, row in open_workbook(path).sheets[0].rows()) == ["1/1", "1/2", "1/3", "1/4"]
    for data in (
        b"a;b,c\n1;2,5\n",
        b"a\tb,c\n1\t2,5\n",
        "a;b,c\n1;2,5\n".encode("utf-16"),
        b"\xef\xbb\xbfa|b,c\n1|2,5\n",
    ):
        sheet = open_workbook(data).sheets[0]
        assert list(sheet.rows()) == [(1, ["a", "b,c"]), (2, ["1", "2,5"])]
        assert list(sheet.rows()) == list(sheet.rows())
    assert list(open_workbook("n;caf\xe9\n".encode("cp1252")).sheets[0].rows()) == [(1, ["n", "café"])]


def test_rows_keep_their_numbers_and_columns() -> None:
    book = NewWorkbook()
    book.active["C4"] = "x"
    book.active["D6"] = 5
    rows = list(open_workbook(saved(book)).sheets[0].rows())
    assert rows[3] == (4, ["", "", "x", ""])
    assert rows[5] == (6, ["", "", "", 5.0])


def test_hidden_sheets_and_merged_cells_are_told() -> None:
    book = NewWorkbook()
    book.active["A1"] = "Usaha"
    book.active.merge_cells("A1:C1")
    book.create_sheet("rahasia").sheet_state = "hidden"
    book["rahasia"]["A1"] = 1
    first, second = open_workbook(saved(book)).sheets
    assert first.merged == (((0, 0), (0, 2)),)
    assert second.hidden


def test_too_wide_too_long_too_many() -> None:
    assert code_of(xlsx(columns=200), DEFAULT_LIMITS) == "too_many_columns"
    assert code_of(xlsx(columns=31)) == "too_many_columns"
    assert code_of(xlsx(rows=201, columns=2)) == "too_many_rows"
    assert code_of(xlsx(sheets=4)) == "too_many_sheets"
    assert code_of(";".join(["x"] * 200).encode() + b"\n", DEFAULT_LIMITS) == "too_many_columns"
    assert code_of(b"a;b\n" * 201) == "too_many_rows"
    assert code_of(b'a;"' + b"x" * 200_000) == "csv_field"
    assert open_workbook(xlsx(rows=100, columns=30), limits=SMALL)


@pytest.mark.parametrize(
    "body",
    [
        '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        '<row r="1"><c r="XFD1"><v>1</v></c></row>',
        '<row r="1"><c r="A1048576"><v>1</v></c></row>',
        '<row r="9"><c r="A9"><v>1</v></c><c r="B201"><v>1</v></c></row>',
        "<row r='1'><c r='XFD1'><v>1</v></c></row>",
        '<row r="1"><c\n r="XFD1"><v>1</v></c></row>',
        '<row\tr="300000"><c r="A300000"><v>1</v></c></row>',
        '<row r="1">' + "<c><v>1</v></c>" * 300 + "</row>",
        '<x:row r="1" xmlns:x="u"><x:c r="XFD1"><v>1</v></x:c></x:row>',
        "<row><c><v>1</v></c></row>" * 300,
    ],
)
def test_a_far_cell_is_seen_however_it_is_written(body: str) -> None:
    data = with_part(xlsx(), "xl/worksheets/sheet1.xml", sheet_xml(body))
    assert code_of(data) in ("too_many_columns", "too_many_rows")


def test_the_fast_measure_agrees_with_the_parser() -> None:
    body = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c><c r="Z{row}"/></row>' for row in range(1, 101))
    assert measure_xlsx(io.BytesIO(sheet_xml(body)), SMALL).rows == 100
    slow = sheet_xml(body.replace('<c r="A', "<c r='A").replace('"><v>', "'><v>"))
    assert measure_xlsx(io.BytesIO(slow), SMALL) == Extent(100, 26)


def test_bombs() -> None:
    blank = b" " * 2_900_000
    assert code_of(with_part(xlsx(), "xl/media/x.xml", b"<a/>" + blank)) == "bomb"
    assert code_of(with_part(xlsx(), "xl/media/x.bin", blank + blank)) == "bomb"
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    assert code_of(with_part(xlsx(), "xl/worksheets/sheet1.xml", laughs)) == "entities"
    assert code_of(with_part(xlsx(), "xl/styles.xml", laughs.decode().encode("utf-16"))) == "entities"


def test_other_zips_and_damage() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert code_of(out.getvalue()) == "not_a_workbook"
    whole = xlsx(rows=50)
    assert code_of(whole[: len(whole) // 2]) == "damaged"
    assert code_of(with_part(whole, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row")) in (
        "damaged",
        "no_rows",
    )
    assert code_of(saved(NewWorkbook())) == "no_rows"


def test_an_encrypted_file() -> None:
    assert code_of(ole("EncryptedPackage")) == "encrypted"
    assert code_of(ole("WordDocument")) == "not_a_workbook"


def ole(stream: str) -> bytes:
    """The smallest OLE file: a header, one sector of FAT, one of directory."""
    name = stream.encode("utf-16-le")
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:34] = (9).to_bytes(2, "little") + (6).to_bytes(2, "little")
    header[48:64] = b"".join(number.to_bytes(4, "little") for number in (1, 0, 4096, 0xFFFFFFFE))
    header[68:72] = (0xFFFFFFFE).to_bytes(4, "little")
    header[76:512] = (0).to_bytes(4, "little") + b"\xff" * 432
    fat = b"".join(number.to_bytes(4, "little") for number in (0xFFFFFFFD, 0xFFFFFFFE)) + b"\xff" * 504
    root = bytearray(128)
    root[66] = 5
    root[116:120] = (0xFFFFFFFE).to_bytes(4, "little")
    entry = bytearray(128)
    entry[: len(name)] = name
    entry[64:66] = (len(name) + 2).to_bytes(2, "little")
    entry[66] = 2
    return bytes(header) + fat + bytes(root) + bytes(entry) + bytes(256)


def ods(rows: str) -> bytes:
    """A small OpenDocument sheet."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name='UMKM'>{rows}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


CELL = "<table:table-cell office:value-type='string'{}><text:p>x</text:p></table:table-cell>"


def test_open_documents() -> None:
    blank = "<table:table-cell table:number-columns-repeated='16384'/>"
    rest = f"<table:table-row table:number-rows-repeated='1048000'>{blank}</table:table-row>"
    good = f"<table:table-row>{CELL.format('')}{CELL.format('')}</table:table-row>{rest}"
    (sheet,) = open_workbook(ods(good), limits=SMALL).sheets
    assert (sheet.name, list(sheet.rows())) == ("UMKM", [(1, ["x", "x"])])
    wide = CELL.format(" table:number-columns-repeated='16000'")
    assert code_of(ods(f"<table:table-row>{wide}</table:table-row>")) == "too_many_columns"
    long = f"<table:table-row table:number-rows-repeated='1000000'>{CELL.format('')}</table:table-row>"
    assert code_of(ods(long)) == "too_many_rows"


def test_old_excel_files() -> None:
    (sheet,) = open_workbook(DATA / "sample-small.xls").sheets
    assert list(sheet.rows())[1] == (2, ["sel 1/0", "sel 1/1", 1.5])
    data = (DATA / "sample-small.xls").read_bytes()
    assert code_of(data, Limits(columns=2)) == "too_many_columns"
    assert code_of(data, Limits(cells=8)) == "too_wide_and_long"
    assert code_of(data[:1500]) == "damaged"
