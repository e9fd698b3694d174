"""The upgraded service: it only listens."""

from __future__ import annotations

from chassis.runtime import Service


class ProbeService(Service):
    """The probe."""

    name = "probe"
