import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from buvett.locale.norwegian import number, percent, sorting

THIN = "\u202f"


def test_letters_after_z_are_sorted_as_norwegians_do() -> None:
    names = ["Åmli", "Ås", "Øygarden", "Æra", "Zinn", "Vinje", "Aasen", "fyresdal", "Seljord"]

    assert sorted(names, key=sorting) == [
        "Aasen", "fyresdal", "Seljord", "Vinje", "Zinn", "Æra", "Øygarden", "Åmli", "Ås",
    ]  # fmt: skip


def test_letters_of_others_go_with_ours() -> None:
    assert sorted(["Öberg", "Ås", "Ärlig", "Øvre", "Ævar", "Müller", "Myra", "Élise", "Eva", "Elin"], key=sorting) == [
        "Elin", "Élise", "Eva", "Müller", "Myra", "Ärlig", "Ævar", "Öberg", "Øvre", "Ås",
    ]  # fmt: skip


def test_a_letter_in_two_parts_is_the_same_letter() -> None:
    assert sorting("A\u030as") == sorting("Ås")


@given(st.text(alphabet=st.sampled_from("abzÅåæØéäÖü\u030aÐßıİ -'") | st.characters(codec="utf-8")))
def test_the_short_ways_give_the_key_of_the_long_one(name: str) -> None:
    kept = unicodedata.normalize("NFC", name).casefold()
    for letter, kin in {"ä": "æ", "ö": "ø", "ü": "y", "đ": "d", "ð": "d", "þ": "t"}.items():
        kept = kept.replace(letter, kin)
    kept = kept.replace("æ", "{").replace("ø", "|").replace("å", "}")
    parts = unicodedata.normalize("NFD", kept)
    assert sorting(name) == "".join(letter for letter in parts if not unicodedata.combining(letter))


@given(st.text(), st.text())
def test_case_makes_no_difference(one: str, other: str) -> None:
    assert (sorting(one.lower()) < sorting(other.lower())) == (sorting(one.lower()) < sorting(other.lower().casefold()))


@pytest.mark.parametrize(
    ("value", "norwegian", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (15881, f"15{THIN}881", "15,881"),
        (Decimal("7.9"), "7,9", "7.9"),
        (Decimal("-1234.5"), f"−1{THIN}234,5", "−1,234.5"),
    ],
)
def test_numbers(value: int | Decimal, norwegian: str, english: str) -> None:
    assert [number(value, language=language) for language in ("nn", "nb", "en")] == [norwegian, norwegian, english]


def test_per_cent_stands_apart_in_norwegian() -> None:
    assert (percent(35, language="nn"), percent(35, language="en")) == (f"35{THIN}%", "35%")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("nn", f"15{THIN}881 35{THIN}% 3. mars 2026 03.03.2026"),
        ("nb", f"15{THIN}881 35{THIN}% 3. mars 2026 03.03.2026"),
        ("en", "15,881 35% 3 March 2026 3 Mar 2026"),
    ],
)
def test_templates_write_numbers_and_dates_in_the_language(language: str, shown: str) -> None:
    template = Template(
        '{% load norwegian %}{{ n|number }} {{ p|percent }} {{ d|date }} {{ d|date:"SHORT_DATE_FORMAT" }}'
    )

    with translation.override(language):
        assert template.render(Context({"n": 15881, "p": 35, "d": date(2026, 3, 3)})) == shown
