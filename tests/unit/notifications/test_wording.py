"""The words of messages: every template, both languages, whatever the data."""

from __future__ import annotations

import datetime as dt
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.notifications import Reason
from contracts.registry import Size
from services.notifications.domain.letter import letter
from services.notifications.domain.telling import TOLD_FIELDS
from services.notifications.domain.templates import labels
from services.notifications.domain.templates.rendering import (
    LANGUAGES,
    Rendered,
    UnrenderableError,
    render,
    templates,
)

TODAY = dt.date(2026, 3, 1)
WRITTEN = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)

DUE = {"request": "0197", "kind": "export", "due_at": "2026-01-02T01:30:00+00:00"}
#: What each template is given, as `telling` writes it.
PARAMS: dict[str, dict[str, Any]] = {
    "enterprise-registered": {},
    "enterprise-updated": {"fields": ["owner.phone", "address.rt", "address.street"]},
    "address-changed": {},
    "phone-changed": {},
    "enterprise-advanced": {"before": "micro", "after": "small", "since": "2026-01-02"},
    "enterprise-merged": {},
    "enterprise-unmerged": {},
    "enterprise-transferred": {"from_unit": "21.71", "to_unit": "21.72"},
    "import-completed": {"import": "0197", "rows": 5000, "new": 4812, "same": 100, "review": 80, "broken": 8},
    "unit-enterprise-advanced": {"before": "micro", "after": "small", "since": "2026-01-02"},
    "unit-enterprise-arrived": {"from_unit": "21.71", "to_unit": "21.72"},
    "unit-enterprise-left": {"from_unit": "21.71", "to_unit": "21.72"},
    "invitation": {"name": "Sri", "link": "http://plut/password", "days": 7, "secret": "s3cret"},
    "password-reset": {"name": "Sri", "link": "http://plut/password", "secret": "s3cret"},
    "password-changed": {"name": "Sri", "link": "http://plut/password"},
    "new-sign-in": {
        "name": "Sri",
        "link": "http://plut/password",
        "label": "laptop",
        "address": "10.0.0.1",
        "day": "2026-01-02",
        "time": "08:00",
    },
    "second-factor-changed": {"name": "Sri", "link": "http://plut/password"},
    "sign-in-code": {"minutes": 5, "secret": "492039"},
    "unit-person-request-due": DUE | {"missing": ["notifications"]},
    "unit-person-request-overdue": DUE | {"missing": []},
    "unit-person-export-completed": DUE,
    "unit-person-erasure-completed": DUE,
    **{
        f"assistance-{what}": {
            "helper": "Sari",
            "until": "2026-04-02",
            "office": "PLUT Batam",
            "phone": "+62778123456",
            "link": "http://plut",
        }
        for what in ("begun", "ended")
    },
    "unit-mail-undeliverable": {"template": "enterprise-registered", "reason": "refused"},
}
NAMES = {
    "business": "Dapur Siti",
    "other_business": "Dapur Ibu Siti",
    "person": "Siti",
    "unit": "21.71",
    "enterprise": UUID(int=1),
}


def rendered(template: str, language: str = "id", **facts: Any) -> Rendered:
    return render(template, PARAMS[template] | NAMES | facts, language=language, on=TODAY)


def as_mail(words: Rendered) -> EmailMessage:
    raw = letter(
        UUID(int=7),
        words,
        to="siti@umkm.example",
        mail_from="PLUT <plut@batam.example>",
        written=WRITTEN,
        place="http://plut",
    )
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_every_template_is_known_here() -> None:
    assert set(templates()) == PARAMS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", PARAMS)
def test_it_reads_whole(template: str, language: str) -> None:
    words = rendered(template, language)
    assert words.title
    assert words.paragraphs
    assert not re.search(r"[{}]|None|Undefined", words.title + words.body)
    assert "\n" not in words.title


@pytest.mark.parametrize("template", [name for name in PARAMS if name.startswith("enterprise")])
def test_it_reads_without_names(template: str) -> None:
    assert "None" not in rendered(template, business=None, other_business=None, person=None).body


def test_languages_differ() -> None:
    assert rendered("import-completed").title == "Impor selesai: 4.812 usaha baru"
    assert rendered("import-completed", "en").title == "Import completed: 4,812 new enterprises"
    assert "2 Januari 2026" in rendered("enterprise-advanced").body
    assert "2 January 2026" in rendered("enterprise-advanced", "en").body


def test_parts_of_an_address_are_one_thing() -> None:
    assert "telepon pemilik, alamat usaha." in rendered("enterprise-updated").body


def test_a_missing_fact_is_an_error_and_no_gap() -> None:
    with pytest.raises(UnrenderableError):
        render("enterprise-advanced", NAMES, language="id", on=TODAY)
    with pytest.raises(UnrenderableError):
        render("enterprise-registered", NAMES, language="id", on=dt.date(2020, 1, 1))
    with pytest.raises(UnrenderableError):
        render("nothing", NAMES, language="id", on=TODAY)


@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_no_name_breaks_out_of_a_mail(name: str, language: str) -> None:
    mail = as_mail(rendered("enterprise-registered", language, business=name, person=name))
    assert mail["To"] == "siti@umkm.example"
    assert sorted(set(mail.keys())) == [
        "Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
        "X-Auto-Response-Suppress",
    ]  # fmt: skip
    html = mail.get_body(("html",))
    assert html is not None
    # what comes from data brings no tag along
    assert set(re.findall(r"<(/?\w+)", html.get_content())) <= {
        "html", "head", "meta", "title", "/title", "/head", "body", "div", "p", "/p", "/div", "/body", "/html",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["{{ 7*7 }}", "{% for x in y %}", "{{ ''.__class__.__mro__ }}"])
def test_a_name_is_no_template(name: str) -> None:
    assert name in rendered("enterprise-registered", business=name).title


def test_a_repeat_is_byte_for_byte_the_same() -> None:
    assert as_mail(rendered("enterprise-advanced")).as_bytes() == as_mail(rendered("enterprise-advanced")).as_bytes()


def test_a_mail_has_both_forms() -> None:
    mail = as_mail(rendered("enterprise-registered", business="Toko <Ibu> & Anak"))
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Toko <Ibu> & Anak" in plain.get_content().replace("\n", " ")
    assert "Toko &lt;Ibu&gt; &amp; Anak" in html.get_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_have_words(language: str) -> None:
    for size in get_args(Size):
        assert labels.size(size, language)
    for reason in get_args(Reason):
        assert labels.reason(reason, language) != reason
    assert labels.field_names(sorted(TOLD_FIELDS), language)


def test_a_deadline_is_told_on_a_clock_that_is_named() -> None:
    assert rendered("unit-person-request-due").title.endswith("paling lambat 2 Januari 2026 pukul 08.30 WIB")
    assert rendered("unit-person-request-due", "en").title.endswith("due by 2 January 2026 at 08:30 WIB")
