"""When something that somebody is given ends: after now, and not too late."""

from __future__ import annotations

from datetime import datetime, timedelta

from contracts.errors import INVALID_REQUEST, PlutError


def refuse_wrong_end(field: str, end: datetime, *, now: datetime, longest: timedelta) -> None:
    """Raise `invalid-request` that names `field`, for an end that lies in the past or further off than `longest`."""
    if end <= now:
        wrong = "Sudah lewat. / It lies in the past."
    elif end > now + longest:
        wrong = f"Paling lama {longest.days} hari dari sekarang. / At most {longest.days} days from now."
    else:
        return
    raise PlutError(INVALID_REQUEST, "It can't end then.", "Tidak dapat berakhir saat itu.", fields={field: [wrong]})
