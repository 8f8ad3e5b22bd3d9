"""The vectors of the domain brief, and every number of eleven digits against a slow reading of the rules."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.register.identity_number import Fault, IdentityNumberError, Synthetic, parse
from tests.data.register_files import number_for


def fault(text: str, *, synthetic_mode: bool = True) -> Fault | None:
    """Return how the text is refused, or None."""
    try:
        parse(text, synthetic_mode=synthetic_mode)
    except IdentityNumberError as error:
        return error.fault
    return None


@pytest.mark.parametrize(
    ("number", "d_number", "synthetic"),
    [
        ("01818512321", False, Synthetic.SKATTEETATEN),
        ("15929045618", False, Synthetic.SKATTEETATEN),
        ("41817532150", True, Synthetic.SKATTEETATEN),
        ("02418511160", False, Synthetic.NAV),
        ("10915596784", False, Synthetic.SKATTEETATEN),
        ("68467038838", True, Synthetic.NAV),
    ],
)
def test_vector_is_valid(number, d_number, synthetic):
    found = parse(number, synthetic_mode=True)
    assert (found.digits, found.d_number, found.synthetic) == (number, d_number, synthetic)
    assert not found.restored
    assert not found.only_since_2032


def test_vector_is_valid_by_the_rule_of_2032_only():
    assert parse("01813250043", synthetic_mode=True).only_since_2032
    assert not parse("01813250035", synthetic_mode=True).only_since_2032


@pytest.mark.parametrize("number", ["01818512320", "32819912345", "00000000000"])
@pytest.mark.parametrize("synthetic_mode", [True, False])
def test_vector_is_invalid_in_either_mode(number, synthetic_mode):
    assert fault(number, synthetic_mode=synthetic_mode) is Fault.INVALID


@pytest.mark.parametrize("year", [1899, 1900, 1939, 1954, 1999, 2000, 2032, 2039])
def test_real_number_is_not_synthetic_whatever_century(year):
    number = number_for(date(year, 5, 17), Random(year), shift=0)
    assert fault(number) is Fault.NOT_SYNTHETIC
    assert fault(number, synthetic_mode=False) is None


def test_real_number_with_wrong_check_digit_is_invalid_not_unsynthetic():
    number = number_for(date(1985, 5, 17), Random(1), shift=0)
    assert fault(number[:-1] + str((int(number[-1]) + 1) % 10)) is Fault.INVALID


def test_synthetic_number_is_refused_outside_synthetic_mode():
    assert fault("01818512321", synthetic_mode=False) is Fault.SYNTHETIC


def test_helsenett_number_is_valid():
    number = number_for(date(1985, 12, 31), Random(1), shift=65)
    assert parse(number, synthetic_mode=True).synthetic is Synthetic.HELSENETT


@pytest.mark.parametrize("text", ["1818512321", " 1818512321 ", "181851 2321"])
def test_leading_zero_is_restored(text):
    found = parse(text, synthetic_mode=True)
    assert (found.digits, found.restored) == ("01818512321", True)


@pytest.mark.parametrize(
    "text", ["018185 12321", "018185-12321", "01.81.85 12321", "'01818512321", "018185\u201312321"]
)
def test_blanks_and_dashes_are_forgiven(text):
    found = parse(text, synthetic_mode=True)
    assert (found.digits, found.restored) == ("01818512321", False)


@pytest.mark.parametrize(
    "text", ["", "x", "818512321", "018185123210", "2.5E+10", "0181851232l", "٠١٨١٨٥١٢٣٢١", "ukjend"]
)
def test_text_that_is_no_number_is_invalid(text):
    assert fault(text) is Fault.INVALID


@pytest.mark.parametrize(("year", "exists"), [(1996, True), (2000, True), (1985, False), (2001, False)])
def test_leap_day_exists_in_leap_years_only(year, exists):
    weights = ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
    for individual in range(100, 130):
        digits = [int(c) for c in f"2982{year % 100:02}{individual}"]
        for row in weights:
            digits.append(-sum(w * n for w, n in zip(row, digits, strict=True)) % 11)
        if 10 not in digits:
            assert (fault("".join(map(str, digits))) is None) == exists


def test_number_is_shown_by_neither_repr_nor_error():
    found = parse("01818512321", synthetic_mode=True)
    assert "018185" not in repr(found)
    with pytest.raises(IdentityNumberError) as caught:
        parse("01818512320", synthetic_mode=True)
    assert "018185" not in str(caught.value)


def valid_slowly(digits: str) -> bool:
    """Read the rules one after the other: some real day, and check digits by trying all that the rules allow."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    days = {
        (d.day, d.month)
        for d in (
            date.fromordinal(date(2001 if year % 4 else 2000, 1, 1).toordinal() + i)
            for i in range(366 if year % 4 == 0 else 365)
        )
    }
    if not any((day - d, month - m) in days for d in (0, 40) for m in (0, 40, 65, 80)):
        return False
    first = 3 * int(digits[0]) + 7 * int(digits[1]) + 6 * int(digits[2]) + int(digits[3]) + 8 * int(digits[4])
    first += 9 * int(digits[5]) + 4 * int(digits[6]) + 5 * int(digits[7]) + 2 * int(digits[8])
    second = 5 * int(digits[0]) + 4 * int(digits[1]) + 3 * int(digits[2]) + 2 * int(digits[3]) + 7 * int(digits[4])
    second += 6 * int(digits[5]) + 5 * int(digits[6]) + 4 * int(digits[7]) + 3 * int(digits[8]) + 2 * int(digits[9])
    return (first + int(digits[9])) % 11 in (0, 1, 2, 3) and (second + int(digits[10])) % 11 == 0


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 75), st.integers(0, 95), st.integers(0, 99), st.integers(0, 999), st.integers(0, 99))
def test_parse_agrees_with_slow_reading(day, month, year, individual, check):
    digits = f"{day:02}{month:02}{year:02}{individual:03}{check:02}"
    assert (fault(digits) in (None, Fault.NOT_SYNTHETIC)) == valid_slowly(digits)


@settings(max_examples=200, deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2039, 12, 31)), st.sampled_from([40, 65, 80]), st.booleans(), st.integers(0, 10**6)
)
def test_valid_number_with_one_digit_changed_is_never_the_same_person(born, shift, d_number, seed):
    rng = Random(seed)
    number = number_for(born, rng, shift=shift, d_number=d_number)
    found = parse(number, synthetic_mode=True)
    assert (found.year_of_century, found.d_number, found.synthetic) == (born.year % 100, d_number, Synthetic(shift))
    at = rng.randrange(10)
    changed = number[:at] + str((int(number[at]) + rng.randint(1, 9)) % 10) + number[at + 1 :]
    # The second check digit catches every single error: no weight is a multiple of eleven.
    assert fault(changed) is Fault.INVALID


def completed(start: str) -> str:
    """The first number that begins so and has check digits of the old rule."""
    weights = ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
    for individual in range(100, 200):
        digits = [int(c) for c in f"{start}{individual}"]
        for row in weights:
            digits.append(-sum(w * n for w, n in zip(row, digits, strict=True)) % 11)
        if 10 not in digits:
            return "".join(map(str, digits))
    raise AssertionError(start)


@pytest.mark.parametrize("year", [2003, 2004])
def test_every_day_and_month_is_read_as_the_calendar_has_it(year):
    days = [date(year, 1, 1) + timedelta(days=i) for i in range(365 + (year % 4 == 0))]
    meant = {(d.day + e, d.month + m): (e == 40, m or None) for d in days for e in (0, 40) for m in (0, 40, 65, 80)}
    for day in range(100):
        for month in range(100):
            number = completed(f"{day:02}{month:02}{year % 100:02}")
            if (day, month) not in meant:
                assert fault(number) is fault(number, synthetic_mode=False) is Fault.INVALID
                continue
            d_number, shift = meant[day, month]
            found = parse(number, synthetic_mode=shift is not None)
            told = (found.d_number, found.synthetic and found.synthetic.value, found.year_of_century)
            assert told == (d_number, shift, year % 100)
            assert not found.only_since_2032
