from typing import Any

import pytest

from services.registry.domain.importing.content import guess_field
from services.registry.domain.importing.headers import read_header
from services.registry.domain.importing.layout import column_letter, find_layout
from tests.unit.registry.support import batam

BATAM = batam()
ROW = [1.0, "Siti Aminah", "2171026510820002", "P", "081234567890", "Dapur Siti", "Kue", 5_000_000.0]


def fields(rows: list[list[Any]], **more: Any) -> dict[str, str]:
    layout = find_layout(list(enumerate(rows, start=1)), gazetteer=BATAM, **more)
    assert layout is not None
    return {column.field: column.letter for column in layout.columns if column.field}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Nama Pemilik", "owner_name"), ("Nama Pelaku Usaha", "owner_name"), ("Nama Lengkap", "owner_name"),
        ("Nama sesuai KTP", "owner_name"), ("Nama UMKM", "name"), ("Nama Usaha/Produk", "name"), ("Nama Toko", "name"),
        ("No KTP", "nik"), ("N I K NIK", "nik"), ("Nomor Induk Kependudukan", "nik"), ("Nomor Induk Berusaha (NIB)", "nib"),
        ("Telp/WA", "phone"), ("No. HP / WA", "phone"), ("L/P", "sex"), ("JK", "sex"), ("Jenis Kelamin", "sex"),
        ("Omset per bulan", "sales"), ("Hasil Penjualan", "sales"), ("Aset", "capital"), ("Modal Usaha (Rp)", "capital"),
        ("Tahun Mulai", "founded"), ("Thn Berdiri", "founded"), ("Lama Usaha (thn)", "age_years"), ("Kec.", "district"),
        ("Desa/Kelurahan", "village"), ("Alamat Usaha", "street"), ("Jalan, RT/RW", "street"), ("RT/RW", "rt_rw"),
        ("Jenis Usaha / Produk", "product"), ("Uraian KBLI", "product"), ("KBLI", "kbli"), ("P-IRT", "pirt"),
        ("Sertifikat Halal", "halal"), ("Merek", "merek"), ("Jml Tenaga Kerja", "workers"), ("Tenaga Kerja L", "workers_male"),
        ("Email", "email"), ("Ket.", "notes"), ("Kecamtan", "district"), ("Kelurhan", "village"),
        ("Nama Pemillik", "owner_name"),
        ("Tanggal Terbit", "ignore"), ("No", "ignore"), ("Kab/Kota", "ignore"), ("Tanggal Lahir", "born"),
        ("Tempat, Tgl Lahir", "born"), ("Alamat Rumah", "ignore"), ("Nama Produk", "product"), ("Kontak Person", "phone"),
    ],
)  # fmt: skip
def test_headers_in_many_words(header: str, field: str) -> None:
    found = read_header(header)
    assert found is not None, header
    assert found.field == field


def test_a_header_states_unit_and_period() -> None:
    month = read_header("Omzet / bulan (Rp juta)")
    assert month is not None
    assert (month.unit, month.period) == (1_000_000, "month")
    thousands = read_header("Modal (dalam ribuan)")
    assert thousands is not None
    assert thousands.unit == 1000


def test_two_lines_with_groups_and_titles() -> None:
    rows: list[list[Any]] = [
        ["DAFTAR UMKM", "", "", "", "", "", "", ""],
        ["", "", "", "", "", "", "", ""],
        ["No", "Pemilik", "", "", "", "Usaha", "", ""],
        ["", "Nama", "NIK", "L/P", "HP", "Nama", "Produk", "Omzet"],
        ["1", "2", "3", "4", "5", "6", "7", "8"],
        ROW,
    ]
    found = fields(rows)
    assert found == {"owner_name": "B", "nik": "C", "sex": "D", "phone": "E", "name": "F", "product": "G", "sales": "H"}
    layout = find_layout(list(enumerate(rows, start=1)), gazetteer=BATAM)
    assert layout is not None
    assert layout.header_rows == (3, 4, 5)
    assert layout.confidence > 0.9


def test_cells_speak_where_a_header_is_silent_or_wrong() -> None:
    rows = [["Nama Usaha", "Pemilik", "Produk", "", "No. HP"]] + [
        ["Dapur", "Siti", "Kue", f"0812345678{number:02}", f"21710265108200{number:02}"] for number in range(1, 9)
    ]
    found = fields(rows)
    assert found["phone"] == "D"
    assert found["nik"] == "E"


def test_a_saved_mapping_wins() -> None:
    rows = [["No", "Siapa", "Nama Usaha", "Produk", "Omzet"], [1.0, "Siti", "Dapur", "Kue", 5e6]]
    found = fields(rows, mapping={"siapa": "owner_name", "D": "", "Omzet": "capital"})
    assert found == {"owner_name": "B", "name": "C", "capital": "E"}
    with pytest.raises(ValueError, match="no such field"):
        fields(rows, mapping={"Siapa": "boss"})


def test_what_is_not_recognised_is_told() -> None:
    rows = [["Nama Usaha", "Pemilik", "Produk", "Zodiak"], ["Dapur", "Siti", "Kue", "Leo"]]
    layout = find_layout(list(enumerate(rows, start=1)), gazetteer=BATAM)
    assert layout is not None
    assert [column.header for column in layout.unrecognised] == ["Zodiak"]
    assert find_layout([(1, ["a", "b"]), (2, ["c"])], gazetteer=BATAM) is None


def test_letters() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_summary_is_not_a_list() -> None:
    rows = [["No", "Kecamatan", "Jumlah UMKM", "Total Omzet", "Total Aset"], [1.0, "Nongsa", 20.0, 5e9, 2e9]]
    layout = find_layout(list(enumerate(rows, start=1)), gazetteer=BATAM)
    assert layout is None or not layout.names_somebody


def test_of_two_columns_for_sales_the_yearly_one_is_read() -> None:
    rows = [
        ["Nama Usaha", "Pemilik", "Omzet/bulan", "Omzet/tahun", "Aset", "Modal"],
        ["Dapur", "Siti", 1e6, 12e6, 1e6, 2e6],
    ]
    found = fields(rows)
    assert (found["sales"], found["capital"]) == ("D", "F")


def test_phones_with_their_country_code_are_not_taken_for_licence_numbers() -> None:
    phones = ["6282377368261", "6283672235351", "6281378937753", "628129129117"]
    licences = ["2083704860797", "7072125379995", "8716282289408", "0220001234567"]
    assert guess_field(phones, BATAM) == "phone"
    assert guess_field(licences, BATAM) == "nib"
