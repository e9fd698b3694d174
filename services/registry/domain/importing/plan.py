"""What an import will read, sheet by sheet, and its data rows one after the other."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, Protocol

import msgspec

from services.registry.domain.cells import Cell
from services.registry.domain.importing.header_rows import HEADER_SEARCH_ROWS, Numbered
from services.registry.domain.importing.layout import SAMPLE_ROWS, Area, Layout, find_layout
from services.registry.domain.importing.likely import likely_layout
from services.registry.domain.importing.reader import RowReader
from services.registry.domain.importing.records import ImportedEnterprise
from services.registry.domain.importing.rows import RowSorter
from services.registry.domain.kbli import KbliReader, KbliVersion
from services.registry.domain.problems import CellProblem
from services.registry.domain.regions import Gazetteer


class SheetSource(Protocol):
    """A sheet that can be read more than once; rows come with their number as the sheet shows it."""

    @property
    def name(self) -> str:
        """The sheet's name; "" where a file has no sheets."""

    @property
    def hidden(self) -> bool:
        """Whether the office has hidden it."""

    @property
    def merged(self) -> Sequence[Area]:
        """Merged ranges."""

    def rows(self) -> Iterator[Numbered]:
        """All rows from the first, blank ones included."""


SheetState = Literal["read", "hidden", "empty", "no_header", "no_names"]


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One sheet: what becomes of it, and its layout: the likely one where its header isn't understood."""

    source: SheetSource
    state: SheetState
    layout: Layout | None
    district: str | None
    """Code of the district that the sheet's name states, where no column does."""

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.source.name


class ReadRow(msgspec.Struct, frozen=True, gc=False):
    """One data row: the enterprise that it describes, or what makes it unusable. `row` is as the sheet shows it."""

    sheet: str
    row: int
    record: ImportedEnterprise | None
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """How a workbook will be read. `rows` can be called as often as one likes."""

    sheets: tuple[SheetPlan, ...]
    gazetteer: Gazetteer
    kbli: KbliReader
    today: dt.date

    @property
    def is_readable(self) -> bool:
        """Whether any sheet can be read."""
        return any(sheet.state == "read" for sheet in self.sheets)

    def rows(self) -> Iterator[ReadRow]:
        """The data rows of all sheets, in order."""
        for sheet in self.sheets:
            if sheet.state == "read" and sheet.layout is not None:
                yield from self._rows_of(sheet, sheet.layout)

    def _rows_of(self, sheet: SheetPlan, layout: Layout) -> Iterator[ReadRow]:
        sorter = RowSorter(layout, self.gazetteer)
        sorter.district = sheet.district
        reader = RowReader(layout, gazetteer=self.gazetteer, kbli=self.kbli, today=self.today)
        name = sheet.name
        for number, cells in sheet.source.rows():
            if sorter.kind(number, cells) == "data":
                record, problems = reader.read(cells, district=sorter.district, village=sorter.village)
                yield ReadRow(name, number, record, problems)


def read_plan(
    sheets: Sequence[SheetSource],
    *,
    gazetteer: Gazetteer,
    known_kbli: Mapping[KbliVersion, AbstractSet[str]],
    today: dt.date,
    mapping: Mapping[str, str] | None = None,
) -> ImportPlan:
    """Looks at the top of each sheet and decides how it is read.

    `mapping` is a person's saved correction, column header or letter → field (`FIELDS`), "" to leave a column out; it
    holds for every sheet. A sheet without a header of its own that goes on from the one before is read like it. Where no
    sheet has a header that is understood, those are read whose columns the mapping names.
    Raises `ValueError` for a mapping to a field that does not exist.
    """
    plans: list[SheetPlan] = []
    before: Layout | None = None
    for source in sheets:
        plan = _plan_sheet(source, before, mapping, gazetteer)
        before = plan.layout if plan.state == "read" else before
        plans.append(plan)
    if mapping and not any(plan.state == "read" for plan in plans):
        # only then: notes and tables beside a list that is understood aren't part of it
        plans = list(_as_a_person_says(plans, gazetteer))
    return ImportPlan(tuple(plans), gazetteer, KbliReader(known_kbli), today)


def _plan_sheet(
    source: SheetSource, before: Layout | None, mapping: Mapping[str, str] | None, gazetteer: Gazetteer
) -> SheetPlan:
    if source.hidden:
        return SheetPlan(source, "hidden", None, None)
    rows: list[tuple[int, Sequence[Cell]]] = list(islice(source.rows(), HEADER_SEARCH_ROWS + SAMPLE_ROWS))
    if not any(cell not in ("", None) for _, cells in rows for cell in cells):
        return SheetPlan(source, "empty", None, None)
    layout = find_layout(rows, merged=source.merged, mapping=mapping, gazetteer=gazetteer)
    if layout is None and before is not None and _fits(rows, before):
        layout = Layout(before.columns, ())
    if layout is None:
        likely = likely_layout(rows, merged=source.merged, mapping=mapping, gazetteer=gazetteer)
        return SheetPlan(source, "no_header", likely, None)
    if not layout.names_somebody:
        return SheetPlan(source, "no_names", layout, None)
    return SheetPlan(source, "read", layout, _district_of(source, gazetteer))


def _as_a_person_says(plans: Sequence[SheetPlan], gazetteer: Gazetteer) -> Iterator[SheetPlan]:
    """Sheets without a header that is understood, read by the mapping alone, where it says which column has the names."""
    for plan in plans:
        if plan.state == "no_header" and plan.layout is not None and plan.layout.names_somebody:
            yield replace(plan, state="read", district=_district_of(plan.source, gazetteer))
        else:
            yield plan


def _district_of(source: SheetSource, gazetteer: Gazetteer) -> str | None:
    place = gazetteer.district(source.name) if source.name else None
    return place.code if place else None


def _fits(rows: Sequence[Numbered], layout: Layout) -> bool:
    """Whether headerless rows are as wide as the sheet before."""
    width = sum(column.header != "" for column in layout.columns)
    filled = [sum(cell not in ("", None) for cell in cells) for _, cells in rows[:10]]
    return max(filled, default=0) * 2 >= width and max(len(cells) for _, cells in rows) <= len(layout.columns)
