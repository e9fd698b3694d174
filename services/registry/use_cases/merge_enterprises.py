"""Two records are one business: the one goes into the other, and can come out again exactly as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from contracts.registry import EnterpriseMerged
from services.registry.queries.merges import merge_view
from services.registry.storage import enterprises, tables
from services.registry.storage.enterprises import Enterprise
from services.registry.storage.json_rows import to_json

MERGED = (
    "kind", "name", "owner_id", "street", "rt", "rw", "village", "district", "place_as_written", "postcode", "latitude",
    "longitude", "phone", "email", "nib", "npwp", "kbli", "kbli_version", "products", "channels", "founded",
    "founded_precision", "size", "measurement_id",
)  # fmt: skip
"""Columns that a merge decides about. What hangs on a record (measurements, consents, …) stays with it."""
_TOGETHER = {
    "owner": ("owner_id",),
    "address": ("street", "rt", "rw", "village", "district", "place_as_written", "postcode"),
    "kbli": ("kbli", "kbli_version"),
    "founded": ("founded", "founded_precision"),
    "location": ("latitude", "longitude"),
    "size": ("size", "measurement_id"),
}
"""Choices that stand for several columns."""
CHOICES = (*_TOGETHER, "kind", "name", "phone", "email", "nib", "npwp", "products", "channels")


def merge_enterprises(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Merge `other` into `id`; returns the merge.

    Fields come from the record that stays, or from the other where `take` says so or the field is empty. Raises
    `registry.merge-refused` for records of different units or one and the same.
    """
    kept_id, other_id = request["id"], request["other"]
    if kept_id == other_id:
        raise _refused("A record can't be merged into itself.", "Data tidak dapat digabung ke dirinya sendiri.")
    both = enterprises.enterprises_of(uow, [kept_id, other_id])
    if len(both) < 2:  # noqa: PLR2004 - both records
        raise enterprises.not_found()
    kept, other = both[kept_id], both[other_id]
    enterprises.check_version(kept, request["expected_version"])
    enterprises.check_version(other, request["other_version"])
    for each in (kept, other):
        enterprises.refuse_erased(each)
    if "merged" in (kept.row["state"], other.row["state"]):
        raise _refused("One of the records was merged before.", "Salah satu data sudah digabung sebelumnya.")
    if kept.row["unit"] != other.row["unit"]:
        raise _refused(
            "The records are of different units; transfer one first.", "Unit kedua data berbeda; pindahkan dulu."
        )
    return _merge(uow, kept, other, request)


def _merge(uow: UnitOfWork, kept: Enterprise, other: Enterprise, request: Mapping[str, Any]) -> dict[str, Any]:
    merge_id, before = uow.new_id(), (to_json(kept.row), to_json(other.row))
    choices = _take(kept, other, request.get("take") or {})
    changed = sorted(name for name, choice in choices.items() if choice["taken"] == "other")
    if changed:
        if kept.row["owner_id"] == other.row["owner_id"]:
            kept.owner = other.owner
        enterprises.publish_update(uow, kept, changed)
    other.row |= {"state": "merged", "merged_into": kept.id}
    enterprises.publish(uow, other, EnterpriseMerged(enterprise=other.id, into=kept.id, merge=merge_id))
    for each in (kept, other):
        enterprises.store(uow, each, reindex=True)
    uow.session.execute(
        tables.merge.insert(),
        {
            "id": merge_id,
            "unit": kept.row["unit"],
            "kept": kept.id,
            "other": other.id,
            "kept_before": before[0],
            "other_before": before[1],
            "choices": choices,
            "kept_version": kept.row["version"],
            "reason": request.get("reason"),
            "by": uow.context.account,
            "at": uow.now,
        },
    )
    _close_pairs(uow, kept.id, other.id, merge_id)
    detail = {"into": str(kept.id), "merge": str(merge_id)}
    uow.audit("enterprise.merged", subject=other.id, unit=kept.row["unit"], detail=detail)
    return merge_view(uow, merge_id)


def _take(kept: Enterprise, other: Enterprise, take: Mapping[str, str]) -> dict[str, Any]:
    """Decide field by field and put the decisions into `kept`; returns both values and which was taken."""
    unknown = sorted(set(take) - set(CHOICES))
    if unknown:
        raise PlutError(
            INVALID_REQUEST,
            "Some fields can't be chosen.",
            "Ada isian yang tidak dapat dipilih.",
            fields={f"take.{name}": [f"One of: {', '.join(CHOICES)}."] for name in unknown},
        )
    choices: dict[str, Any] = {}
    for name in CHOICES:
        columns = _TOGETHER.get(name, (name,))
        mine, theirs = ([each.row[column] for column in columns] for each in (kept, other))
        empty = all(value in (None, []) for value in mine)
        taken = "other" if take.get(name, "other" if empty else "kept") == "other" and mine != theirs else "kept"
        choices[name] = {
            "taken": taken,
            "kept": to_json(dict(zip(columns, mine, strict=True))),
            "other": to_json(dict(zip(columns, theirs, strict=True))),
        }
        if taken == "other":
            kept.row |= dict(zip(columns, theirs, strict=True))
    return orjson.loads(orjson.dumps(choices))  # type: ignore[no-any-return]


def _close_pairs(uow: UnitOfWork, kept: UUID, other: UUID, merge_id: UUID) -> None:
    uow.session.execute(
        text(
            "UPDATE duplicate SET state = 'merged', merge_id = :merge, decided_by = :by, decided_at = :now"
            " WHERE state = 'open' AND (enterprise, other) IN ((:a, :b), (:b, :a))"
        ),
        {"merge": merge_id, "by": uow.context.account, "now": uow.now, "a": kept, "b": other},
    )


def _refused(en: str, indonesian: str) -> PlutError:
    return PlutError("registry.merge-refused", en, indonesian)
