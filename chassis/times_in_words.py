"""Days and times as people write them, in Indonesian and in English."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

_MONTHS: Final = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WIB: Final = timezone(timedelta(hours=7), "WIB")


def day(iso: str, language: str) -> str:
    """`2026-01-02` as `2 Januari 2026`."""
    on = date.fromisoformat(iso)
    months = _ENGLISH_MONTHS if language == "en" else _MONTHS
    return f"{on.day} {months[on.month - 1]} {on.year}"


def moment(iso: str, language: str) -> str:
    """`2026-01-02T01:30:00+00:00` as `2 Januari 2026 pukul 08.30 WIB`: on the clock of the west, and said so."""
    at = datetime.fromisoformat(iso).astimezone(_WIB)
    time = f"at {at:%H:%M}" if language == "en" else f"pukul {at:%H.%M}"
    return f"{day(at.date().isoformat(), language)} {time} WIB"
