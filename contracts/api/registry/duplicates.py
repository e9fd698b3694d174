"""Requests and replies about duplicates, and about merging that can be undone."""

from __future__ import annotations

from contracts.api.fields import (
    Page,
    Reply,
    Request,
    choice,
    cursor,
    expected_version,
    inner,
    limit,
    listing,
    mapping,
    moment,
    number,
    prose,
    text,
    unit,
    uuid,
    whole,
)
from contracts.api.registry.enterprise_views import EnterpriseHit


class MergeEnterprises(Request):
    """Two records are one business: `other` goes into `id`. Can be undone, exactly."""

    id = uuid("The record that stays.", required=True)
    expected_version = expected_version(required=True)
    other = uuid("The record that goes into it.", required=True)
    other_version = whole("The version of `other` that the caller has seen.", 1, least=1, required=True)
    take = mapping(
        "Fields whose value comes from `other`; the rest stays, and empty fields are filled.",
        {"phone": "other", "name": "kept"},
        values=choice(("kept", "other"), "Which record's value."),
        load_default=dict,
    )
    reason = prose("Why they are one.", most=300, allow_none=True)


class UndoMerge(Request):
    """Take a merge back: both records are again what they were."""

    id = uuid("The merge.", required=True)


class ListMerges(Request):
    """Merges of a unit or of an enterprise."""

    unit = unit()
    enterprise = uuid("Only where this enterprise took part.")
    cursor = cursor()
    limit = limit()


class MergeView(Reply):
    """One merge."""

    id = uuid("The merge.")
    unit = unit()
    kept = uuid("The record that stays.")
    other = uuid("The record that went into it.")
    choices = mapping("Field by field: both values and which was taken.")
    by = text("Who decided.")
    at = moment("When.")
    undone_at = moment("When it was taken back.", allow_none=True)
    kept_version = whole("Version of the record that stays, after the merge.", 4)


class MergePage(Page):
    """Merges, newest first."""

    items = listing(MergeView, "Merges, newest first.")


class ListDuplicates(Request):
    """Pairs that may be one business, for a person to decide."""

    unit = unit()
    enterprise = uuid("Only where this enterprise takes part.")
    state = choice(("open", "different", "merged"), "Only in this state.", load_default="open")
    cursor = cursor()
    limit = limit()


class Reason(Reply):
    """Why two records look alike, in words of both languages."""

    code = text("Code.", "same-phone")
    id = text("Indonesian.", "Nomor HP sama")
    en = text("English.", "Same phone number")


class DuplicateView(Reply):
    """A pair that may be one business."""

    id = uuid("The pair.")
    unit = unit()
    state = choice(("open", "different", "merged"), "State.")
    score = number("How alike, 0 to 1.", 0.71, 0, 1)
    reasons = listing(Reason, "Why.")
    enterprise = inner(EnterpriseHit, "The newer record.")
    other = inner(EnterpriseHit, "The record that it perhaps repeats.")
    decided_by = text("Who decided.", allow_none=True)
    decided_at = moment("When.", allow_none=True)


class DuplicatePage(Page):
    """Pairs, most alike first."""

    items = listing(DuplicateView, "Pairs, most alike first.")


class DecideDuplicate(Request):
    """A person decides: two businesses, or one. `same` merges the newer record into the older."""

    id = uuid("The pair.", required=True)
    decision = choice(("different", "same"), "What they are.", required=True)
    take = mapping("As in merging.", values=choice(("kept", "other"), "Which record's value."), load_default=dict)
