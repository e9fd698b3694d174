"""`python -m chassis.audit [service ...]`: verify what is on record; ends with 1 where anything was changed."""

from __future__ import annotations

import sys

from sqlalchemy import text

from chassis import log
from chassis.audit.anchors import anchors_of
from chassis.audit.check import find_faults
from chassis.database import Database
from chassis.files import FileStore
from chassis.services import service_names
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM

_SHOWN = 20


def main(names: list[str]) -> None:
    """Verify the named databases, or every service's and the gateway's."""
    settings = Settings.from_environment()
    log.configure("audit", "warning")
    files = FileStore(settings)
    broken = False
    for name in names or service_names():
        database = Database(settings, name, pool_size=1, statement_timeout=0)
        with UnitOfWork(database, SYSTEM, snapshot=True) as uow:
            total = uow.session.execute(text("SELECT count(*) FROM plut.audit")).scalar_one()
            faults = list(find_faults(uow, database.audit_keys, anchors_of(database.audit_keys, files, name)))
        database.close()
        broken = broken or bool(faults)
        verdict = f"{len(faults)} faults" if faults else "unchanged"
        sys.stdout.write(f"{name}: {total} rows, {verdict}\n")
        sys.stdout.writelines(f"  {fault}\n" for fault in faults[:_SHOWN])
        if len(faults) > _SHOWN:
            sys.stdout.write(f"  … and {len(faults) - _SHOWN} more\n")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
