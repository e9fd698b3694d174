"""A job of many small steps, each of which leaves one row."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import text

from chassis.jobs import Work, job


@job("step")
def step(work: Work) -> dict[str, Any]:
    """Write the rows that aren't there yet, one per unit of work."""
    steps = work.params["steps"]
    with work.unit_of_work() as uow:
        done = uow.session.execute(text("SELECT count(*) FROM step WHERE job = :job"), {"job": work.id}).scalar() or 0
    for number in range(done, steps):
        with work.unit_of_work() as uow:
            uow.session.execute(
                text("INSERT INTO step (job, number) VALUES (:job, :number)"), {"job": work.id, "number": number}
            )
        time.sleep(0.02)
        work.progress(number + 1, steps)
    return {"steps": steps}
