from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.matching import MatchIndex, MatchRecord, decide, match_record, score
from tests.unit.registry.support import hash_nik

BASE: dict[str, Any] = {
    "name": "Dapur Siti", "owner_name": "Siti Aminah", "nik_hash": hash_nik("2171026510820002"),
    "phones": ("+6281234567890",), "district_code": "21.71.06", "village_code": "21.71.06.1001",
    "street": "Jl. Pelita No. 12", "rt": 1, "rw": 2, "product": "Kue basah", "founded_year": 2015, "capital": 5_300_000,
}  # fmt: skip


def record(**changes: Any) -> MatchRecord:
    return match_record(**{**BASE, **changes})


def decision(**changes: Any) -> str:
    return decide(score(record(), record(**changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "Dapr Siti"},
        {"name": "DapurSiti"},
        {"name": "DAPUR SITTI", "owner_name": "Hj. SITI AMINAH"},
        {"name": "Dapur Styi", "owner_name": "Siti Amniah", "nik_hash": None, "phones": ()},
        {"phones": ("+6285200000001",), "nik_hash": None, "capital": 7_000_000},
    ],
)
def test_the_same_business_typed_differently(changes: dict[str, Any]) -> None:
    assert decision(**changes) == "same"


@pytest.mark.parametrize(
    "changes",
    [
        {
            "name": "Salon Siti",
            "product": "Salon",
            "street": "Jl. Duyung 3",
            "founded_year": 2020,
            "capital": 9_000_000,
        },
        {"name": "Salon Siti", "product": "Salon", "founded_year": 2020, "capital": 9_000_000},
        {"product": "Bengkel", "village_code": "21.71.06.1002", "street": "Jl. Duyung 3", "founded_year": 2020},
    ],
)
def test_two_businesses_of_one_owner_are_two(changes: dict[str, Any]) -> None:
    assert decision(**changes) == "new"


def test_one_family_with_one_phone_is_two_people() -> None:
    other = {
        "owner_name": "Budi Aminah",
        "nik_hash": hash_nik("2171020510820003"),
        "name": "Bengkel Budi",
        "product": "Bengkel",
    }
    assert decision(**other) == "new"


def test_one_name_in_one_district_is_two_businesses() -> None:
    other = {
        "owner_name": "Siti Lubis", "nik_hash": None, "phones": ("+6285200000001",), "street": "Jl. Duyung 3", "rt": 7,
        "village_code": "21.71.06.1002", "product": "Nasi", "founded_year": 2020, "capital": 1_000_000,
    }  # fmt: skip
    assert decision(**other) == "new"


def test_what_contradicts_is_never_silent() -> None:
    assert decision(product="Bengkel motor") in ("review", "new")
    assert decision(nik_hash=hash_nik("2171026510820009")) == "review"


def test_reasons_are_words() -> None:
    found = score(record(), record(name="Dapr Siti"))
    assert "NIK sama" in found.reasons_id()
    assert "nearly the same business name" in found.reasons_en()


TEXT = st.text(alphabet="abcdefgstiu .", max_size=12)
RECORDS = st.builds(
    match_record,
    name=TEXT,
    owner_name=TEXT,
    nik_hash=st.sampled_from((None, b"a", b"b")),
    phones=st.sampled_from(((), ("+621",), ("+621", "+622"))),
    nib=st.sampled_from((None, "1", "2")),
    village_code=st.sampled_from((None, "21.71.06.1001", "21.71.01.1001")),
    street=TEXT,
    product=TEXT,
    founded_year=st.sampled_from((None, 2010, 2011)),
    capital=st.sampled_from((None, 1, 2)),
)


@given(RECORDS, RECORDS)
def test_scores_are_symmetric(one: MatchRecord, other: MatchRecord) -> None:
    there, back = score(one, other), score(other, one)
    assert there.value == back.value
    assert decide(there) == decide(back)


def test_the_index_finds_what_it_was_given_before() -> None:
    index: MatchIndex[str] = MatchIndex()
    index.add("known", record())
    for number in range(100):
        index.add(
            f"other {number}",
            record(nik_hash=None, name=f"Toko {number}", owner_name=f"Orang {number}", product="Sembako"),
        )
    found = index.find(record(name="Dapur  Sitti", nik_hash=None))
    assert found is not None
    assert (found.ref, found.decision) == ("known", "same")
    assert len(index) == 101


def test_a_key_that_everybody_shares_is_dropped() -> None:
    index: MatchIndex[int] = MatchIndex()
    for number in range(200):
        index.add(number, match_record(name=f"Toko {number}", owner_name=f"Orang {number}", phones=("+6281234567890",)))
    assert len(index._candidates([hash("+6281234567890")])) == 0


def test_only_what_is_not_known_is_added() -> None:
    index: MatchIndex[int] = MatchIndex()
    assert index.find_or_add(1, record()) is None
    found = index.find_or_add(2, record())
    assert found is not None
    assert found.ref == 1
    assert len(index) == 1
