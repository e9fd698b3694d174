"""The jobs of an import, and in what order imports are carried out."""

from __future__ import annotations

from typing import Any, Final

from contracts.errors import PlutError

JOB: Final = "import-enterprises"
UNDO_JOB: Final = "undo-import"


def unit_lock(unit: str) -> str:
    """Imports of one unit run one after another: each must see what the one before has brought."""
    return f"import:{unit}"


def kept_error(refusal: PlutError) -> dict[str, Any]:
    """Why a job of the import failed, as the import keeps it for people to read."""
    return {
        "code": refusal.code,
        "message_en": refusal.message_en,
        "message_id": refusal.message_id,
        "fields": refusal.fields,
        "params": refusal.params,
    }
