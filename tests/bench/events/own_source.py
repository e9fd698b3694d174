"""Our way at a steady rate: a unit of work with a row and its event; the relay does the rest.

`python -m tests.bench.events.own_source SERVICE NUMBER RATE`
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from chassis.database import Database
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from tests.bench.events import material
from tests.bench.events.pace import Pace

WORKERS = 10
_REGISTER = text("INSERT INTO source (id, name) VALUES (:id, :name)")


def main(service: str, number: int, per_second: float) -> None:
    """Print the rate that was kept."""
    database = Database(Settings.from_environment(), service, pool_size=WORKERS)
    unit = material.sample().unit
    events = list(material.events(number))
    pace = Pace(per_second)

    def register(first: int) -> None:
        for step in range(first, number, WORKERS):
            event, enterprise = events[step]
            pace.wait_for(step)
            with UnitOfWork(database, SYSTEM) as uow:
                uow.session.execute(_REGISTER, {"id": enterprise, "name": event.business})
                uow.publish(event, subject=enterprise, unit=unit, sequence=1)

    with ThreadPoolExecutor(WORKERS) as pool:
        pace.begin()
        list(pool.map(register, range(WORKERS)))
    rate = pace.rate(number)
    database.close()
    sys.stdout.write(json.dumps({"rate": rate}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
