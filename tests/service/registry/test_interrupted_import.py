"""An import whose process is killed at any moment ends like one that wasn't, with every event once."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from contracts.api import registry as api
from services.registry.use_cases import take_in_rows
from services.registry.use_cases.enterprises_of_rows import write
from services.registry.use_cases.steer_import import resume_import
from tests.service.registry.registry import DATA, Registry

LIST = DATA / "sample-umkm-300.xlsx"


def outcome(registry: Registry) -> dict[str, Any]:
    """The database modulo ids and times."""
    queries = {
        "enterprises": "SELECT e.name, e.version, e.state, e.nib, e.phone, e.village, e.size, o.name, o.phone, o.nik_hash,"
        " m.capital, m.sales, m.workers FROM enterprise e JOIN owner o ON o.id = e.owner_id"
        " LEFT JOIN measurement m ON m.id = e.measurement_id ORDER BY 1, 8, 4, 9, 11, 12, 13, 6",
        "events": "SELECT type, count(*), count(DISTINCT (subject, convert_from(body, 'UTF8')::jsonb ->> 'sequence'))"
        " FROM plut.outbox GROUP BY type ORDER BY type",
        "pairs": "SELECT count(*) FROM duplicate",
        "entries": "SELECT words FROM search_entry s JOIN enterprise e ON e.id = s.enterprise ORDER BY words",
        "rows": "SELECT number, outcome, before FROM import_row ORDER BY number",
        "import": "SELECT state, outcomes, rows, done FROM import",
    }
    return {name: registry.look.execute(query).fetchall() for name, query in queries.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_and_begun_again(registry: Registry, seed: int) -> None:
    registry.take_in(LIST)
    clean = outcome(registry)
    registry.empty()
    rng = random.Random(seed)  # noqa: S311 - moments, not secrets
    started = registry.begin_import(LIST)
    kills = 0
    for _ in range(4):
        process = registry.run_job_to_be_killed(started["job"])
        _wait_for_a_chunk(registry, rng)
        process.kill()
        kills += process.wait() != 0
        if registry.import_row(started["id"])[0] == "completed":
            break
        # calling again, as a client that was killed too would do
        assert registry.begin_import(LIST)["id"] == started["id"]
    registry.worker.jobs.run(str(started["job"]))
    assert kills
    assert outcome(registry) == clean


def test_killed_when_all_was_done_and_nothing_said(registry: Registry) -> None:
    registry.take_in(LIST)
    clean = outcome(registry)
    registry.look.execute("UPDATE plut.job SET state = 'running', finished_at = NULL, result = NULL")
    registry.worker.jobs.run(str(registry.look.execute("SELECT id FROM plut.job").fetchone()[0]))
    assert registry.look.execute("SELECT state, result IS NULL FROM plut.job").fetchone() == ("succeeded", False)
    assert outcome(registry) == clean


def _wait_for_a_chunk(registry: Registry, rng: random.Random) -> None:
    """Some moment after at least one more step has been committed, or somewhat later."""
    before = registry.look.execute("SELECT version FROM import").fetchone()
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and registry.look.execute("SELECT version FROM import").fetchone() == before:
        time.sleep(0.005)
    time.sleep(rng.random() * 0.15)


def test_what_was_made_ready_is_forgotten_with_its_run(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run ends while the third chunk is written: owners that it would have written are made."""
    monkeypatch.setattr(take_in_rows, "CHUNK", 10)
    registry.take_in(LIST)
    clean = outcome(registry)
    registry.empty()
    started = registry.begin_import(LIST)
    written = iter(range(3))

    def fail(*arguments: Any) -> None:
        if next(written) == 2:
            raise OSError("in the middle of a chunk")
        write(*arguments)

    with monkeypatch.context() as broken:
        broken.setattr(take_in_rows, "write", fail)
        registry.worker.jobs.run(str(started["job"]))
    assert registry.import_row(started["id"])[0] == "failed"
    assert registry.look.execute("SELECT done FROM import").fetchone() == (20,)
    registry.call(api.ResumeImport, resume_import, id=started["id"])
    registry.run_jobs()
    assert outcome(registry) == clean
