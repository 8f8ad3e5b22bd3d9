"""Labels become codes as the format says: per column, without case, blanks and a closing parenthesis."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.register.codelists import Answer, code_list
from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.folding import fold_header, fold_label
from tenants.register.importing.labels import labels_of
from tests.data.register_files import DWELLING, GROUP, LEVEL, SITUATION, SUPPORT

_LISTS = {"BUSITUASJON": SITUATION, "BUSTADTYPE": DWELLING, "BISTAND": SUPPORT, "NIVAA": LEVEL, "MAALGRUPPE": GROUP}
_CASES = [
    (name, code, text) for name, table in _LISTS.items() for code, texts in table.items() for text in (code, *texts)
]
_GROUPS = labels_of(code_list("MAALGRUPPE"), {})


@pytest.mark.parametrize(("list_id", "code", "text"), _CASES)
def test_label_is_found_however_it_is_written(list_id, code, text):
    labels = labels_of(code_list(list_id), {})
    for written in (text, text.upper(), text.lower(), f"  {text}\xa0", f"{text} (sjå rettleiing)", f"{text}(x)"):
        expected = code if written.count("(") < 2 else labels.find(written)
        assert labels.find(written) == expected
    assert labels.find(f"{text} x") is None
    assert labels.find(f"{text}, {text}") is None


@pytest.mark.parametrize("text", ["Bur i bubil", "", "?", "EIGD,EIGD", "(Eigd bustad)", "10", "Gul"])
def test_label_of_another_column_is_unknown(text):
    assert labels_of(code_list("BUSITUASJON"), {}).find(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mellombels butilbod", "MELL_27"),
        ("mellombels butilbod (STL § 27)", "MELL_27"),
        ("Ute/utan stad å sove", "UTE"),
    ],
)
def test_situation_as_the_format_names_it(text, code):
    assert labels_of(code_list("BUSITUASJON"), {}).find(text) == code


def test_support_as_the_format_names_it():
    labels = labels_of(code_list("BISTAND"), {})
    assert [labels.find(t) for t in ("Heildøgns bemanning", "Heldøgns bemanning", "5", "5 ")] == ["5"] * 4


@pytest.mark.parametrize(
    ("list_id", "text", "answer"),
    [
        ("NIVAA", "Ukjend", Answer.UNKNOWN),
        ("NIVAA", "Vil ikkje svare", Answer.DECLINED),
        ("NIVAA", "Ikkje spurt", Answer.NOT_ASKED),
        ("NIVAA", "Grøn", None),
        ("BUSITUASJON", "Ukjent", Answer.UNKNOWN),
        ("BUSITUASJON", "Ute", None),
        ("BISTAND", "Ikkje vurdert", Answer.NOT_ASKED),
        ("BUSTADTYPE", "Omsorgsbustad", None),
    ],
)
def test_not_asked_unknown_and_declined_are_kept_apart(list_id, text, answer):
    assert labels_of(code_list(list_id), {}).answer(text) is answer


@given(
    st.lists(st.sampled_from(sorted(GROUP)), min_size=1, max_size=6),
    st.integers(0, 10**6),
    st.sampled_from([",", ", ", ";", " ; ", "/", " / ", "|", " | ", ",,", " ,; "]),
)
def test_groups_are_split_by_any_separator(codes, seed, separator):
    rng = Random(seed)
    text = separator.join(rng.choice([code, *GROUP[code], GROUP[code][0].upper()]) for code in codes)
    found, understood = _GROUPS.split(text)
    assert understood
    assert set(found) == set(codes)
    assert len(found) == len(set(codes))
    assert list(found) == [c for c in GROUP if c in codes]


@pytest.mark.parametrize(
    ("text", "codes", "understood"),
    [
        ("", (), True),
        (" , ; ", (), True),
        ("Rusmiddelvanskar, Romfarar", ("RUS",), False),
        ("Romfarar; Psykisk liding", ("PSYK",), False),
        ("Psykisk liding og rus", (), False),
        ("Rusmiddelvanskar Psykisk liding", (), False),
        ("Ung i etablering (18–25), Eldre", ("UNG", "ELDRE"), True),
        ("Ung i etablering (18, 19/20), Eldre", ("UNG", "ELDRE"), True),
        ("Samtidig rus- og psykisk liding", ("ROP",), True),
        ("Eldre,", ("ELDRE",), True),
        ("Romfarar", (), False),
    ],
)
def test_groups_that_are_odd(text, codes, understood):
    assert _GROUPS.split(text) == (codes, understood)


def test_longest_known_label_comes_first():
    labels = labels_of(code_list("MAALGRUPPE"), {"Rus/psykiatri": "ROP", "Psykiatri": "PSYK", "Rus, lett": "RUS"})
    assert labels.split("Rus/psykiatri") == (("ROP",), True)
    assert labels.split("Rus / Psykiatri") == (("RUS", "PSYK"), True)
    assert labels.split("rus, lett, eldre") == (("RUS", "ELDRE"), True)


def test_own_label_may_point_to_a_label():
    labels = labels_of(code_list("BUSITUASJON"), {"Bur i bubil": "Ute / utan stad å sove"})
    assert labels.find("BUR I BUBIL") == "UTE"


def test_own_label_for_nothing_known_is_refused():
    with pytest.raises(RefusedFile) as caught:
        labels_of(code_list("BUSITUASJON"), {"Bur i bubil": "BUBIL"})
    assert caught.value.code is RefusedCode.MAPPING_INVALID


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Ærleg  talt (nei) ", "ærleg talt"), ("(alt)", "(alt)"), ("a (b) (c)", "a (b)"), ("A\u030ase", "åse"), ("", "")],
)
def test_fold_label(text, folded):
    assert fold_label(text) == folded


@pytest.mark.parametrize("text", ["Fødselsår", "FØDSELSÅR ", "fodselsar", "Fødsels-år:", "Fødselsa\u030ar"])
def test_fold_header(text):
    assert fold_header(text) == "fodselsar"
