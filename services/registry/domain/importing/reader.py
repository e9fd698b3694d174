"""Reads data rows by a layout. A cell that cannot be used becomes a problem and leaves its field unknown.

Only a row without any name is broken: an office rather has a business with an unknown NIK than no business.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Final, TypeVar

from services.registry.domain.cells import Cell, text_of
from services.registry.domain.dates import PartialDate, parse_date
from services.registry.domain.identity import Nik, mask, parse_nib, parse_nik, parse_npwp
from services.registry.domain.importing import texts
from services.registry.domain.importing.fields import Field
from services.registry.domain.importing.layout import Column, Layout
from services.registry.domain.importing.records import ImportedEnterprise, Licence
from services.registry.domain.kbli import KbliReader
from services.registry.domain.money import parse_money
from services.registry.domain.numbers import parse_count
from services.registry.domain.phone import parse_phones
from services.registry.domain.problems import CellError, CellProblem, cell_problem
from services.registry.domain.regions import Gazetteer, Place

T = TypeVar("T")

_SECRET: Final = frozenset(("nik", "npwp"))
_LIKE_NIK: Final = re.compile(r"\d(?:[ .\-]?\d){14,}")
_SHOWN: Final = 80
"""Letters of a cell that a problem shows."""
_PIRT_DIGITS: Final = 15


class RowReader:
    """Reads the rows of one sheet."""

    def __init__(self, layout: Layout, *, gazetteer: Gazetteer, kbli: KbliReader, today: dt.date) -> None:
        self._columns: dict[Field, Column] = {column.field: column for column in layout.columns if column.field}
        self._width = max((column.index for column in self._columns.values()), default=0) + 1
        # Two columns at least, so that itemgetter always gives a tuple.
        self._pick = itemgetter(*(column.index for column in self._columns.values()), 0)
        self._gazetteer = gazetteer
        self._kbli = kbli
        self._today = today
        self._date = partial(parse_date, today=today)
        self._problems: list[CellProblem] = []
        self._row: dict[Field, Cell] = {}

    def read(
        self, cells: Sequence[Cell], *, district: str | None = None, village: str | None = None
    ) -> tuple[ImportedEnterprise | None, tuple[CellProblem, ...]]:
        """One row's enterprise and problems; no enterprise where a problem is `broken`.

        `district` (a code) and `village` (a name) are those of the section or sheet, for rows that state none.
        """
        if len(cells) < self._width:
            cells = [*cells, *[None] * (self._width - len(cells))]
        self._row = row = dict(zip(self._columns, self._pick(cells), strict=False))
        self._problems = []
        owner_name = texts.clean_name(row.get("owner_name"))
        name = texts.clean_name(row.get("name"))
        if not name and not owner_name:
            self._add("row_nameless", {}, "name" if "name" in row else "owner_name", severity_broken=True)
            return None, tuple(self._problems)
        if not name and "name" in row:
            self._add("name_missing", {}, "name")
        nik, is_female, born = self._person()
        street, rt, rw, district_code, village_code = self._address(district, village)
        kbli_version, kbli = self._parsed("kbli", self._kbli.read) or (None, None)
        record = ImportedEnterprise(
            name=name or owner_name,
            owner_name=owner_name or None,
            nik=nik,
            is_female=is_female,
            born=born,
            phones=self._parsed("phone", parse_phones) or (),
            email=self._parsed("email", texts.parse_email),
            street=street,
            rt=rt,
            rw=rw,
            village_code=village_code,
            district_code=district_code,
            kbli=kbli,
            kbli_version=kbli_version,
            product=texts.clean_text(row.get("product")),
            founded=self._founded(),
            capital=self._money("capital"),
            sales_per_year=self._money("sales"),
            workers=self._workers(),
            nib=self._parsed("nib", parse_nib),
            npwp=self._parsed("npwp", parse_npwp),
            pirt=self._pirt(),
            halal=texts.parse_licence(row.get("halal")),
            merek=texts.parse_licence(row.get("merek")),
            notes=texts.clean_text(row.get("notes")),
            is_named=bool(name),
        )
        return record, tuple(self._problems)

    def _parsed(self, field: Field, parse: Callable[[Cell], T]) -> T | None:
        cell = self._row.get(field)
        if cell is None or cell == "":
            return None
        try:
            return parse(cell)
        except CellError as error:
            self._add(error.code, error.params, field)
            return None

    def _add(self, code: str, params: object, field: Field, *, severity_broken: bool = False) -> None:
        column = self._columns.get(field)
        text = text_of(self._row.get(field))
        # A NIK may have slipped into any column.
        shown = mask("".join(filter(str.isalnum, text))) if field in _SECRET else _LIKE_NIK.sub("****", text)[:_SHOWN]
        self._problems.append(
            cell_problem(
                code,
                params,  # type: ignore[arg-type]
                field=field,
                column=column.header or column.letter if column else "",
                value=shown,
                severity="broken" if severity_broken else "warning",
            )
        )

    def _person(self) -> tuple[Nik | None, bool | None, dt.date | None]:
        nik: Nik | None = self._parsed("nik", parse_nik)
        is_female = self._parsed("sex", texts.parse_sex)
        stated: PartialDate | None = None
        if "born" in self._row:
            stated = self._parsed("born", lambda cell: parse_date(_without_place(cell), today=self._today))
        stated_born = stated.first_day() if stated is not None and stated.precision == "day" else None
        if nik is None:
            return None, is_female, stated_born
        if is_female is not None and is_female != nik.is_female:
            self._add("sex_conflict", {}, "sex")
        born = nik.born(self._today)
        if stated_born is not None and stated_born != born:
            self._add("birth_conflict", {}, "born")
        return nik, nik.is_female, born

    def _address(
        self, district: str | None, village: str | None
    ) -> tuple[str | None, int | None, int | None, str | None, str | None]:
        row = self._row
        cell = row.get("street")
        street = text_of(cell) if cell is not None else ""
        if len(street) < 12 and street and texts.clean_text(street) is None:  # noqa: PLR2004 - "tidak ada" and the like
            street = ""
        rt, rw = texts.rt_rw_in(street) if street else (None, None)
        if "rt_rw" in row:
            rt, rw = texts.parse_rt_rw(row.get("rt_rw"))
        if "rt" in row or "rw" in row:
            rt, rw = texts.parse_block(row.get("rt")) or rt, texts.parse_block(row.get("rw")) or rw
        village_text, district_text = text_of(row.get("village")), text_of(row.get("district"))
        if street and not (village_text and district_text):
            in_village, in_district = texts.place_in(street)
            village_text, district_text = village_text or in_village or "", district_text or in_district or ""
        place = self._district(district_text)
        district_code = place.code if place else None if district_text else district
        found = self._village(village_text or village or "", district_code)
        if found is not None and (district_code is None or found.is_elsewhere):
            district_code = found.code.rpartition(".")[0]
        return street[: texts.MAX_TEXT] or None, rt, rw, district_code, found.code if found else None

    def _district(self, text: str) -> Place | None:
        if texts.clean_text(text) is None:
            return None
        place = self._gazetteer.district(text)
        if place is None:
            self._add("district_unknown", {}, "district")
        elif not place.is_exact:
            self._add("place_guessed", {"name": place.name}, "district")
        return place

    def _village(self, text: str, district_code: str | None) -> Place | None:
        if texts.clean_text(text) is None:
            return None
        place = self._gazetteer.village(text, district_code)
        if place is None:
            self._add("village_unknown", {}, "village")
        elif place.is_elsewhere:
            self._add("village_elsewhere", {"district": self._gazetteer.name(place.code.rpartition(".")[0])}, "village")
            # A guessed spelling in another district is one guess too many.
            return place if place.is_exact else None
        elif not place.is_exact:
            self._add("place_guessed", {"name": place.name}, "village")
        return place

    def _founded(self) -> PartialDate | None:
        founded = self._parsed("founded", self._date)
        if founded is None and "age_years" in self._row:
            age = self._parsed("age_years", parse_count)
            if age is not None and age < 100:  # noqa: PLR2004 - years that a small business can have
                return PartialDate(self._today.year - age)
        return founded

    def _money(self, field: Field) -> int | None:
        cell = self._row.get(field)
        if cell is None or cell == "":
            return None
        column = self._columns[field]
        try:
            money = parse_money(cell, unit=column.unit)
        except CellError as error:
            self._add(error.code, error.params, field)
            return None
        if money is None:
            return None
        if money.is_range:
            self._add("money_range", {"amount": f"{money.amount:,}".replace(",", ".")}, field)
        return money.per_year(column.period or "year") if field == "sales" else money.amount

    def _workers(self) -> int | None:
        if "workers" in self._row:
            return self._parsed("workers", parse_count)
        men, women = self._parsed("workers_male", parse_count), self._parsed("workers_female", parse_count)
        return None if men is None and women is None else (men or 0) + (women or 0)

    def _pirt(self) -> Licence | None:
        licence = texts.parse_licence(self._row.get("pirt"))
        if licence is not None and licence.number and sum(map(str.isdigit, licence.number)) < _PIRT_DIGITS:
            self._add("pirt_short", {}, "pirt")
        return licence


def _without_place(cell: Cell) -> Cell:
    """The date of "Batam, 17-08-1980"."""
    return cell.rpartition(",")[2] if isinstance(cell, str) else cell
