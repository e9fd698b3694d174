"""`python -m chassis.migrations [name ...]`: migrate the named databases, or every service's and the gateway's."""

from __future__ import annotations

import sys

from chassis import log
from chassis.migrations import migrate
from chassis.services import service_names
from chassis.settings import Settings


def main(names: list[str]) -> None:
    """Migrate each; an error ends the run with a trace, and that database as it was."""
    settings = Settings.from_environment()
    log.configure("migrations", settings.log_level)
    for name in names or service_names():
        migrate(settings, name)


if __name__ == "__main__":
    main(sys.argv[1:])
