"""From a workbook's rows to enterprises that are new, the same as known ones, perhaps the same, or unusable.

    plan = read_plan(sheets, gazetteer=..., known_kbli=..., today=...)
    for row in decide_rows(plan, index=..., hash_nik=..., new_ref=...):
        ...

Nothing here writes: a preview and a commit run the same code.
"""

from services.registry.domain.importing.deciding import DecidedRow, Outcome, decide_rows
from services.registry.domain.importing.fields import FIELDS, Field
from services.registry.domain.importing.layout import Column, Layout
from services.registry.domain.importing.plan import ImportPlan, ReadRow, SheetPlan, SheetSource, read_plan
from services.registry.domain.importing.records import ImportedEnterprise, Licence

__all__ = [
    "FIELDS",
    "Column",
    "DecidedRow",
    "Field",
    "ImportPlan",
    "ImportedEnterprise",
    "Layout",
    "Licence",
    "Outcome",
    "ReadRow",
    "SheetPlan",
    "SheetSource",
    "decide_rows",
    "read_plan",
]
