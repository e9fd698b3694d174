"""What one row of an office's list says about an enterprise, typed."""

import datetime as dt
from typing import Literal

import msgspec

from services.registry.domain.dates import PartialDate
from services.registry.domain.identity import Nik
from services.registry.domain.kbli import KbliVersion
from services.registry.domain.matching import MatchRecord, match_record


class Licence(msgspec.Struct, frozen=True, gc=False):
    """A licence as a list mentions it: in process, or held, with its number where that is written."""

    state: Literal["held", "in_process"]
    number: str | None = None


class ImportedEnterprise(msgspec.Struct, frozen=True, gc=False):
    """One row, read. What is unknown or unusable is `None`; money in rupiah, sales per year, phones in E.164.

    `name` is never empty: where the row has none, the owner's name stands in (then `is_named` is false).
    `born` and `is_female` come from the NIK, or from the row where there is no NIK.
    """

    name: str
    owner_name: str | None
    nik: Nik | None
    is_female: bool | None
    born: dt.date | None
    phones: tuple[str, ...]
    email: str | None
    street: str | None
    rt: int | None
    rw: int | None
    village_code: str | None
    district_code: str | None
    kbli: str | None
    kbli_version: KbliVersion | None
    product: str | None
    founded: PartialDate | None
    capital: int | None
    sales_per_year: int | None
    workers: int | None
    nib: str | None
    npwp: str | None
    pirt: Licence | None
    halal: Licence | None
    merek: Licence | None
    notes: str | None
    is_named: bool = True


def comparable(record: ImportedEnterprise, nik_hash: bytes | None) -> MatchRecord:
    """An imported row as the duplicate search sees it."""
    return match_record(
        name=record.name if record.is_named else "",
        owner_name=record.owner_name or "",
        nik_hash=nik_hash,
        phones=record.phones,
        nib=record.nib,
        email=record.email,
        born=record.born,
        district_code=record.district_code,
        village_code=record.village_code,
        street=record.street,
        rt=record.rt,
        rw=record.rw,
        product=record.product,
        kbli=record.kbli,
        founded_year=record.founded.year if record.founded is not None else None,
        capital=record.capital,
        sales_per_year=record.sales_per_year,
        workers=record.workers,
    )
