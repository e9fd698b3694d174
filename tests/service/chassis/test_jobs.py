"""Jobs go on where their last committed step ended, whoever dies."""

from __future__ import annotations

import signal
from typing import Any

from chassis import jobs
from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from tests.service.chassis.probe import BATAM, Probe
from tests.stack import eventually


def start(probe: Probe, steps: int) -> str:
    return str(probe.call("start", {"steps": steps})["job"])


def job(probe: Probe, job_id: str) -> Any:
    return probe.rows("SELECT state, done, run FROM plut.job WHERE id = %s", job_id)[0]


def test_a_job_ends_with_its_result(service: Probe) -> None:
    job_id = start(service, 5)
    eventually(lambda: job(service, job_id) == ("succeeded", 5, 1))
    assert service.rows("SELECT count(*) FROM step") == [(5,)]


def test_a_killed_worker_s_job_is_taken_over(probe: Probe) -> None:
    probe.start("chassis.runtime")
    worker = probe.start("chassis.worker")
    job_id = start(probe, 60)
    eventually(lambda: job(probe, job_id)[1] > 5)
    worker.send_signal(signal.SIGKILL)
    probe.start("chassis.worker")
    eventually(lambda: job(probe, job_id)[0] == "succeeded")
    assert job(probe, job_id)[2] == 2
    assert probe.rows("SELECT count(*) FROM step") == [(60,)]


def test_a_polite_stop_hands_the_job_on(probe: Probe) -> None:
    probe.start("chassis.runtime")
    worker = probe.start("chassis.worker")
    job_id = start(probe, 80)
    eventually(lambda: job(probe, job_id)[1] > 5)
    worker.terminate()
    assert worker.wait(20) == 0
    assert job(probe, job_id)[0] == "waiting"
    probe.start("chassis.worker")
    eventually(lambda: job(probe, job_id)[0] == "succeeded")


def test_a_job_is_stopped_and_goes_on(service: Probe) -> None:
    job_id = start(service, 100)
    eventually(lambda: job(service, job_id)[1] > 5)
    database = Database(service.settings, "probe")
    with UnitOfWork(database, BATAM) as uow:
        jobs.stop_job(uow, job_id)  # type: ignore[arg-type]
    eventually(lambda: job(service, job_id)[0] == "stopped")
    assert job(service, job_id)[1] < 100
    with UnitOfWork(database, BATAM) as uow:
        jobs.resume_job(uow, job_id)  # type: ignore[arg-type]
    eventually(lambda: job(service, job_id)[0] == "succeeded")
    database.close()
