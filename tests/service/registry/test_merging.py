"""Merging two records and taking it back: afterwards everything is as it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.api import registry as api
from contracts.errors import PlutError
from services.registry.queries.merges import list_duplicates
from services.registry.use_cases.decide_duplicate import decide_duplicate
from services.registry.use_cases.merge_enterprises import CHOICES, merge_enterprises
from services.registry.use_cases.undo_merge import undo_merge
from services.registry.use_cases.update_enterprise import update_enterprise
from tests.service.registry.registry import Registry

_LEAVE = {"version", "updated_at"}


def stored(registry: Registry, enterprise: Any) -> dict[str, Any]:
    row = registry.look.execute("SELECT to_jsonb(e) FROM enterprise e WHERE id = %s", (enterprise,)).fetchone()
    assert row is not None
    return {name: value for name, value in row[0].items() if name not in _LEAVE}


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
businesses = st.fixed_dictionaries(
    {},
    optional={
        "products": texts,
        "nib": st.from_regex(r"[0-9]{13}", fullmatch=True),
        "phone": st.sampled_from(["081234567890", "0778460001"]),
        "channels": st.lists(st.sampled_from(["store", "market"]), unique=True),
        "founded": st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2025, 1, 1)),
        "sales": st.integers(0, 10**11),
        "capital": st.integers(0, 10**11),
        "latitude": st.floats(-11, 6, allow_nan=False),
        "kind": st.sampled_from(["cv", "pt", "perorangan"]),
    },
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    one=businesses,
    other=businesses,
    take=st.dictionaries(st.sampled_from(CHOICES), st.sampled_from(["kept", "other"]), max_size=6),
)
def test_merge_then_undo_is_the_identity(
    registry: Registry, one: dict[str, Any], other: dict[str, Any], take: dict[str, str]
) -> None:
    a = registry.register("Dapur Siti", **one, even_if_similar=True)
    b = registry.register("Dapur Bu Siti", "Siti R", **other, even_if_similar=True)
    before = stored(registry, a["id"]), stored(registry, b["id"])
    merged = registry.call(
        api.MergeEnterprises,
        merge_enterprises,
        id=a["id"],
        expected_version=a["version"],
        other=b["id"],
        other_version=b["version"],
        take=take,
    )
    assert registry.get(b["id"])["state"] == "merged"
    registry.call(api.UndoMerge, undo_merge, id=merged["id"])
    assert (stored(registry, a["id"]), stored(registry, b["id"])) == before


def test_a_change_after_the_merge_outlives_the_undo(registry: Registry) -> None:
    a, b = registry.register(), registry.register("Toko Siti", "Siti R", nib="9120001234567", products="Roti")
    merged = registry.call(
        api.MergeEnterprises, merge_enterprises, id=a["id"], expected_version=1, other=b["id"], other_version=1
    )
    assert registry.get(a["id"])["nib"] == "9120001234567"
    registry.call(
        api.UpdateEnterprise,
        update_enterprise,
        id=a["id"],
        expected_version=merged["kept_version"],
        products="Roti manis",
    )
    registry.call(api.UndoMerge, undo_merge, id=merged["id"])
    after = registry.get(a["id"])
    assert (after["nib"], after["products"]) == (None, "Roti manis")
    with pytest.raises(PlutError, match="merge-undone-conflict"):
        registry.call(api.UndoMerge, undo_merge, id=merged["id"])


def test_a_person_decides_about_a_pair(registry: Registry) -> None:
    fields: dict[str, Any] = {"owner_fields": {"phone": "081234567890"}, "products": "Rendang"}
    first = registry.register(**fields)
    registry.register(**fields, even_if_similar=True)
    (pair,) = registry.call(api.ListDuplicates, list_duplicates)["items"]
    assert pair["reasons"]
    assert pair["other"]["id"] == first["id"]
    decided = registry.call(api.DecideDuplicate, decide_duplicate, id=pair["id"], decision="same")
    assert decided["state"] == "merged"
    assert registry.call(api.ListDuplicates, list_duplicates)["items"] == []
    assert registry.event_names()[-1] == "enterprise-merged"
