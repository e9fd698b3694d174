"""What the duplicate search needs of an enterprise, in the form in which it compares."""

import datetime as dt
import re
from typing import Final

import msgspec

from services.registry.domain.names import business_keys, person_words, plain_key, words

_RT_RW: Final = re.compile(r"\b(?:rt|rw)\b[\s.:/]*\d{0,3}", re.IGNORECASE)


class MatchRecord(msgspec.Struct, frozen=True, gc=False):
    """One enterprise as the duplicate search sees it; make it with `match_record`. Unknown is `None` or empty."""

    name: str
    """Folded business name without blanks."""
    core: str
    """The same without legal forms."""
    owner_words: tuple[str, ...]
    owner: str
    """The owner's folded words without blanks."""
    nik: bytes | None
    """A keyed hash of the NIK: equal where the numbers are equal, and nothing else."""
    phones: tuple[str, ...]
    nib: str | None
    email: str
    born: int | None
    """Birth date as a proleptic ordinal."""
    district: str
    village: str
    street: str
    rt: int | None
    rw: int | None
    product: str
    kbli: str
    founded: int | None
    """Year."""
    capital: int | None
    """Rupiah."""
    sales: int | None
    """Rupiah per year."""
    workers: int | None


def match_record(
    *,
    name: str,
    owner_name: str,
    nik_hash: bytes | None = None,
    phones: tuple[str, ...] = (),
    nib: str | None = None,
    email: str | None = None,
    born: dt.date | None = None,
    district_code: str | None = None,
    village_code: str | None = None,
    street: str | None = None,
    rt: int | None = None,
    rw: int | None = None,
    product: str | None = None,
    kbli: str | None = None,
    founded_year: int | None = None,
    capital: int | None = None,
    sales_per_year: int | None = None,
    workers: int | None = None,
) -> MatchRecord:
    """The comparable form of an enterprise, the same from an imported row and from the database.

    `phones` are E.164, `nib` 13 digits, codes as Kemendagri writes them, money in rupiah. A business that goes by its
    owner's name has none of its own.
    """
    owner_words = person_words(owner_name) if owner_name else ()
    if name == owner_name:
        name = ""
    key, core = business_keys(name) if name else ("", "")
    return MatchRecord(
        key,
        core,
        owner_words,
        "".join(owner_words),
        nik_hash,
        phones,
        nib,
        email.lower() if email else "",
        born.toordinal() if born else None,
        district_code or (village_code.rpartition(".")[0] if village_code else ""),
        village_code or "",
        _street_key(street) if street else "",
        rt,
        rw,
        plain_key(product) if product else "",
        kbli or "",
        founded_year,
        capital,
        sales_per_year,
        workers,
    )


def _street_key(street: str) -> str:
    return "".join(words(_RT_RW.sub(" ", street)))
