"""The platform that is broken, who works on it, and who watches; made for the first promise, gone after the last."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from tests.chaos.machine import chaos_platform
from tests.chaos.witness import Witness
from tests.system.people import Person, person

UNITS = ("21.71", "21.72", "12.75")


class Grounds:
    """What all promises share."""

    def __init__(self, broker_root: Path | None) -> None:
        self._closing = ExitStack()
        self.stack, self.platform = self._closing.enter_context(chaos_platform(broker_root))
        self.people: list[Person] = [person(self.platform, "staff", unit) for unit in UNITS]
        self.witness = Witness(self.platform.amqp_url)
        self.witness.start()
        self._closing.callback(self.witness.stop)

    def close(self) -> None:
        """End everything."""
        self._closing.close()
