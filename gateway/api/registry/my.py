"""An owner's own enterprises: for owners, and for who acts for one (`Plut-On-Behalf-Of`)."""

from __future__ import annotations

from gateway.api.endpoints import act, read

_CONSENTS = "/enterprises/<uuid:enterprise>/consents"

ENDPOINTS = (
    read("/enterprises", "list_my_enterprises"),
    read("/enterprises/<uuid:id>", "get_my_enterprise", versioned=True),
    read(_CONSENTS, "list_my_consents"),
    act(_CONSENTS, "give_my_consent", status=201),
    act("/consents/<uuid:id>/withdrawal", "withdraw_my_consent"),
    read("/looks", "list_my_looks"),
    act("/requests/export", "request_my_export", status=201, versioned=True),
    read("/requests", "list_my_requests"),
)
"""Everything that an owner sees and decides."""
