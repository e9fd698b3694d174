"""What a container's entrypoints share: settings, the database, the verifier of access contexts."""

from __future__ import annotations

from typing import Any

from nameko.extensions import SharedExtension

from chassis.access import Verifier
from chassis.database import Database
from chassis.settings import Settings

#: Key of nameko's configuration under which the process's settings travel.
SETTINGS = "PLUT_SETTINGS"


class Resources(SharedExtension):
    """One per container."""

    settings: Settings
    database: Database
    verifier: Verifier

    def setup(self) -> None:
        """Read the keys and make the pool; connects to nothing."""
        settings: Any = self.container.config[SETTINGS]
        self.settings = settings
        self.database = Database(settings, self.container.service_name, pool_size=min(settings.workers, 10))
        self.verifier = Verifier(settings.access_jwks_file, self.container.service_name)
