"""Facts and the three kinds of no answer: kept apart, stored with the list's code where there is one."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tenants.register.codelists import Answer, code_list
from tenants.register.kartlegging import (
    Shape,
    answer_of,
    blank_assessment,
    fact_names,
    kartlegging_facts,
    with_answers,
)
from tenants.register.lines import line_of, missing_of, name_of
from tenants.vault.compartments import Compartment
from tenants.vault.envelope import pad

BLANK = blank_assessment(registered="2026-01-01")
AREAS = ["BU", "AKT", "OKO", "FYS", "PSY", "RUSB", "SOS", "NET"]


def a_value(fact):
    if fact.shape is Shape.YEAR:
        return st.integers(1900, 2026)
    if fact.shape is Shape.COUNT:
        return st.integers(0, 15)
    codes = [code.code for code in fact.codes]
    return st.sampled_from(codes) if fact.shape is Shape.CODE else st.lists(st.sampled_from(codes), unique=True)


ANSWERS = st.fixed_dictionaries(
    {fact.name: st.one_of(a_value(fact), st.sampled_from(Answer)) for fact in kartlegging_facts()}
)


def test_facts_are_those_of_the_brief_and_gender_is_not_one():
    assert list(fact_names()) == [
        *["birth_year", "household", "children", "situation", "groups", "support", "dwelling", "skills"],
        *(f"areas.{area}" for area in AREAS),
    ]


def test_codes_that_stand_for_no_answer_are_not_offered_as_answers():
    offered = {fact.name: {code.code for code in fact.codes} for fact in kartlegging_facts()}

    assert "UKJEND" not in offered["situation"]
    assert "9" not in offered["support"]
    assert offered["areas.BU"] == {"G", "Y", "R"}
    assert offered["dwelling"] == {code.code for code in code_list("BUSTADTYPE").codes}


def test_blank_has_nothing_asked_and_codes_where_counting_needs_one():
    assert missing_of(BLANK) == list(fact_names())
    assert (BLANK["situation"], BLANK["support"], BLANK["areas"]["NET"]) == ("UKJEND", "9", "U")
    assert (BLANK["dwelling"], BLANK["birth_year"], BLANK["groups"]) == (None, None, [])


@given(ANSWERS)
def test_whatever_is_answered_comes_back(answers):
    after = with_answers(BLANK, answers)

    assert {fact.name: answer_of(fact, after) for fact in kartlegging_facts()} == answers


@given(ANSWERS, ANSWERS)
def test_answers_given_later_replace_all_earlier_ones(first, second):
    assert with_answers(with_answers(BLANK, first), second) == with_answers(BLANK, second)


@given(ANSWERS)
def test_missing_are_those_not_asked_and_no_others(answers):
    expected = [name for name in fact_names() if answers[name] is Answer.NOT_ASKED]

    assert missing_of(with_answers(BLANK, answers)) == expected


@given(ANSWERS)
def test_every_assessment_fits_its_envelope(answers):
    marked = {**with_answers(BLANK, answers), "closed_on": "2026-12-31", "reopened_on": "2026-12-31"}

    pad(marked, compartment=Compartment.ASSESSMENT)


def test_fullest_assessment_fits_its_envelope():
    full = with_answers(BLANK, {"groups": [c.code for c in code_list("MAALGRUPPE").codes]})
    full = with_answers(full, dict.fromkeys((f"areas.{area}" for area in AREAS), Answer.NOT_ASKED))

    assert len(rfc8785.dumps(full)) < 1020 - 100


def test_saving_what_is_shown_changes_nothing():
    """An imported assessment holds None where nobody was asked; a form that is sent back must not touch it."""
    imported = {**BLANK, "skills": None, "household": None}
    shown = {fact.name: answer_of(fact, imported) for fact in kartlegging_facts()}

    assert with_answers(imported, shown) == imported


def test_code_for_unknown_without_a_reason_reads_as_unknown():
    imported = {**BLANK, "situation": "UKJEND", "unanswered": {}}

    assert answer_of(next(f for f in kartlegging_facts() if f.name == "situation"), imported) is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ({"given_name": "Åse", "family_name": "Oppdikta"}, "Åse Oppdikta"),
        ({"given_name": " Åse ", "family_name": None}, "Åse"),
        ({}, ""),
    ],
)
def test_name_is_what_is_known_of_it(identity, name):
    assert name_of(identity) == name


def test_line_tells_name_states_and_what_is_missing_and_nothing_else():
    line = line_of({"given_name": "Åse", "identity_number": "01818512321", "address": "Ingen veg 1"}, BLANK)

    assert line == {"name": "Åse", "states": ["open"], "missing": list(fact_names())}


def test_line_of_an_address_protected_person_has_no_name():
    line = line_of({"given_name": "Åse"}, {**BLANK, "address_protected": True})

    assert (line["name"], line["states"]) == ("", ["open", "protected"])
