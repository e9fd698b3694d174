"""The job of an import, and in what order imports are carried out."""

from __future__ import annotations

from typing import Final

JOB: Final = "import-enterprises"


def unit_lock(unit: str) -> str:
    """Imports of one unit run one after another: each must see what the one before has brought."""
    return f"import:{unit}"
