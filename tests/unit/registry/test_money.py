import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.money import MAX_RUPIAH, MIN_RUPIAH, Money, parse_money
from services.registry.domain.problems import MESSAGES, CellError

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("cell", "amount", "period"),
    [
        ("2,5 juta", 2_500_000, None),
        ("Rp.1.500.000,-", 1_500_000, None),
        ("Rp 2.500.000,00", 2_500_000, None),
        ("30jt/bln", 30 * MILLION, "month"),
        ("2 jt per bulan", 2 * MILLION, "month"),
        ("Rp 300.000/hari", 300_000, "day"),
        ("Rp50.000.000/thn", 50 * MILLION, "year"),
        ("1.5jt", 1_500_000, None),
        ("500rb", 500_000, None),
        ("1 M", 1_000 * MILLION, None),
        ("1 milyar", 1_000 * MILLION, None),
        ("1.250 juta", 1_250 * MILLION, None),
        ("2 juta 500 ribu", 2_500_000, None),
        ("sejuta", MILLION, None),
        ("lima juta", 5 * MILLION, None),
        ("± 5 juta", 5 * MILLION, None),
        ("1,500,000.00", 1_500_000, None),
        (1_500_000.0, 1_500_000, None),
        ("0", 0, None),
    ],
)
def test_money_as_people_type_it(cell: str | float, amount: int, period: str | None) -> None:
    assert parse_money(cell) == Money(amount, period)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [None, "", " ", "-", "?", "tidak tentu", "Rp -", "belum ada", "N/A"])
def test_what_says_nothing_is_unknown(cell: str | None) -> None:
    assert parse_money(cell) is None


@pytest.mark.parametrize("cell", ["5-10 juta", "5 juta - 10 juta", "Rp 5.000.000 s/d 10.000.000", "5jt sampai 10jt"])
def test_a_range_is_its_middle_and_says_so(cell: str) -> None:
    assert parse_money(cell) == Money(7_500_000, None, is_range=True)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (-5.0, "money_negative"),
        ("-5.000.000", "money_negative"),
        ("(500.000)", "money_negative"),
        ("5", "money_too_small"),
        ("USD 500", "money_currency"),
        ("banyak sekali", "money_unreadable"),
        (float("nan"), "money_unreadable"),
        (1e30, "money_too_large"),
    ],
)
def test_what_cannot_be_used_says_why(cell: str | float, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_money(cell)
    assert caught.value.code == code


def test_a_unit_in_the_header_counts_for_bare_figures_only() -> None:
    assert parse_money("2,5", unit=MILLION) == Money(2_500_000)
    assert parse_money(12.0, unit=MILLION) == Money(12 * MILLION)
    assert parse_money("500 rb", unit=MILLION) == Money(500_000)


def test_a_year_has_twelve_months() -> None:
    assert Money(10, "month").per_year() == 120
    assert Money(10).per_year("month") == 120
    assert Money(10, "year").per_year("month") == 10


def dotted(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


STYLES = (
    str,
    dotted,
    lambda n: f"Rp {dotted(n)}",
    lambda n: f"Rp. {dotted(n)},-",
    lambda n: f"Rp{dotted(n)},00",
    lambda n: f"{n:,}.00",
    lambda n: f"IDR {dotted(n)}",
    lambda n: f"{n / MILLION:.6f}".replace(".", ",") + " juta",
    float,
)


@given(st.integers(MIN_RUPIAH, 10**11), st.sampled_from(STYLES))
def test_every_style_gives_the_amount_back(amount: int, style: object) -> None:
    assert parse_money(style(amount)) == Money(amount)  # type: ignore[operator]


@given(
    st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.none(), st.dates()),
    st.sampled_from((1, 1000)),
)
def test_nothing_but_the_documented_error(cell: object, unit: int) -> None:
    try:
        money = parse_money(cell, unit=unit)  # type: ignore[arg-type]
    except CellError as error:
        assert error.code in MESSAGES  # noqa: PT017 - any of them will do
    else:
        assert money is None or 0 <= money.amount <= MAX_RUPIAH


@given(st.text(alphabet="0123456789.,-/ rpjutabnlhds()M", max_size=24))
def test_near_money_raises_nothing_else(cell: str) -> None:
    try:
        parse_money(cell)
    except CellError as error:
        assert error.code.startswith("money_")  # noqa: PT017 - any of them will do
