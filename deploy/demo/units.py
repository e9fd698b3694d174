"""Offices of the demo: invented contact data, real places."""

from __future__ import annotations

from typing import Any

_HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-16:00")

UNITS: tuple[dict[str, Any], ...] = (
    {
        "code": "21",
        "name": "PLUT-KUMKM Provinsi Kepulauan Riau",
        "email": "kepri@plut.example",
        "consultants": {"kelembagaan": 1, "sdm": 1, "produksi": 1, "pembiayaan": 1, "pemasaran": 1, "it": 1},
    },
    {
        "code": "21.71",
        "name": "PLUT-KUMKM Kota Batam",
        "address": "Jl. Engku Putri No. 1, Batam Center",
        "phone": "0778460000",
        "email": "batam@plut.example",
        "facilities": ["galeri", "ruang pelatihan", "co-working"],
        "consultants": {"kelembagaan": 1, "produksi": 1, "pembiayaan": 1, "pemasaran": 2, "it": 1},
    },
    {
        "code": "21.72",
        "name": "PLUT-KUMKM Kota Tanjungpinang",
        "email": "tanjungpinang@plut.example",
        "consultants": {"produksi": 1, "pemasaran": 1, "sdm": 1},
    },
    {
        "code": "12.75",
        "name": "PLUT-KUMKM Kota Binjai",
        "email": "binjai@plut.example",
        "consultants": {"kelembagaan": 1, "produksi": 1, "pembiayaan": 1, "pemasaran": 1, "jaringan": 1},
    },
)


def unit_body(unit: dict[str, Any]) -> dict[str, Any]:
    """What PUT /registry/units/<code> takes."""
    return {"hours": _HOURS, **{name: value for name, value in unit.items() if name != "code"}}
