"""A service that only listens."""

from __future__ import annotations

from chassis.runtime import Service


class SetwiseService(Service):
    """Keeps a list of businesses; see its handlers."""

    name = "setwise"
