"""The parts of the chassis that need neither broker nor database."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from uuid import RFC_4122

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column
from sqlalchemy.exc import OperationalError

from chassis.database_errors import is_away
from chassis.failures import next_step
from chassis.files import FileStore, TooLargeError
from chassis.identifiers import id_of, lowest_id, new_id
from chassis.log import without_values
from chassis.rpc import as_problem, flatten
from chassis.scope import in_scope
from chassis.settings import Settings, SettingsError
from chassis.subscriptions import RETRY_SCHEDULE, Drop, Retry, subscribe, subscriptions_in
from contracts.registry import EnterpriseAdvanced, EnterpriseRegistered

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


def test_settings_name_the_variable_that_is_wrong() -> None:
    assert Settings.from_environment({"PLUT_RELAY_WINDOW": "7"}).relay_window == 7
    with pytest.raises(SettingsError, match="PLUT_RELAY_WINDOW"):
        Settings.from_environment({"PLUT_RELAY_WINDOW": "many"})
    with pytest.raises(SettingsError, match="PLUT_DATABASE_URL"):
        Settings.from_environment({"PLUT_DATABASE_URL": "postgresql://x/y"})


@given(MOMENTS, st.sets(st.integers(0, 3000), min_size=2))
def test_ids_of_moments_sort_as_these_do_also_within_a_millisecond(began: datetime, after: set[int]) -> None:
    moments = [began + timedelta(microseconds=each) for each in sorted(after)]
    ids = [id_of(moment) for moment in moments]
    assert ids == sorted(ids)
    assert ({each.version for each in ids}, {each.variant for each in ids}) == ({7}, {RFC_4122})
    assert id_of(began) != id_of(began)
    assert all(lowest_id(moment) <= each for moment, each in zip(moments, ids, strict=True))


@given(MOMENTS)
def test_lowest_ids_sort_as_their_moments(moment: datetime) -> None:
    assert lowest_id(moment) <= lowest_id(moment + timedelta(milliseconds=1))
    # whole milliseconds, not by way of a float, which loses some
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert lowest_id(moment).int >> 80 == milliseconds


def test_new_ids_are_version_7() -> None:
    assert new_id().version == 7


def test_a_failed_event_is_tried_by_schedule_and_then_dead() -> None:
    for attempts, delay in enumerate(RETRY_SCHEDULE, start=1):
        assert next_step(RuntimeError(), attempts, NOW) == ("waiting", NOW + delay)
    assert next_step(RuntimeError(), len(RETRY_SCHEDULE) + 1, NOW) == ("dead", None)
    assert next_step(Drop("no use"), 1, NOW) == ("dropped", None)
    assert next_step(Retry("later", timedelta(days=1)), 1, NOW) == ("waiting", NOW + timedelta(days=1))


def test_a_database_that_is_away_is_told_from_work_that_is_wrong() -> None:
    class LostError(Exception):
        sqlstate = "57P01"

    class WrongError(Exception):
        sqlstate = "23505"

    assert is_away(OperationalError("", {}, LostError()))
    assert not is_away(OperationalError("", {}, WrongError()))
    assert not is_away(RuntimeError())
    # COPY goes past SQLAlchemy: its errors are the driver's own
    assert is_away(psycopg.OperationalError("the connection is closed"))
    assert is_away(psycopg.errors.AdminShutdown())
    assert not is_away(psycopg.errors.QueryCanceled())
    assert as_problem(psycopg.errors.QueryCanceled()).code == "deadline-exceeded"
    assert as_problem(psycopg.errors.AdminShutdown()).code == "unavailable"


def test_an_unexpected_error_tells_nothing() -> None:
    assert "secret" not in str(as_problem(RuntimeError("secret")).to_wire())


def test_nested_messages_become_paths() -> None:
    nested = {"owner": {"nik": ["16 digits"]}, "_schema": ["no"], "items": {0: {"x": "bad"}}}
    assert flatten(nested) == {"owner.nik": ["16 digits"], "": ["no"], "items.0.x": ["bad"]}


def test_no_scope_means_no_rows() -> None:
    assert str(in_scope(column("unit"), [])) == "false"
    assert str(in_scope(column("unit"), [""])) == "true"
    compiled = str(in_scope(column("unit"), ["21"]).compile(compile_kwargs={"literal_binds": True}))
    assert compiled == "unit = '21' OR unit >= '21.' AND unit < '21/'"


def test_queues_are_named_by_event_and_never_shared() -> None:
    module = ModuleType("services.legality.handlers")

    def first(_: object, __: object) -> None: ...
    def second(_: object, __: object) -> None: ...

    for function in (first, second):
        function.__module__ = module.__name__
    module.first = subscribe(EnterpriseRegistered)(subscribe(EnterpriseAdvanced)(first))  # type: ignore[attr-defined]
    assert {each.name for each in subscriptions_in(module)} == {
        "legality.enterprise-registered",
        "legality.enterprise-advanced",
    }
    module.second = subscribe(EnterpriseRegistered)(second)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"legality\.enterprise-registered"):
        subscriptions_in(module)


def test_files_stay_in_their_folder_and_within_their_limit(tmp_path: Path) -> None:
    store = FileStore(Settings(files_url=(tmp_path / "files").as_uri()))
    size, digest = store.put("registry/uploads/a", io.BytesIO(b"x" * 10))
    assert (size, digest) == (10, hashlib.sha256(b"x" * 10).hexdigest())
    with store.open("registry/uploads/a") as file:
        assert file.read() == b"x" * 10
    for key in ("../x", "registry/../../x", "/etc/passwd", "registry", "registry/.hidden", "registry//x"):
        with pytest.raises(ValueError, match="not a file key"):
            store.delete(key)
    assert list(store.list("registry/exports")) == []
    ((key, changed),) = store.list("registry/uploads")
    assert (key, changed.tzinfo, abs(datetime.now(UTC) - changed) < timedelta(minutes=1)) == (
        "registry/uploads/a",
        UTC,
        True,
    )
    with pytest.raises(TooLargeError):
        store.put("registry/uploads/b", io.BytesIO(b"x" * 11), limit=10)
    assert not (tmp_path / "files" / "registry" / "uploads" / "b").exists()


def test_a_logged_exception_tells_no_values() -> None:
    def refuse(nik: str) -> None:
        phone = "+62 812 3456 7890"
        raise ValueError(f"owner {nik} of {phone} is refused\nDETAIL:  Failing row contains (Siti, {nik})")

    job, nik = new_id(), "2171034107900001"
    try:
        try:
            refuse(nik)
        except ValueError as error:
            raise RuntimeError(f"job {job} failed") from error
    except RuntimeError as error:
        told = without_values((type(error), error, error.__traceback__))
    assert f"RuntimeError: job {job} failed" in told
    assert "ValueError: owner … of … is refused" in told
    assert "in refuse" in told
    assert nik not in told
    assert "\nDETAIL" not in told
