import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.kbli import KbliReader
from services.registry.domain.names import business_keys, person_words
from services.registry.domain.problems import CellError
from tests.unit.registry.support import batam

BATAM = batam()
KBLI = KbliReader({"2025": frozenset(("10750", "01138")), "2020": frozenset(("56102",))})


@pytest.mark.parametrize(
    "text", ["Batam Kota", "BATAM KOTA", "BatamKota", "Kec. Batam Kota", "KECAMATAN BATAM KOTA", " batam  kota "]
)
def test_districts_exactly(text: str) -> None:
    place = BATAM.district(text)
    assert place is not None
    assert (place.name, place.is_exact) == ("Batam Kota", True)


@pytest.mark.parametrize(
    ("text", "name"), [("Nogsa", "Nongsa"), ("Sekupnag", "Sekupang"), ("Batm Kota", "Batam Kota"), ("Glang", "Galang")]
)
def test_districts_with_typing_errors(text: str, name: str) -> None:
    place = BATAM.district(text)
    assert place is not None
    assert (place.name, place.is_exact) == (name, False)


@pytest.mark.parametrize("text", ["", "-", "Jakarta", "Ba"])
def test_what_is_no_district(text: str) -> None:
    assert BATAM.district(text) is None


def test_a_village_is_looked_for_in_its_district_first_and_elsewhere_then() -> None:
    nongsa, kota = BATAM.district("Nongsa"), BATAM.district("Batam Kota")
    assert nongsa is not None
    assert kota is not None
    here = BATAM.village("Kel. batu besar", nongsa.code)
    assert here is not None
    assert (here.name, here.is_elsewhere) == ("Batu Besar", False)
    there = BATAM.village("Batu Besar", kota.code)
    assert there is not None
    assert there.is_elsewhere
    assert there.code.startswith(nongsa.code)


@given(st.text(max_size=30))
def test_any_text_may_be_asked(text: str) -> None:
    BATAM.district(text)
    BATAM.village(text, None)


@pytest.mark.parametrize(
    ("cell", "code"),
    [("10750", ("2025", "10750")), (10750.0, ("2025", "10750")), (1138.0, ("2025", "01138")), ("1138", ("2025", "01138")),
     ("10750 - Rendang", ("2025", "10750")), ("56102", ("2020", "56102")), ("-", None), (None, None)],
)  # fmt: skip
def test_kbli_cells(cell: str | float | None, code: tuple[str, str] | None) -> None:
    assert KBLI.read(cell) == code


@pytest.mark.parametrize(
    ("cell", "code"), [("99999", "kbli_unknown"), ("1075", "kbli_unknown"), ("kuliner", "kbli_unreadable")]
)
def test_kbli_cells_that_cannot_be_used(cell: str, code: str) -> None:
    for _ in range(2):  # the second answer comes from the reader's memory
        with pytest.raises(CellError) as caught:
            KBLI.read(cell)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hj. Siti Aisyah, S.E.", "siti aisjah"),
        ("Ibu SOEKARTI", "Sukarti"),
        ("Drs. H. Moh. Tjandra", "Muhammad Candra"),
        ("Bpk Yoesoef", "YUSUF"),
    ],
)
def test_persons_under_their_titles_and_spellings(one: str, other: str) -> None:
    assert person_words(one) == person_words(other)


def test_businesses_without_blanks_and_legal_forms() -> None:
    assert business_keys("UD. Tan  Jaya")[0] == business_keys("U D.TanJaya")[0]
    assert business_keys("UD. Tan Jaya")[1] == business_keys("CV Tan Jaya")[1]
    assert business_keys("CV")[1] == "cf"
