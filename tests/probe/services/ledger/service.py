"""A subscriber that only keeps count; it answers nothing of its own."""

from __future__ import annotations

from chassis.runtime import Service


class LedgerService(Service):
    """The ledger."""

    name = "ledger"
