"""Why a file is refused, in words that say what to do."""

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "empty_file": ("Berkas ini kosong. Pilih berkas yang berisi data.", "The file is empty. Choose a file with data."),
    "no_rows": (
        "Tidak ada satu baris pun di berkas ini. Periksa apakah lembar yang benar sudah disimpan.",
        "There is not a single row in this file. Check that the right sheet was saved.",
    ),
    "not_a_workbook": (
        "Berkas ini {kind}, bukan lembar kerja. Simpan sebagai Excel (.xlsx), ODS atau CSV lalu unggah lagi.",
        "This file is {kind_en}, not a workbook. Save it as Excel (.xlsx), ODS or CSV and upload it again.",
    ),
    "damaged": (
        "Berkas ini rusak atau terpotong. Buka di Excel, simpan ulang sebagai .xlsx, lalu unggah lagi.",
        "The file is damaged or cut off. Open it in Excel, save it again as .xlsx, and upload it again.",
    ),
    "encrypted": (
        "Berkas ini dikunci dengan kata sandi. Buka, hapus kata sandinya, simpan, lalu unggah lagi.",
        "The file is locked with a password. Open it, remove the password, save, and upload it again.",
    ),
    "bomb": (
        "Isi berkas ini mengembang jauh melebihi ukuran yang wajar, jadi tidak dibuka. Salin datanya ke berkas baru.",
        "The file unpacks to far more than is reasonable, so it was not opened. Copy its data into a new file.",
    ),
    "entities": (
        "Berkas ini memuat deklarasi XML yang tidak ada di lembar kerja biasa, jadi tidak dibuka. Salin datanya.",
        "The file has XML declarations that no ordinary workbook has, so it was not opened. Copy its data.",
    ),
    "too_large": (
        "Berkas ini {size} MB; batasnya {limit} MB. Bagi menjadi beberapa berkas.",
        "The file has {size} MB; the limit is {limit} MB. Split it into several files.",
    ),
    "too_many_columns": (
        "Lembar “{sheet}” memakai {columns} kolom; batasnya {limit}. Hapus kolom yang tidak perlu lalu unggah lagi.",
        "The sheet “{sheet}” uses {columns} columns; the limit is {limit}. Delete what is not needed and upload again.",
    ),
    "too_many_rows": (
        "Berkas ini lebih dari {limit} baris (baris kosong berformat ikut terhitung). Bagi per kecamatan, misalnya.",
        "The file has more than {limit} rows (formatted blank ones count). Split it by district, for example.",
    ),
    "too_wide_and_long": (
        "Lembar “{sheet}” terbentang {rows} baris kali {columns} kolom. Hapus baris dan kolom kosong di luar data.",
        "The sheet “{sheet}” spans {rows} rows by {columns} columns. Delete blank rows and columns outside of the data.",
    ),
    "too_many_sheets": (
        "Berkas ini berisi {sheets} lembar; batasnya {limit}. Bagi menjadi beberapa berkas.",
        "The file has {sheets} sheets; the limit is {limit}. Split it into several files.",
    ),
    "encoding": (
        "Huruf di berkas teks ini tidak terbaca. Simpan sebagai “CSV UTF-8” lalu unggah lagi.",
        "The letters of this text file cannot be read. Save it as “CSV UTF-8” and upload it again.",
    ),
    "csv_field": (
        "Ada sel yang terlalu panjang di baris {row}; mungkin tanda kutip tidak ditutup.",
        "A cell near row {row} is too long; a quotation mark may not be closed.",
    ),
}


class WorkbookRefused(ValueError):  # noqa: N818 - a refusal is an answer, as NotFound is
    """A file that is not read. `code` is a key of `MESSAGES`; both messages say what to do."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code: Final = code
        self.params: Final[Mapping[str, str | int]] = params
        self.message_id: Final = MESSAGES[code][0].format_map(params)
        self.message_en: Final = MESSAGES[code][1].format_map(params)
        super().__init__(self.message_en)
