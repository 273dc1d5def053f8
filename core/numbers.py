"""Numbers as physicists print them."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
FIGURES = 3
LEAST = 1e-300  # what is nearer to zero has too few digits to be written
SMALLEST, LARGEST = 1e-3, 1e5
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def format_number(value: float, error: float | None = None, unit: str = "") -> str:
    """Write a number with three significant figures, or to the last digit of its standard error.

    The error keeps one significant figure, two when the first is a 1. Numbers below 10⁻³ or from 10⁵ on are written
    with a power of ten, infinite ones as ∞, and undefined ones as a dash.

    Args:
        value: the number.
        error: its standard error; None, NaN or 0 when there is none.
        unit: such as "GeV" or "%".

    Example:
        >>> format_number(0.88312, 0.0021), format_number(-0.04567, unit="GeV"), format_number(118.4, 9.3)
        ('0.883 ± 0.002', '−0.0457 GeV', '118 ± 9')
    """
    suffix = f" {unit}" if unit else ""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return ("∞" if value > 0 else MINUS + "∞") + suffix
    if error is None or math.isnan(error) or error == 0:
        return _plain_or_power(value, None) + suffix
    if math.isinf(error):
        return f"{_plain_or_power(value, None)} ± ∞{suffix}"
    return _plain_or_power(value, abs(error)) + suffix


def format_count(n: float) -> str:
    """Write a number of events in full, with its thousands apart.

    Example:
        >>> format_count(120000)
        '120,000'
    """
    return f"{n:,.0f}".replace("-", MINUS) if math.isfinite(n) else format_number(n)


def format_events(n_events: int, n_effective: float | None = None, *, even_odds: bool = False) -> str:
    """Write a number of events, with N_eff when weights make it smaller.

    Args:
        n_events: how many.
        n_effective: N_eff = (Σw)²/Σw².
        even_odds: whether its weights are such that signal and background weigh alike: that is another number than
            N_eff of the events as they are, and is told from it.

    Example:
        >>> format_events(24120), format_events(24120, 18033.4)
        ('24,120 events', '24,120 events (N_eff 18,033)')
        >>> format_events(24120, 12004.1, even_odds=True)
        '24,120 events (N_eff 12,004 at even odds)'
    """
    events = f"{format_count(n_events)} event{'' if n_events == 1 else 's'}"
    if n_effective is None or math.isnan(n_effective) or round(n_effective) == n_events:
        return events
    return f"{events} (N_eff {format_count(n_effective)}{' at even odds' if even_odds else ''})"


def format_percent(share: float) -> str:
    """Write a share in percent.

    Example:
        >>> format_percent(0.5), format_percent(0.995)
        ('50 %', '99.5 %')
    """
    return f"{100 * share:.3g} %"


def power_of_ten(power: int) -> str:
    """Write a power of ten.

    Example:
        >>> power_of_ten(-3)
        '10⁻³'
    """
    return f"10{str(power).translate(_SUPERSCRIPT)}"


def _plain_or_power(value: float, error: float | None) -> str:
    size = max(abs(value), error or 0.0)
    if size < LEAST:
        return "0"
    if SMALLEST <= size < LARGEST:
        return _fixed(value, error)
    power = _exponent(size, FIGURES)
    number = _fixed(value / 10.0**power, None if error is None else error / 10.0**power)
    bracketed = number if error is None else f"({number})"
    return f"{bracketed} × {power_of_ten(power)}"


def _fixed(value: float, error: float | None) -> str:
    """Write value and error to the decimal place that the error, or the third significant figure, sets."""
    if error is None:
        place = FIGURES - 1 - _exponent(value, FIGURES)
        return _to_place(value, place)
    figures = 2 if "1" in (f"{error:.0e}"[0], f"{error:.1e}"[0]) else 1
    place = figures - 1 - _exponent(error, 1)  # 0.00098 is 0.0010
    return f"{_to_place(value, place)} ± {_to_place(error, place)}"


def _exponent(value: float, figures: int) -> int:
    """Return the power of ten of the first significant figure after rounding."""
    return int(f"{value:.{figures - 1}e}".partition("e")[2]) if value else 0


def _to_place(value: float, place: int) -> str:
    rounded = round(value, place)
    text = f"{rounded:.{max(place, 0)}f}"
    return text.replace("-", MINUS) if rounded else text.replace("-", "")
