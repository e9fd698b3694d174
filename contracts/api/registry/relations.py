"""Requests and replies about what hangs on an enterprise: consent, binaan, cooperatives."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import (
    HOW,
    PURPOSES,
    Reply,
    Request,
    choice,
    day,
    expected_version,
    listing,
    moment,
    prose,
    text,
    unit,
    uuid,
    whole,
)


class GiveConsent(Request):
    """Write down that the owner allows a purpose (UU 27/2022)."""

    enterprise = uuid("The enterprise.", required=True)
    purpose = choice(PURPOSES, "What is allowed: service, sharing with a partner, publication.", required=True)
    partner = text("The partner, where the purpose is sharing.", "bank-riau-kepri", most=80, allow_none=True)
    how = choice(HOW, "How it was given.", load_default="paper")
    given_at = moment("When it was given; now when not given.")


class WithdrawConsent(Request):
    """The owner takes a consent back; as easily as it was given."""

    id = uuid("The consent.", required=True)
    how = choice(HOW, "How it was withdrawn.", load_default="paper")


class ListConsents(Request):
    """All consents of an enterprise, withdrawn ones too."""

    enterprise = uuid("The enterprise.", required=True)


class ConsentView(Reply):
    """One consent."""

    id = uuid("The consent.")
    enterprise = uuid("The enterprise.")
    purpose = choice(PURPOSES, "What is allowed.")
    partner = text("The partner.", allow_none=True)
    how = choice(HOW, "How it was given.")
    given_at = moment("When it was given.")
    given_by = text("The account that wrote it down.")
    withdrawn_at = moment("When it was taken back; null while it holds.", allow_none=True)


class ConsentList(Reply):
    """Consents, newest first."""

    items = listing(ConsentView, "Consents, newest first.")


class BeginBinaan(Request):
    """The unit accompanies the enterprise from a day on."""

    enterprise = uuid("The enterprise.", required=True)
    since = day("From which day; today when not given.")


class EndBinaan(Request):
    """The unit no longer accompanies it."""

    enterprise = uuid("The enterprise.", required=True)
    until = day("Until which day; today when not given.")
    reason = prose("Why, in a sentence.", "Sudah mandiri", most=300, allow_none=True)


class ListBinaan(Request):
    """Since when, and by which unit, an enterprise was accompanied."""

    enterprise = uuid("The enterprise.", required=True)


class BinaanView(Reply):
    """One stretch of time in which a unit accompanied an enterprise."""

    id = uuid("The relation.")
    enterprise = uuid("The enterprise.")
    unit = unit()
    since = day("From.", allow_none=True)
    until = day("Until; null while it lasts.", allow_none=True)
    reason = text("Why it ended.", allow_none=True)


class BinaanList(Reply):
    """Relations, newest first."""

    items = listing(BinaanView, "Relations, newest first.")


class PutCooperative(Request):
    """What only a cooperative has: its legal entity and its members."""

    enterprise = uuid("The enterprise, of kind koperasi.", required=True)
    expected_version = expected_version()
    legal_number = text("Number of the legal entity (badan hukum).", "518/BH/2015", most=60, allow_none=True)
    founded_members = whole("Members when it was founded.", 20, most=10_000_000, allow_none=True)
    members = whole("Members now.", 120, most=10_000_000, allow_none=True)
    women = whole("Of these, women.", 70, most=10_000_000, allow_none=True)


class RecordRat(Request):
    """The yearly meeting of members (rapat anggota tahunan)."""

    enterprise = uuid("The cooperative.", required=True)
    year = whole("The book year it was about.", 2025, least=1945, most=2200, required=True)
    held_on = day("When it was held.", required=True)
    present = whole("Members who were there.", 80, most=10_000_000, allow_none=True)
    members = whole("Members of the cooperative at that time.", 120, most=10_000_000, allow_none=True)
    surplus = whole(
        "Surplus of the year (SHU) in rupiah; negative for a loss.", 12_000_000, least=-(10**15), allow_none=True
    )


class RatView(Reply):
    """One yearly meeting."""

    year = whole("Book year.", 2025)
    held_on = day("When it was held.")
    present = whole("Members who were there.", 80, allow_none=True)
    members = whole("Members at that time.", 120, allow_none=True)
    surplus = fields.Integer(allow_none=True, metadata={"description": "SHU in rupiah.", "example": 12_000_000})


class CooperativeView(Reply):
    """A cooperative's own figures and its yearly meetings."""

    enterprise = uuid("The enterprise.")
    unit = unit()
    legal_number = text("Badan hukum.", allow_none=True)
    founded_members = whole("Members when it was founded.", 20, allow_none=True)
    members = whole("Members now.", 120, allow_none=True)
    women = whole("Of these, women.", 70, allow_none=True)
    rat = listing(RatView, "Yearly meetings, newest first.")


class GetCooperative(Request):
    """Read a cooperative's own figures."""

    enterprise = uuid("The enterprise.", required=True)
