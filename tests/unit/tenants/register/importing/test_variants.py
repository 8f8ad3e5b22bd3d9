"""Other files of the same kinds, against answers that come from what was put in."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.register.counting import count
from tenants.register.importing import parse_register
from tests.data.register_files import COUNTED_ON, Made, Style, make

_ENCODINGS = [
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1", "mac_roman", "utf-32"),
]
_LANGUAGES = st.sampled_from(["nn", "nb", "en", "codes"])
_TOTALS = st.sampled_from(["", "Sum", "Totalt", "I alt", "TOTAL:", "Sum totalt", "I alt 21 personar"])


def check(made: Made) -> None:
    """Compare everything that is known about the file."""
    parsed = parse_register(made.content, counted_on=COUNTED_ON, synthetic_mode=True)
    found = Counter((r.row, r.column, r.code.value, r.severity.value) for r in parsed.issues)
    assert found == made.issues
    assert (parsed.data_rows, parsed.first_data_row) == (made.data_rows, made.first_data_row)
    assert [r.identity["identity_number"] for r in parsed.rows] == [p.number for p in made.imported]
    for row, person in zip(parsed.rows, made.imported, strict=True):
        facts = row.assessment
        assert (facts["birth_year"], facts["children"]) == (person.birth_year, person.children)
        assert sorted(facts["groups"]) == list(person.groups)
        assert facts["registered"] == person.registered.isoformat()
        assert row.identity["family_name"] == person.family
    assert count([r.assessment for r in parsed.rows], counted_on=COUNTED_ON).as_json() == made.counts


def styles_of_text(language: str, encoding: str) -> bool:
    """Whether the encoding can hold the language's labels; Windows and DOS have no ≤."""
    return language != "en" or encoding.startswith("utf") or encoding == "mac_roman"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10**9),
    encoding=st.sampled_from(_ENCODINGS),
    separator=st.sampled_from(";,\t|"),
    line_end=st.sampled_from(["\r\n", "\n", "\r"]),
    language=_LANGUAGES,
    groups=st.sampled_from([", ", "; ", " / ", "|", ",", "/"]),
    dates=st.sampled_from(["iso", "dotted"]),
    titles=st.integers(0, 4),
    total=_TOTALS,
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
def test_text_variant_gives_known_answers(
    seed, encoding, separator, line_end, language, groups, dates, titles, total, flags
):
    if not styles_of_text(language, encoding):
        encoding = "utf-8"
    numbers, shuffled, empty, loud = flags
    style = Style(
        encoding=encoding,
        separator=separator,
        line_end=line_end,
        language=language,
        group_separator=groups,
        dates=dates,
        titles=titles,
        total=total,
        numbers=numbers,
        shuffled=shuffled,
        empty_areas=empty,
        loud=loud,
        blank_rows=titles % 2 == 0,
    )
    check(make(Random(seed), style))


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10**9),
    language=_LANGUAGES,
    groups=st.sampled_from([", ", "; ", " / ", "|"]),
    dates=st.sampled_from(["iso", "dotted", "real"]),
    titles=st.integers(0, 4),
    total=_TOTALS,
    flags=st.tuples(*[st.booleans()] * 6),
)
def test_sheet_variant_gives_known_answers(kind, seed, language, groups, dates, titles, total, flags):
    numbers, shuffled, empty, loud, hidden, other = flags
    style = Style(
        kind=kind,
        language=language,
        group_separator=groups,
        dates=dates,
        titles=titles,
        total=total,
        numbers=numbers,
        shuffled=shuffled,
        empty_areas=empty,
        loud=loud,
        hidden_sheet=hidden,
        other_sheet=other,
        blank_rows=True,
    )
    check(make(Random(seed), style))
