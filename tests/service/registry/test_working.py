"""Imports in a real worker process: stopped between two chunks and gone on with; what it writes into its log."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from contracts.api import registry as api
from services.registry.use_cases.steer_import import resume_import, stop_import
from tests.service.registry.registry import Registry
from tests.service.registry.test_interrupted_import import outcome
from tests.service.secrecy import assert_no_numbers
from tests.stack import eventually

ROWS = 4_000
DISTRICTS = ("Batu Ampar", "Nongsa", "Sekupang", "Sagulung")


def write_list(to: Path, rows: int) -> Path:
    """A list of invented businesses; one in fifty repeats the one before it."""
    with to.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("Nama Pemilik", "Nama Usaha", "NIK", "No HP", "Kecamatan", "Omzet per Tahun"))
        for row in range(rows):
            number = row - 1 if row % 50 == 49 else row
            name = "".join(chr(97 + (number // 26**place * (place + 3) + number) % 26) for place in range(5)).title()
            writer.writerow(
                (
                    f"{name} Rahmawati",
                    f"Dapur {name} {number}",
                    f"21710{number % 9 + 1}4107{number % 30 + 60}{number % 9999 + 1:04d}",
                    f"0812{number:08d}",
                    DISTRICTS[number % len(DISTRICTS)],
                    f"{number % 90 + 10} juta",
                )
            )
    return to


def state(registry: Registry, import_id: Any) -> Any:
    return registry.look.execute(
        "SELECT i.state, j.state, i.done, i.rows FROM import i JOIN plut.job j ON j.id = i.job WHERE i.id = %s",
        (import_id,),
    ).fetchone()


def test_stopped_between_chunks_and_gone_on_with(registry: Registry, tmp_path: Path) -> None:
    file = write_list(tmp_path / "daftar.csv", ROWS)
    registry.take_in(file)
    clean = outcome(registry)
    registry.empty()
    with registry.working(tmp_path / "worker.log", chunk=100):
        import_id = registry.begin_import(file)["id"]
        eventually(lambda: state(registry, import_id)[2] > 0, pause=0.01)
        registry.call(api.StopImport, stop_import, id=import_id)
        eventually(lambda: state(registry, import_id)[:2] == ("stopped", "stopped"))
        _, _, done, rows = state(registry, import_id)
        assert 0 < done < rows == ROWS
        made = registry.look.execute(
            "SELECT count(*) FROM import_row WHERE number <= %s AND outcome IN ('new', 'review')", (done,)
        ).fetchone()
        assert registry.look.execute("SELECT count(*) FROM enterprise").fetchone() == made
        assert "import-completed" not in registry.event_names()
        registry.call(api.ResumeImport, resume_import, id=import_id)
        eventually(lambda: state(registry, import_id)[1] == "succeeded")
    assert outcome(registry) == clean
    assert registry.event_names().count("import-completed") == 1


def test_logs_hold_no_numbers_of_people(registry: Registry, tmp_path: Path) -> None:
    fine, failing = write_list(tmp_path / "fine.csv", 60), write_list(tmp_path / "failing.csv", 120)
    log = tmp_path / "worker.log"
    registry.look.execute("ALTER TABLE owner ADD CONSTRAINT refused CHECK (phone <> '+6281200000118')")
    try:
        with registry.working(log, chunk=50):
            for file, end in ((fine, "succeeded"), (failing, "failed")):
                import_id = registry.begin_import(file)["id"]
                eventually(lambda wanted=end, which=import_id: state(registry, which)[1] == wanted)  # type: ignore[misc]
    finally:
        registry.look.execute("ALTER TABLE owner DROP CONSTRAINT refused")
    # what made it fail is gone: it is gone on with
    assert state(registry, import_id)[0] == "failed"
    registry.call(api.ResumeImport, resume_import, id=import_id)
    registry.run_jobs()
    assert state(registry, import_id)[:2] == ("completed", "succeeded")
    written = log.read_text()
    assert "CheckViolation" in written
    assert "job ended" in written
    assert_no_numbers(written)
    assert "Rahmawati" not in written
