"""What a person reads about themself is in words, and not in names of tables and columns."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Table

from chassis.tables import audit
from contracts.personal_data import holders
from gateway.identity import personal_data as of_accounts
from gateway.identity import tables as accounts
from services.notifications.storage import tables as notifications
from services.notifications.use_cases import export_person as of_notifications
from services.registry.domain.person_labels import FIELDS, SERVICES, TABLES
from services.registry.domain.person_page import NOTHING, in_words, person_page
from services.registry.storage import tables as registry
from services.registry.use_cases import export_person as of_registry

HANDED_OVER = {
    "registry": {"owners", "rows_of_imports", *of_registry._OF_ENTERPRISES},
    "notifications": set(of_notifications._QUERIES),
    "gateway": set(of_accounts._QUERIES),
}
ROWS = (
    registry.owner, registry.enterprise, registry.measurement, registry.cooperative, registry.rat, registry.binaan,
    registry.consent, registry.merge, registry.access_log, registry.person_request, audit,
    notifications.recipient, notifications.message,
    accounts.account, accounts.account_grant, accounts.account_owner, accounts.assistance, accounts.sign_in, accounts.device,
    accounts.sign_in_history,
)  # fmt: skip
#: What no holder hands over.
WITHHELD = {
    "words", "import_version", "nik_ciphertext", "nik_hash", "nik_shown", "private_key", "answers", "hash", "chain",
    "sequence", "next_attempt_at", "attempts_before", "password_hash", "token_hash",
}  # fmt: skip


def page(**parts: dict[str, list[dict[str, object]]]) -> str:
    """The page's text, without what it looks like."""
    html = person_page(request="r-1", requested_at="2026-01-02T01:30+00:00", parts=parts)
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))


def test_every_service_that_hands_something_over_has_a_name() -> None:
    assert set(SERVICES) == set(holders()) == set(HANDED_OVER)


@pytest.mark.parametrize("service", HANDED_OVER)
def test_every_table_that_is_handed_over_has_a_name(service: str) -> None:
    assert set(TABLES[service]) == HANDED_OVER[service]


@pytest.mark.parametrize("table", ROWS, ids=lambda table: str(table.name))
def test_every_field_that_is_handed_over_has_a_name(table: Table) -> None:
    assert {column.name for column in table.c} - WITHHELD - set(FIELDS) == set()


def test_the_page_is_in_words() -> None:
    said = page(
        registry={
            "measurements": [{"workers": 0, "as_of": "2026-01-02", "rule": None}],
            "enterprises": [{"channels": ["pasar", "daring"], "registered_at": "2026-08-17T20:00:00.12+00:00"}],
            "merges": [],
        },
        gateway={"sign_ins": [{"strong": False, "label": "laptop"}]},
    )
    assert "Permintaan r-1, 2 Januari 2026 pukul 08.30 WIB." in said
    assert f"Tenaga kerja 0 Keadaan per 2 Januari 2026 Aturan {NOTHING}" in said
    assert "Saluran penjualan pasar, daring Didaftarkan 18 Agustus 2026 pukul 03.00 WIB" in said
    assert f"Penggabungan data ganda (0) {NOTHING}" in said
    assert "Akun Sesi masuk yang berlaku (1) Dengan faktor kedua Tidak Perangkat atau program laptop" in said


def test_what_nobody_has_named_yet_is_called_what_it_is() -> None:
    assert "licensing permits (1) issued_by 2026-13-45 & <b>" in (
        page(licensing={"permits": [{"issued_by": "2026-13-45 & <b>"}]})
        .replace("&amp;", "&")
        .replace("&lt;b&gt;", "<b>")
    )


@pytest.mark.parametrize(
    "text", ["2026-13-45", "2026-01-02T99:00:00+00:00", "9999-12-31T23:59:59+00:00", "2026", "2026-01-02 x"]
)
def test_a_text_that_only_looks_like_a_time_stays_what_it_is(text: str) -> None:
    assert in_words(text) == text
