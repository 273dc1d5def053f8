"""Numbers as physicists print them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import format_count, format_events, format_number, format_percent


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.88312, None, "0.883"),
        (1365.4, None, "1370"),
        (-0.04567, None, "−0.0457"),
        (9.996, None, "10.0"),
        (0.0000213, None, "2.13 × 10⁻⁵"),
        (0.000999999, None, "1.00 × 10⁻³"),
        (1e9, None, "1.00 × 10⁹"),
        (0.0, None, "0"),
        (-0.0, None, "0"),
        (math.nan, None, "–"),
        (math.inf, 3.0, "∞"),
        (-math.inf, None, "−∞"),
        (0.88312, 0.0021, "0.883 ± 0.002"),
        (118.4, 9.3, "118 ± 9"),
        (0.4, 1.1, "0.4 ± 1.1"),
        (118.4, 14.2, "118 ± 14"),
        (1365.0, 86.0, "1360 ± 90"),
        (0.979251, 0.00098, "0.9793 ± 0.0010"),
        (1365.2, 96.0, "1370 ± 100"),
        (-0.00001, 0.2, "0.0 ± 0.2"),
        (2.13e-5, 4e-7, "(2.13 ± 0.04) × 10⁻⁵"),
        (123456.0, 7890.0, "(1.23 ± 0.08) × 10⁵"),
        (5.0, math.nan, "5.00"),
        (5.0, 0.0, "5.00"),
        (5.0, math.inf, "5.00 ± ∞"),
    ],
)
def test_as_in_print(value: float, error: float | None, text: str) -> None:
    assert format_number(value, error) == text


def test_units_follow() -> None:
    assert format_number(91.19, 0.21, "GeV") == "91.2 ± 0.2 GeV"
    assert format_number(math.inf, unit="nats") == "∞ nats"
    assert format_number(math.nan, unit="nats") == "–"


def read(text: str) -> float:
    """Read a printed number back."""
    mantissa, _, power = text.replace("−", "-").partition(" × 10")
    return float(mantissa) * 10 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


@given(st.floats(-1e12, 1e12).filter(lambda value: abs(value) > 1e-12))
def test_three_figures_are_kept(value: float) -> None:
    assert read(format_number(value)) == pytest.approx(value, rel=0.005001)


@given(st.floats(-1e4, 1e4), st.floats(1e-2, 1e3))
def test_value_is_rounded_within_its_error(value: float, error: float) -> None:
    shown, shown_error = map(read, format_number(value, error).split(" ± "))
    assert shown == pytest.approx(value, abs=0.51 * error)
    assert shown_error == pytest.approx(error, rel=0.34)


def test_numbers_of_events() -> None:
    assert format_count(120000) == "120,000"
    assert format_events(1) == "1 event"
    assert format_events(24120, 18033.4) == "24,120 events (N_eff 18,033)"
    assert format_events(24120, 24120.0) == format_events(24120, math.nan) == "24,120 events"


def test_shares() -> None:
    assert (format_percent(0.5), format_percent(0.995), format_percent(1)) == ("50 %", "99.5 %", "100 %")
