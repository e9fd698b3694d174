"""Requests and replies about enterprises: register, change, look up, search."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.api.fields import (
    CHANNELS,
    HOW,
    KINDS,
    SIZES,
    STATES,
    Request,
    Truth,
    choice,
    cursor,
    day,
    expected_version,
    inner,
    limit,
    number,
    pattern,
    prose,
    region,
    rupiah,
    text,
    unit,
    uuid,
    whole,
    yes,
)

NIK = r"^\d{16}$"
SORTS = ("relevance", "name", "-registered", "registered", "-updated")


class OwnerFields(Request):
    """The person behind the business."""

    name = text("Full name as on the identity card.", "Siti Rahmawati", least=1)
    nik = pattern(NIK, "Sixteen digits. Stored encrypted, shown masked.", "2171034107900001", allow_none=True)
    sex = choice(("female", "male"), "Sex.", allow_none=True)
    birth_date = day("Date of birth; read from the NIK when not given.", allow_none=True)
    phone = text("Phone as people write it; stored as E.164.", "0812-3456-7890", most=40, allow_none=True)
    email = fields.Email(allow_none=True, metadata={"description": "E-mail.", "example": "siti@example.com"})


class AddressFields(Request):
    """Where the business is."""

    street = text("Street and number.", "Jl. Raden Patah No. 12", most=300, allow_none=True)
    rt = whole("RT.", 2, most=999, allow_none=True)
    rw = whole("RW.", 5, most=999, allow_none=True)
    village = region("Kemendagri code of the kelurahan or desa.", "21.71.03.1001", allow_none=True)
    district = region("Kemendagri code of the kecamatan.", allow_none=True)
    postcode = pattern(r"^\d{5}$", "Postcode.", "29432", allow_none=True)


class EnterpriseFields(Request):
    """What both registering and changing take."""

    name = text("Name of the business.", "Dapur Siti", least=1)
    kind = choice(KINDS, "Legal form; `calon` is somebody who is about to begin.")
    owner = inner(OwnerFields, "The owner, or the chairperson of a cooperative.")
    address = inner(AddressFields, "Address of the business.")
    latitude = number("Degrees north.", 1.0456, -11.5, 6.5, allow_none=True)
    longitude = number("Degrees east.", 104.0305, 94.0, 142.0, allow_none=True)
    phone = text("Phone of the business.", "0778-123456", most=40, allow_none=True)
    email = fields.Email(
        allow_none=True, metadata={"description": "E-mail of the business.", "example": "dapur@example.com"}
    )
    nib = pattern(r"^\d{13}$", "Business number (NIB) of OSS, 13 digits.", "9120001234567", allow_none=True)
    npwp = pattern(r"^\d{15,16}$", "Tax number, 15 or 16 digits.", "012345678901000", allow_none=True)
    kbli = pattern(r"^\d{5}$", "Business classification, five digits.", "10750", allow_none=True)
    kbli_version = whole("KBLI of which year: 2020 or 2025.", 2025, least=2015, most=2100)
    products = text("What it makes or sells, in a word or two.", "Rendang kemasan", most=300, allow_none=True)
    channels = fields.List(
        fields.String(validate=validate.OneOf(CHANNELS)),
        metadata={"description": "Where it sells.", "example": ["store", "whatsapp"]},
    )
    founded = day("Founding date; the first day of the month or year where only those are known.", allow_none=True)
    founded_precision = choice(("year", "month", "day"), "How exactly the founding date is known.", allow_none=True)


class RegisterEnterprise(EnterpriseFields):
    """Register one enterprise."""

    unit = unit(required=True)
    name = text("Name of the business.", "Dapur Siti", least=1, required=True)
    kind = choice(KINDS, "Legal form.", load_default="perorangan")
    owner = inner(OwnerFields, "The owner, or the chairperson of a cooperative.", required=True)
    capital = rupiah("Capital without land and building, in rupiah.", allow_none=True)
    sales = rupiah("Sales of a year, in rupiah.", allow_none=True)
    workers = whole("People who work there, the owner included.", 3, most=1_000_000, allow_none=True)
    as_of = day("The day that capital, sales and workers are of; today when not given.")
    binaan_since = day("Day from which the unit accompanies it; none when it doesn't.", allow_none=True)
    even_if_similar = yes("Register although a similar enterprise is known; the pair is kept for a person to decide.")

    @validates_schema
    def _owner_has_a_name(self, data: dict[str, Any], **_: Any) -> None:
        if "owner" in data and not data["owner"].get("name"):
            raise ValidationError({"owner": {"name": ["Missing data for required field."]}})


class UpdateEnterprise(EnterpriseFields):
    """Change the fields that are sent; a null empties a field."""

    id = uuid("The enterprise.", required=True)
    expected_version = expected_version(required=True)
    state = choice(("active", "closed"), "Whether the business still runs.")


class GetEnterprise(Request):
    """Read one enterprise."""

    id = uuid("The enterprise.", required=True)


class SearchEnterprises(Request):
    """Search. Filters narrow each other; `q` forgives typing mistakes and lost or added blanks."""

    q = text("Words of the business's name, its products or its owner's name.", "dapur siti", most=120)
    owner = text("Words of the owner's name.", "siti rahmawati", most=120)
    phone = text("Phone, in any notation.", "0812-3456-7890", most=40)
    nib = pattern(r"^\d{13}$", "NIB, exactly.", "9120001234567")
    nik = pattern(NIK, "NIK, exactly; searched through its keyed hash.", "2171034107900001")
    unit = unit("Only of this unit, or of the units of this province.")
    district = region("Only in this district.")
    village = region("Only in this village.", "21.71.03.1001")
    size = choice(SIZES, "Only of this size class.")
    kbli = pattern(r"^\d{2,5}$", "Only with a KBLI code that begins so.", "107")
    section = pattern(r"^[A-V]$", "Only of this section of KBLI.", "C")
    kind = choice(KINDS, "Only of this legal form.")
    state = choice(STATES, "Only in this state.", load_default="active")
    binaan = Truth(metadata={"description": "Only those that a unit accompanies now, or only the others."})
    sort = choice(SORTS, "Order; `relevance` where `q` or `owner` is given, otherwise newest first.")
    cursor = cursor()
    limit = limit()


class GetEnterpriseHistory(Request):
    """What became of an enterprise: measurements, size classes, units, merges, changes."""

    id = uuid("The enterprise.", required=True)


class RecordMeasurement(Request):
    """Write down capital, sales and workers of a day. Every measurement is kept; the class follows."""

    id = uuid("The enterprise.", required=True)
    expected_version = expected_version()
    capital = rupiah("Capital without land and building.", allow_none=True)
    sales = rupiah("Sales of a year.", allow_none=True)
    workers = whole("Workers.", 3, most=1_000_000, allow_none=True)
    as_of = day("The day the figures are of.", required=True)
    source = choice(
        ("interview", "document", "survey", "portal"), "Where the figures come from.", load_default="interview"
    )

    @validates_schema
    def _something_measured(self, data: dict[str, Any], **_: Any) -> None:
        if all(data.get(f) is None for f in ("capital", "sales", "workers")):
            raise ValidationError("At least one of capital, sales and workers is needed.", "capital")


class TransferEnterprise(Request):
    """Hand an enterprise over to another unit."""

    id = uuid("The enterprise.", required=True)
    expected_version = expected_version(required=True)
    to_unit = unit("The unit that takes over.", required=True)
    reason = prose("Why, in a sentence.", "Pindah alamat ke Tanjungpinang", allow_none=True)
    consent_how = choice(
        HOW,
        "How the owner agreed that the other unit gets the data; needed unless a consent to sharing with that unit (`partner`"
        " is its code) is on record.",
    )


class RevealNik(Request):
    """Show a NIK in full. Who looked, when and what for is written down and can be read by the unit's head."""

    id = uuid("The enterprise.", required=True)
    purpose = prose("What it is needed for.", "Pengajuan P-IRT", least=5, most=300, required=True)


class ListAccessLog(Request):
    """Who looked at personal numbers."""

    unit = unit()
    enterprise = uuid("Only this enterprise.")
    cursor = cursor()
    limit = limit()
