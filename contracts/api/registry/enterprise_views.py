"""What the registry answers about enterprises."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import (
    KINDS,
    SIZES,
    STATES,
    Page,
    Reply,
    choice,
    day,
    inner,
    listing,
    moment,
    pattern,
    rupiah,
    text,
    truth,
    unit,
    uuid,
    whole,
)


class NamedCode(Reply):
    """A code with its name."""

    code = text("Code.", "21.71.03")
    name = text("Name.", "Lubuk Baja", allow_none=True)


class KbliRef(Reply):
    """A classification code."""

    code = text("Five digits.", "10750")
    version = whole("KBLI of which year.", 2025)
    title = text("Title.", "INDUSTRI MAKANAN DAN MASAKAN OLAHAN", allow_none=True)
    section = text("Section, a letter.", "C", allow_none=True)


class OwnerView(Reply):
    """The owner, with the NIK masked."""

    id = uuid("The owner.")
    name = text("Name.", "Siti Rahmawati")
    nik = text("Masked NIK; null when unknown.", "21************01", allow_none=True)
    nik_state = choice(("known", "unknown", "missing"), "`unknown`: a number was given that cannot be right.")
    sex = choice(("female", "male"), "Sex.", allow_none=True)
    birth_date = day("Date of birth.", allow_none=True)
    phone = text("E.164.", "+6281234567890", allow_none=True)
    email = text("E-mail.", "siti@example.com", allow_none=True)


class AddressView(Reply):
    """Where the business is."""

    street = text("Street.", "Jl. Raden Patah No. 12", allow_none=True)
    rt = whole("RT.", 2, allow_none=True)
    rw = whole("RW.", 5, allow_none=True)
    village = inner(NamedCode, "Kelurahan or desa.", allow_none=True)
    district = inner(NamedCode, "Kecamatan.", allow_none=True)
    regency = inner(NamedCode, "City or regency.", allow_none=True)
    postcode = text("Postcode.", "29432", allow_none=True)
    as_written = text("Village and district as the source wrote them, where no code was found.", allow_none=True)


class SizeView(Reply):
    """The size class now, and what it rests on (PP 7/2021 art. 35)."""

    size = choice(SIZES, "Class.")
    criterion = choice(("capital", "sales"), "Which figure decided.")
    by_capital = choice(SIZES, "Class by capital.", allow_none=True)
    by_sales = choice(SIZES, "Class by sales.", allow_none=True)
    disagrees = truth("Capital and sales lead to different classes.")
    as_of = day("Day of the figures.")
    capital = rupiah("Capital.", allow_none=True)
    sales = rupiah("Sales of a year.", allow_none=True)
    workers = whole("Workers.", 3, allow_none=True)


class EnterpriseView(Reply):
    """An enterprise as officers see it."""

    id = uuid("The enterprise.")
    unit = unit()
    version = whole("Raised by every published change; the ETag of the HTTP API.", 3)
    state = choice(STATES, "State.")
    merged_into = uuid("The record that it was merged into.", allow_none=True)
    kind = choice(KINDS, "Legal form.")
    name = text("Name.", "Dapur Siti")
    owner = inner(OwnerView, "Owner.", allow_none=True)
    address = inner(AddressView, "Address.")
    latitude = fields.Float(allow_none=True, metadata={"description": "Degrees north.", "example": 1.0456})
    longitude = fields.Float(allow_none=True, metadata={"description": "Degrees east.", "example": 104.0305})
    phone = text("Phone of the business, E.164.", "+62778123456", allow_none=True)
    email = text("E-mail of the business.", "dapur@example.com", allow_none=True)
    nib = text("NIB.", "9120001234567", allow_none=True)
    npwp = text("Tax number; masked where it is a person's.", "012345678901000", allow_none=True)
    kbli = inner(KbliRef, "Classification.", allow_none=True)
    products = text("Products.", "Rendang kemasan", allow_none=True)
    channels = fields.List(fields.String(), metadata={"description": "Where it sells.", "example": ["store"]})
    founded = day("Founding date.", allow_none=True)
    founded_precision = choice(("year", "month", "day"), "How exactly it is known.", allow_none=True)
    size = inner(SizeView, "Size class; null where nothing was measured.", allow_none=True)
    cooperative = fields.Dict(allow_none=True, metadata={"description": "Members and RAT of a cooperative."})
    binaan_since = day("Since when the unit accompanies it.", allow_none=True)
    duplicates = whole("Open questions whether it repeats another record.", 0)
    registered_at = moment("When it was registered.")
    updated_at = moment("When it last changed.")


class EnterpriseHit(Reply):
    """A line of a search's answer."""

    id = uuid("The enterprise.")
    unit = unit()
    version = whole("Version.", 3)
    state = choice(STATES, "State.")
    name = text("Name.", "Dapur Siti")
    owner = text("Owner's name.", "Siti Rahmawati", allow_none=True)
    kind = choice(KINDS, "Legal form.")
    products = text("Products.", "Rendang kemasan", allow_none=True)
    phone = text("E.164.", "+6281234567890", allow_none=True)
    nib = text("NIB.", "9120001234567", allow_none=True)
    kbli = text("KBLI code.", "10750", allow_none=True)
    district = inner(NamedCode, "District.", allow_none=True)
    village = inner(NamedCode, "Village.", allow_none=True)
    size = choice(SIZES, "Size class.", allow_none=True)
    score = fields.Float(allow_none=True, metadata={"description": "How well it fits, 0 to 1.", "example": 0.93})
    registered_at = moment("When it was registered.")


class EnterprisePage(Page):
    """One page of a search."""

    items = listing(EnterpriseHit, "Found enterprises, best first.")


class HistoryEntry(Reply):
    """One thing that happened."""

    at = moment("When it happened or was recorded.")
    what = choice(
        (
            "registered",
            "updated",
            "measured",
            "advanced",
            "transferred",
            "merged",
            "unmerged",
            "consent",
            "binaan",
            "rat",
        ),
        "What happened.",
    )
    detail = fields.Dict(metadata={"description": "Figures, codes and names that belong to it."})


class EnterpriseHistoryView(Reply):
    """The history, newest first."""

    id = uuid("The enterprise.")
    entries = listing(HistoryEntry, "What happened, newest first.")


class RevealedNik(Reply):
    """The NIK in full."""

    id = uuid("The enterprise.")
    nik = pattern(r"^\d{16}$", "Sixteen digits.", "2171034107900001")


class AccessEntry(Reply):
    """One look at a personal number."""

    id = uuid("The entry.")
    at = moment("When.")
    account = text("Account.", "staf@plut-batam.example")
    enterprise = uuid("Whose.")
    unit = unit("The unit that the enterprise belongs to.")
    what = text("What was shown.", "nik")
    purpose = text("What for.", "Pengajuan P-IRT", most=300)


class AccessLogPage(Page):
    """One page of the access log, newest first."""

    items = listing(AccessEntry, "Looks, newest first.")
