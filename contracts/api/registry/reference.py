"""Requests and replies about units, regions, classifications and figures."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import (
    SIZES,
    Page,
    Reply,
    Request,
    choice,
    cursor,
    day,
    limit,
    listing,
    mapping,
    number,
    pattern,
    region,
    text,
    truth,
    unit,
    whole,
)

LEVELS = ("province", "regency", "district", "village")
FIELDS = ("kelembagaan", "sdm", "produksi", "pembiayaan", "pemasaran", "it", "jaringan")


class UnitFields(Request):
    """What is known of a PLUT office."""

    code = unit("Region code of the office; also its id.", required=True)
    name = text("Name.", "PLUT-KUMKM Kota Batam", least=1, required=True)
    address = text("Address.", "Jl. Engku Putri No. 1", most=300, allow_none=True)
    phone = text("Phone.", "0778-460000", most=40, allow_none=True)
    email = fields.Email(allow_none=True, metadata={"description": "E-mail.", "example": "plut@batam.example"})
    hours = mapping("Opening hours by day.", {"mon": "08:00-16:00"}, values=fields.String(), load_default=dict)
    facilities = fields.List(
        fields.String(), load_default=list, metadata={"description": "Facilities.", "example": ["galeri", "co-working"]}
    )
    consultants = mapping(
        "Consultants by field (kelembagaan, sdm, produksi, pembiayaan, pemasaran, it, jaringan).",
        {"produksi": 1, "pemasaran": 2},
        values=whole("How many.", 1, most=1000),
        load_default=dict,
    )
    timezone = choice(("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"), "Time zone.", load_default="Asia/Jakarta")
    open_since = day("Since when it is open.", allow_none=True)


class PutUnit(UnitFields):
    """Make a unit known, or change it."""


class GetUnit(Request):
    """Read one unit."""

    code = unit(required=True)


class ListUnits(Request):
    """Units that the caller may see."""

    within = pattern(r"^(\d{2}(\.\d{2})?)?$", "Only within this province.", "21", load_default="")


class UnitView(Reply):
    """A PLUT office."""

    code = unit()
    name = text("Name.", "PLUT-KUMKM Kota Batam")
    address = text("Address.", most=300, allow_none=True)
    phone = text("Phone.", allow_none=True)
    email = text("E-mail.", allow_none=True)
    hours = mapping("Opening hours by day.")
    facilities = fields.List(fields.String(), metadata={"description": "Facilities."})
    consultants = mapping("Consultants by field.")
    timezone = text("Time zone.", "Asia/Jakarta")
    open_since = day("Since when it is open.", allow_none=True)
    too_few_consultants = truth("Fewer than five consultants (Permenkop 9/2023).")
    enterprises = whole("Active enterprises.", 75_000)


class UnitList(Reply):
    """Units by code."""

    items = listing(UnitView, "Units by code.")


class ListRegions(Request):
    """Places: the children of one, or those whose name is like `q`."""

    parent = region("Children of this region; provinces when empty.", "21.71")
    level = choice(LEVELS, "Only of this level.")
    q = text("Words of the name.", "lubuk baja", most=80)
    cursor = cursor()
    limit = limit(100, 500)


class GetRegion(Request):
    """Read one region."""

    code = region("Kemendagri code.", required=True)


class RegionView(Reply):
    """A region with the Kemendagri code."""

    code = region("Code.")
    parent = region("Code of the region it lies in.", "21.71", allow_none=True)
    level = choice(LEVELS, "Level.")
    name = text("Name.", "Lubuk Baja")
    path = text("Names up to the province.", "Lubuk Baja, Kota Batam, Kepulauan Riau")


class RegionPage(Page):
    """Regions by code."""

    items = listing(RegionView, "Regions by code.")


class ListKbli(Request):
    """Business classification codes."""

    q = text("Words of the title, or the beginning of a code.", "makanan", most=80)
    version = whole("KBLI of which year; the newest when not given.", 2025, least=2015, most=2100)
    section = pattern(r"^[A-V]$", "Only of this section.", "C")
    cursor = cursor()
    limit = limit(100, 500)


class KbliView(Reply):
    """A classification code."""

    code = text("Five digits.", "10750")
    version = whole("Year.", 2025)
    section = text("Section.", "C", allow_none=True)
    title = text("Title.", "INDUSTRI MAKANAN DAN MASAKAN OLAHAN")


class KbliPage(Page):
    """Codes in order."""

    items = listing(KbliView, "Codes in order.")


class LoadReference(Request):
    """Load a reference file as a job: regions (`code,name`) or KBLI (`code,title`)."""

    kind = choice(("regions", "kbli"), "What the file holds.", required=True)
    file = text("Key in the file store.", "registry/uploads/0197f0a2", most=300, required=True)
    version = whole("KBLI of which year.", 2025, least=2015, most=2100, allow_none=True)


class GetStatistics(Request):
    """How many enterprises, by size, district, sector, and over time."""

    unit = unit("A unit, or a province with all its units; all that the caller may see when empty.")


class SizeCount(Reply):
    """Enterprises of one size class."""

    size = choice(SIZES, "Class; null for unknown.", allow_none=True)
    count = whole("How many.", 71_000)


class PlaceCount(Reply):
    """Enterprises of one district."""

    code = text("District; null for unknown.", "21.71.03", allow_none=True)
    name = text("Name.", "Lubuk Baja", allow_none=True)
    count = whole("How many.", 6_000)


class SectionCount(Reply):
    """Enterprises of one section of KBLI."""

    section = text("Section; null for unknown.", "C", allow_none=True)
    count = whole("How many.", 30_000)


class MonthCount(Reply):
    """What happened in one month."""

    month = text("Month.", "2026-01")
    registered = whole("Enterprises registered.", 120)
    advanced = whole("Enterprises that rose by a class.", 4)


class StatisticsView(Reply):
    """Counts of active enterprises."""

    unit = text("What it was asked for.", "21.71", allow_none=True)
    total = whole("Active enterprises.", 75_000)
    women = whole("Of these, owned by women.", 46_000)
    binaan = whole("Of these, accompanied now.", 900)
    average_workers = number("Workers on average.", 2.1, 0, 10**9, allow_none=True)
    by_size = listing(SizeCount, "By size class.")
    by_district = listing(PlaceCount, "By district.")
    by_section = listing(SectionCount, "By section of KBLI.")
    by_month = listing(MonthCount, "By month, the last 24.")
