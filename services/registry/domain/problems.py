"""What can be wrong with a cell, told in words that an officer understands.

A parser that cannot use a cell raises `CellError`: a code and its parameters, never the cell's text, because the
text may be somebody's identity number. The row reader turns it into a `CellProblem`, which carries the text to show
(masked where it must be) and both messages.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Severity = Literal["broken", "warning"]

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    # money
    "money_unreadable": ("Jumlah uang tidak terbaca.", "The amount of money cannot be read."),
    "money_negative": (
        "Jumlah uang tidak boleh kurang dari nol; dibiarkan kosong.",
        "An amount of money cannot be below zero; left unknown.",
    ),
    "money_too_small": (
        "Rp{amount} terlalu kecil; mungkin satuannya (ribu, juta) tidak tertulis. Dibiarkan kosong.",
        "Rp{amount} is too small; its unit (thousand, million) may be missing. Left unknown.",
    ),
    "money_too_large": ("Jumlah uang terlalu besar untuk sebuah usaha.", "The amount is too large for a business."),
    "money_currency": ("Mata uang selain rupiah tidak dihitung.", "Money that is not rupiah is not converted."),
    "money_range": (
        "Rentang: dipakai nilai tengah Rp{amount}; tuliskan angka pastinya bila ada.",
        "A range: its middle, Rp{amount}, is used; write the exact figure when you have it.",
    ),
    # phone
    "phone_unreadable": ("Nomor telepon tidak terbaca.", "The phone number cannot be read."),
    "phone_invalid": (
        "Bukan nomor telepon Indonesia yang lengkap (kode area, jumlah angka).",
        "Not a complete Indonesian phone number (area code, number of digits).",
    ),
    # date
    "date_unreadable": (
        "Tanggal tidak terbaca; contoh: 17/08/2020 atau 2020.",
        "The date cannot be read; for example: 17/08/2020 or 2020.",
    ),
    "date_impossible": ("Tanggal itu tidak ada di kalender.", "There is no such day in the calendar."),
    "date_implausible": ("Tahun {year} tidak masuk akal di sini.", "The year {year} is not plausible here."),
    "date_future": ("Tanggal itu belum terjadi.", "That date has not come yet."),
    # count
    "count_unreadable": ("Jumlah orang tidak terbaca.", "The number of people cannot be read."),
    "count_implausible": ("Jumlah {count} tidak masuk akal di sini.", "{count} is not plausible here."),
    # identity
    "nik_length": ("NIK harus 16 angka; di sini {digits}.", "A NIK has 16 digits; here there are {digits}."),
    "nik_rounded": (
        "NIK dibulatkan oleh lembar kerja sehingga angka aslinya hilang; ketik ulang sebagai teks. Dibiarkan kosong.",
        "The spreadsheet rounded this NIK and its digits are lost; type it again as text. Left unknown.",
    ),
    "nik_date": ("Tanggal lahir di dalam NIK tidak ada di kalender.", "The birth date inside the NIK does not exist."),
    "nik_place": ("Kode wilayah di dalam NIK tidak mungkin.", "The place code inside the NIK is impossible."),
    "nik_format": ("NIK hanya berisi angka.", "A NIK has digits only."),
    "nib_length": ("NIB harus 13 angka; di sini {digits}.", "A NIB has 13 digits; here there are {digits}."),
    "nib_format": ("NIB hanya berisi angka.", "A NIB has digits only."),
    "npwp_invalid": (
        "NPWP harus 15 atau 16 angka dan angka pemeriksanya cocok.",
        "An NPWP has 15 or 16 digits and a matching check digit.",
    ),
    "sex_unreadable": ("Tuliskan L atau P.", "Write L (male) or P (female)."),
    "sex_conflict": (
        "Jenis kelamin berbeda dari yang tersirat di NIK; periksa salah satunya.",
        "The sex differs from what the NIK says; check one of them.",
    ),
    "birth_conflict": (
        "Tanggal lahir berbeda dari yang ada di NIK.",
        "The birth date differs from the one in the NIK.",
    ),
    # licences, KBLI, places, others
    "kbli_unknown": ("Kode KBLI ini tidak ada di daftar.", "This KBLI code is not in the list."),
    "kbli_unreadable": ("Kode KBLI terdiri dari 5 angka.", "A KBLI code has 5 digits."),
    "district_unknown": (
        "Kecamatan ini tidak ditemukan di wilayah kantor.",
        "This district is not in the office's area.",
    ),
    "village_unknown": ("Kelurahan/desa ini tidak ditemukan.", "This village is not found."),
    "village_elsewhere": (
        "Kelurahan/desa ini ada di kecamatan {district}, bukan di kecamatan yang tertulis.",
        "This village is in the district {district}, not in the one that is written.",
    ),
    "place_guessed": ("Dibaca sebagai “{name}”.", "Read as “{name}”."),
    "email_invalid": ("Alamat surel tidak lengkap.", "The e-mail address is not complete."),
    "pirt_short": ("Nomor P-IRT biasanya 15 angka.", "A P-IRT number usually has 15 digits."),
    "text_too_long": ("Teks dipotong pada {limit} huruf.", "The text was cut at {limit} letters."),
    "name_missing": (
        "Nama usaha kosong; dipakai nama pemiliknya.",
        "The business has no name; its owner's name is used.",
    ),
    "owner_missing": ("Nama pemilik kosong.", "The owner's name is missing."),
    "row_nameless": (
        "Baris ini tidak memuat nama usaha maupun nama pemilik, jadi tidak dapat didaftarkan.",
        "The row has neither a business name nor an owner's name, so it cannot be registered.",
    ),
}


class CellError(ValueError):
    """A cell that cannot be used. `code` is a key of `MESSAGES`; `params` fill its blanks; the cell's text is not kept."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code: Final = code
        self.params: Final[Mapping[str, str | int]] = params


def message_id(code: str, params: Mapping[str, str | int]) -> str:
    """The Indonesian sentence for a code."""
    return MESSAGES[code][0].format_map(params)


def message_en(code: str, params: Mapping[str, str | int]) -> str:
    """The English sentence for a code."""
    return MESSAGES[code][1].format_map(params)


class CellProblem(msgspec.Struct, frozen=True, gc=False):
    """One thing that is wrong with one cell.

    `column` is the header as the office wrote it, `value` the cell as it may be shown (identity numbers are masked).
    """

    field: str
    column: str
    value: str
    severity: Severity
    code: str
    message_id: str
    message_en: str


def cell_problem(
    code: str,
    params: Mapping[str, str | int],
    *,
    field: str,
    column: str,
    value: str,
    severity: Severity = "warning",
) -> CellProblem:
    """Puts a code into words for the cell of `column` that shows `value`."""
    return CellProblem(field, column, value, severity, code, message_id(code, params), message_en(code, params))
