"""Units, regions, classifications, figures."""

from __future__ import annotations

from gateway.api.endpoints import put, read

ENDPOINTS = (
    read("/units", "list_units"),
    read("/units/<region:code>", "get_unit"),
    put("/units/<region:code>", "put_unit"),
    read("/regions", "list_regions"),
    read("/regions/<region:code>", "get_region"),
    read("/kbli", "list_kbli"),
    read("/statistics", "get_statistics"),
)
"""Everything that enterprises refer to, and what they add up to."""
