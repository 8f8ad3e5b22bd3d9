"""Which column is which, against a slow oracle: the same file with its headings rewritten by hand."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.register.codelists import columns
from tenants.register.importing import ColumnMapping, parse_register
from tenants.register.importing.folding import fold_header
from tenants.register.importing.header import HeaderNames, needed
from tenants.register.importing.naming import merged, named, without
from tenants.register.importing.survey import survey
from tests.data.register_files import COUNTED_ON, NAMES
from tests.unit.tenants.register.importing.builders import csv_of, sheet, xlsx_of

ALIASES = [alias for column in columns() for alias in (column.name, *column.aliases)]
NEEDED = [column.name for column in needed()]
# Own words, known words in the wrong place, and both with a closing parenthesis, which is where names get mixed up.
WORDS = st.one_of(
    st.text("abcæøå -.", min_size=1, max_size=8), st.sampled_from(ALIASES), st.sampled_from(["Klient", "Status"])
)
HEADINGS = st.builds(
    lambda word, closing: f"{word}{closing}", WORDS, st.sampled_from(["", "", "", " (ny)", " (gammal)"])
).filter(lambda text: any(letter.isalpha() for letter in text))
MAPPINGS = st.builds(
    lambda headers, unread: ColumnMapping(headers=headers, unread=frozenset(unread) - set(headers)),
    st.dictionaries(HEADINGS, st.sampled_from(NAMES), max_size=6),
    st.lists(HEADINGS, max_size=4),
)


def rewritten(rows, order, chosen):
    """The file as its owner would have written it: canonical headings where chosen, a number anywhere else."""
    texts = [name if name in chosen else f"Nr {place}." for place, name in enumerate(order)]
    return [texts, *rows]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    order=st.permutations(NAMES),
    headings=st.lists(HEADINGS, min_size=len(NAMES), max_size=len(NAMES), unique_by=fold_header),
    others=st.sets(st.sampled_from([name for name in NAMES if name not in NEEDED])),
    known=MAPPINGS,
    as_sheet=st.integers(0, 9),
)
def test_file_is_read_as_if_its_headings_had_been_the_canonical_ones(order, headings, others, known, as_sheet):
    at = [NAMES.index(name) for name in order]
    rows = [[row[i] for i in at] for row in sheet({}, {"Busituasjon": "Tull"}, {"Fødselsnummer": "12345678901"})[1:]]
    write = csv_of if as_sheet else xlsx_of
    content = write([list(headings), *rows])
    chosen = {*NEEDED, *others}
    found = survey(content, known)
    places = {column.heading: place for place, column in enumerate(found.columns)}
    said = {name: places[" ".join(headings[order.index(name)].split())] for name in chosen}

    mapping = named(found, said)

    expected = parse_register(write(rewritten(rows, order, chosen)), counted_on=COUNTED_ON, synthetic_mode=True)
    for names in (mapping, merged(known, mapping)):  # this file now, and the next one like it
        read = parse_register(content, counted_on=COUNTED_ON, synthetic_mode=True, mapping=names)
        assert read == expected


@settings(max_examples=50, deadline=None)
@given(known=MAPPINGS, heading=HEADINGS)
def test_forgotten_heading_means_what_it_means_to_everyone_else_of_the_same_names(known, heading):
    kept = without(known, heading)

    assert all(fold_header(text) != fold_header(heading) for text in (*kept.headers, *kept.unread))
    assert without(kept, heading) == kept
    others = ColumnMapping(
        headers={text: name for text, name in known.headers.items() if fold_header(text) != fold_header(heading)}
    )
    if not kept.unread:
        assert HeaderNames(kept).name(heading) == HeaderNames(others).name(heading)


def test_what_every_file_is_understood_by_is_not_kept():
    chosen = ColumnMapping(headers={"Fornavn": "Førenamn", "Klient": "Fødselsnummer"}, unread=frozenset({"Noko"}))

    assert merged(ColumnMapping(), chosen) == ColumnMapping(headers={"Klient": "Fødselsnummer"})


def test_newest_meaning_of_a_heading_is_kept_and_those_of_other_files_stay():
    known = ColumnMapping(headers={"Klient": "Fødselsnummer", "Born": "Barn u/18"}, unread=frozenset({"Adresse"}))
    chosen = ColumnMapping(headers={"KLIENT": "Etternamn", "adresse": "Adresse"})

    kept = merged(known, chosen)

    assert kept == ColumnMapping(headers={"Born": "Barn u/18", "KLIENT": "Etternamn"})
