"""Indonesian for what the validation library says in English about a field.

A message that a schema writes itself may give both languages, separated by " / " (Indonesian first).
"""

from __future__ import annotations

import re
from typing import Final

from gateway.edge.language import ENGLISH

BOTH: Final = " / "

_INDONESIAN: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"Missing data for required field\.", "Wajib diisi."),
        (r"Unknown field\.", "Isian ini tidak dikenal."),
        (r"Unknown field\. Known are: (?P<known>.+)\.", "Isian ini tidak dikenal. Yang dikenal: {known}."),
        (r"Field may not be null\.", "Tidak boleh kosong."),
        (r"Invalid input type\.", "Jenis datanya tidak sesuai."),
        (r"Invalid value\.", "Nilainya tidak sah."),
        (r"Not a valid string\.", "Harus berupa teks."),
        (r"Not a valid integer\.", "Harus berupa bilangan bulat."),
        (r"Not a valid number\.", "Harus berupa angka."),
        (r"Number too large\.", "Angkanya terlalu besar."),
        (r"Not a valid boolean\.", "Harus berupa true atau false."),
        (r"Invalid type\.", "Jenis datanya tidak sesuai."),
        (r"Not a valid utf-8 string\.", "Harus berupa teks UTF-8."),
        (r"Special numeric values \(nan or infinity\) are not permitted\.", "Harus berupa angka biasa."),
        (r"Not a valid aware \w+\.", "Harus menyebut zona waktu, misalnya 2026-08-17T09:00:00+07:00."),
        (r"Not a valid date\.", "Harus berupa tanggal, misalnya 2026-08-17."),
        (r"Not a valid datetime\.", "Harus berupa tanggal dan jam, misalnya 2026-08-17T09:00:00+07:00."),
        (r"Not a valid time\.", "Harus berupa jam, misalnya 09:00."),
        (r"Not a valid UUID\.", "Harus berupa UUID."),
        (r"Not a valid email address\.", "Harus berupa alamat surel."),
        (r"Not a valid URL\.", "Harus berupa alamat web."),
        (r"Not a valid list\.", "Harus berupa daftar."),
        (r"Not a valid mapping type\.", "Harus berupa objek."),
        (r"Must be one of: (?P<values>.+)\.", "Harus salah satu dari: {values}."),
        (r"Must be equal to (?P<value>.+)\.", "Harus sama dengan {value}."),
        (r"Must be greater than or equal to (?P<least>.+) and less than or equal to (?P<most>.+)\.",
         "Harus antara {least} dan {most}."),
        (r"Must be greater than or equal to (?P<least>.+)\.", "Paling sedikit {least}."),
        (r"Must be greater than (?P<least>.+)\.", "Harus lebih dari {least}."),
        (r"Must be less than or equal to (?P<most>.+)\.", "Paling banyak {most}."),
        (r"Must be less than (?P<most>.+)\.", "Harus kurang dari {most}."),
        (r"Shorter than minimum length (?P<least>\d+)\.", "Paling sedikit {least} karakter atau butir."),
        (r"Longer than maximum length (?P<most>\d+)\.", "Paling banyak {most} karakter atau butir."),
        (r"Length must be between (?P<least>\d+) and (?P<most>\d+)\.", "Panjangnya antara {least} dan {most}."),
        (r"Length must be (?P<length>\d+)\.", "Panjangnya harus {length}."),
        (r"String does not match expected pattern\.", "Bentuknya tidak sesuai."),
        (r"Invalid JSON body\.", "Isi permintaan bukan JSON yang benar."),
    )
)  # fmt: skip


def translate(text: str, language: str) -> str:
    """A field's message in `language`; one that has no translation is returned as it is."""
    if BOTH in text:
        indonesian, _, english = text.partition(BOTH)
        return english if language == ENGLISH else indonesian
    if language == ENGLISH:
        return text
    for pattern, indonesian in _INDONESIAN:
        if match := pattern.fullmatch(text):
            return indonesian.format(**match.groupdict())
    return text
