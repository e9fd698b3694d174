"""Notifications: the portal's inbox, what was written to whom, and where one's own notices go."""

from __future__ import annotations

from contracts.api.notifications import METHODS
from gateway.api.endpoints import act, put, read, register
from gateway.edge.blueprint import EdgeBlueprint
from gateway.edge.openapi import PREFIX

ENDPOINTS = (
    read("/inbox", "list_inbox"),
    read("/inbox/unread", "count_unread"),
    act("/inbox/<uuid:id>/read", "mark_read"),
    act("/inbox/read", "mark_all_read"),
    read("/messages", "list_messages"),
    read("/messages/<uuid:id>", "get_message"),
    act("/messages/<uuid:id>/resend", "resend_message"),
    read("/delivery", "get_delivery"),
    put("/delivery", "set_delivery"),
)
"""Everything that notifications offers."""


def blueprint() -> EdgeBlueprint:
    """The endpoints of the service."""
    made = EdgeBlueprint("notifications", url_prefix=f"{PREFIX}/notifications", description="Who was told what.")
    register(made, "notifications", METHODS, ENDPOINTS)
    return made
