from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.passwords import MOST, make_hash, matches, needs_new_hash, objections


@pytest.mark.parametrize(
    "password",
    [
        "kuda sawah biru 7",
        "sebuah kalimat yang panjang",
        "x9$Lq2!vRt8&",
        "Ikan-Tongkol-Asin-Sekali",
        "日本語のパスワードです長い",
    ],
)
def test_good_ones(password: str) -> None:
    assert objections(password, about=("kepala.batam@plut.localhost", "Kepala PLUT Kota Batam")) == []


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "x" * (MOST + 1),
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "ababababababab",
        "password1234",
        "P@ssw0rd!2026",
        "Rahasia123456",
        "indonesia1945!",
        "bismillah12345",
        "1234567890123",
        "abcdefghijklmnop",
        "qwertyuiop123",
        "098765432109",
        "siti.rahmawati1",
        "rahmawati!2026",
        "Januari 2026",
        "sukasukasuka12",
        "iloveyou2much",
        "superman1234!",
    ],
)
def test_bad_ones(password: str) -> None:
    found = objections(password, about=("siti.rahmawati@plut.localhost", "Siti Rahmawati"))
    assert found
    assert all(" / " in text for text in found)


@pytest.mark.parametrize(
    "password",
    [
        "staf.batam@plut.localhost",
        "Staf.Batam@PLUT.localhost",
        "staf.batam@plut.localhost1!",
        "st4f.b4t4m@plut.l0calhost",
        "tsohlacol.tulp@matab.fats",
        "localhost plut batam",
        "Kepala PLUT Kota Batam",
        "batamkotaplutkepala",
    ],
)
def test_an_account_s_own_words_are_no_password(password: str) -> None:
    assert objections(password, about=("staf.batam@plut.localhost", "Kepala PLUT Kota Batam")) != []


def test_nor_is_an_e_mail_of_short_words() -> None:
    about = ("ani@sbg.go.id", "Ani")
    for password in (*about[:1], "ani@sbg.go.id!"):
        assert "surel" in objections(password, about=about)[0]


def test_one_s_own_town_may_stand_in_a_long_sentence() -> None:
    assert objections("hujan sore di batam kemarin", about=("staf.batam@plut.localhost", "Staf PLUT Batam")) == []


def test_whatever_is_sent_is_judged_soon() -> None:
    began = time.process_time()
    objections("4@8({[<369&#!1/|0$5+7%2" * 8)
    # a bound against minutes, not against a busy machine
    assert time.process_time() - began < 10


@given(st.text(max_size=300))
def test_every_password_gets_an_answer(password: str) -> None:
    objections(password, about=("a@b.example", password))


def test_a_hash_is_argon2id_and_fits_only_its_password() -> None:
    kept = make_hash("kuda sawah biru 7")
    assert kept.startswith("$argon2id$")
    assert matches(kept, "kuda sawah biru 7")
    assert not matches(kept, "kuda sawah biru 8")
    assert not needs_new_hash(kept)
    assert needs_new_hash("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQxMjM0$" + "A" * 43)


def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    kept = make_hash("kuda sawah biru 7")

    def seconds(hashed: str | None) -> float:
        started = time.perf_counter()
        assert not matches(hashed, "something else")
        return time.perf_counter() - started

    known, unknown = (min(seconds(hashed) for _ in range(3)) for hashed in (kept, None))
    assert 1 / 3 < known / unknown < 3
