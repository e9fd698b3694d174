"""How large a file may be. Each number is far above what an office has and far below what hurts a small server."""

from dataclasses import dataclass
from typing import Final

_MB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one file; the defaults suit a server that gives an import 600 MB."""

    file_bytes: int = 100 * _MB
    """Of the file as it is uploaded."""
    unpacked_bytes: int = 400 * _MB
    """Of everything inside a zip (xlsx, ods) together; 75,000 rows of 20 columns are about 70 MB."""
    shared_strings_bytes: int = 100 * _MB
    """Of the texts of an xlsx, which are held in memory."""
    unpacked_ratio: int = 200
    """Unpacked to packed size of one part; a real sheet packs 5 to 30 times."""
    small_part_bytes: int = 10 * _MB
    """Parts below this size may pack as well as they like."""
    entries: int = 2_000
    """Parts in a zip."""
    columns: int = 100
    """Of a sheet; the widest office list known has 40."""
    rows: int = 250_000
    """Of all visible sheets together, header and blank rows included."""
    cells: int = 8_000_000
    """Of one sheet's used area (rows times columns), which is held in memory while it is read."""
    sheets: int = 200
    """A province has fewer districts than this in any of its cities and regencies."""
    csv_field_letters: int = 10_000
    """Of one cell in a text file."""


DEFAULT_LIMITS: Final = Limits()
