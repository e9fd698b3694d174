"""How a sheet may be read whose header nobody understands: for a person to say what its columns mean."""

from collections.abc import Mapping, Sequence

from services.registry.domain.cells import Cell, text_of
from services.registry.domain.importing.header_rows import HEADER_SEARCH_ROWS, Numbered, is_numbering, looks_like_data
from services.registry.domain.importing.layout import Area, Layout, layout_at
from services.registry.domain.regions import Gazetteer


def likely_layout(
    rows: Sequence[Numbered],
    *,
    merged: Sequence[Area] = (),
    mapping: Mapping[str, str] | None = None,
    gazetteer: Gazetteer,
) -> Layout:
    """The columns with the words that stand over them, if any do, read as `mapping` says (by letter or by those words).

    Raises `ValueError` for a field that does not exist.
    """
    return layout_at(rows, _likely_start(rows), merged=merged, mapping=mapping, gazetteer=gazetteer)


def _likely_start(rows: Sequence[Numbered]) -> int | None:
    """The first row that is more than half as full as the fullest, so no title; `None` where that is data already."""
    fullest = max(_filled(cells) for _, cells in rows)
    for index, (_, cells) in enumerate(rows[:HEADER_SEARCH_ROWS]):
        if _filled(cells) * 2 > fullest:
            return None if looks_like_data(cells) or _has_numbers(cells) else index
    return None


def _filled(cells: Sequence[Cell]) -> int:
    return len(cells) - cells.count("") - cells.count(None)


def _has_numbers(cells: Sequence[Cell]) -> bool:
    """Whether some cell is nothing but a number, as in a row of a list that counts its rows, or states a year."""
    return not is_numbering(cells) and any(text_of(cell).strip(" .,-").isdigit() for cell in cells)
