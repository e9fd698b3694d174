"""An office's file as sheets of rows. Files are distrusted here: what is refused is refused with what to do about it."""

from services.registry.workbook.errors import WorkbookRefused
from services.registry.workbook.limits import DEFAULT_LIMITS, Limits
from services.registry.workbook.opening import open_workbook
from services.registry.workbook.sheets import Sheet, Workbook

__all__ = ["DEFAULT_LIMITS", "Limits", "Sheet", "Workbook", "WorkbookRefused", "open_workbook"]
