"""The lists are complete, unambiguous, and say what the domain brief says."""

from __future__ import annotations

from datetime import date

import pytest

from tenants.register.codelists import Answer, Kind, code_list, columns, list_ids, row_words
from tenants.register.importing.folding import fold_header, fold_label
from tests.data.register_files import ALWAYS, AREAS, DWELLING, GROUP, LEVEL, NAMES, SITUATION, SUPPORT


@pytest.mark.parametrize(
    ("list_id", "labels"),
    [("BUSITUASJON", SITUATION), ("BUSTADTYPE", DWELLING), ("MAALGRUPPE", GROUP), ("NIVAA", LEVEL)],
)
def test_list_has_the_codes_and_labels_of_the_brief(list_id, labels):
    found = {c.code: (c.nn, c.nb, c.en) for c in code_list(list_id).codes}
    assert found == labels
    assert list(found) == list(labels)


def test_support_has_the_codes_of_the_brief():
    assert [c.code for c in code_list("BISTAND").codes] == list(SUPPORT)


@pytest.mark.parametrize("list_id", list_ids())
def test_every_spelling_means_one_code(list_id):
    meant: dict[str, str] = {}
    for code in code_list(list_id).codes:
        for spelling in code.spellings:
            assert meant.setdefault(fold_label(spelling), code.code) == code.code


@pytest.mark.parametrize("list_id", list_ids())
def test_list_is_whole(list_id):
    found = code_list(list_id)
    assert found.list_id == list_id
    assert found.valid_from == date.fromisoformat(found.version)
    assert len({c.code for c in found.codes}) == len(found.codes)
    parents = {p.code for p in found.parents}
    for code in (*found.codes, *found.parents):
        assert all((code.nn, code.nb, code.en, code.source))
        assert code.parent is None or code.parent in parents
        assert code.regional_ok
    assert set(found.always_counted) <= {c.code for c in found.codes}
    assert all(code in {c.code for c in found.codes} for code, _ in found.answers.values())


@pytest.mark.parametrize(
    ("list_id", "sensitive"),
    [
        ("BUSITUASJON", {"KRISE", "INST_2M", "FENG_2M"}),
        ("MAALGRUPPE", {"RUS", "PSYK", "ROP", "FLYKT", "UTVH", "FUNK", "LAUSLATING", "VALD"}),
        ("FUNKSJON", {"FYS", "PSY", "RUSB"}),
        ("BUSTADTYPE", set()),
        ("BISTAND", set()),
    ],
)
def test_sensitive_codes_are_those_with_a_star(list_id, sensitive):
    assert {c.code for c in code_list(list_id).codes if c.sensitive} == sensitive


def test_situations_partition_into_the_classes_of_the_first_programme():
    classes: dict[str | None, list[str]] = {}
    for code in code_list("BUSITUASJON").codes:
        classes.setdefault(code.parent, []).append(code.code)
    assert classes == {
        "EIGEN_LEIGD": ["EIGD", "LEIGD_PRIV", "LEIGD_KOM"],
        "USIKKER": ["FRAMLEIGE", "FAST_PAAR"],
        "BUSTADLAUS": ["MELL_VEN", "MELL_27", "AKUTT", "KRISE", "INST_2M", "FENG_2M", "UTE"],
        "UKJEND_K": ["UKJEND"],
    }


def test_groups_that_are_always_counted():
    assert list(code_list("MAALGRUPPE").always_counted) == ALWAYS


def test_unknown_list_code_and_version_are_key_errors():
    for wrong in (
        lambda: code_list("KJONN"),
        lambda: code_list("NIVAA", "1999-01-01"),
        lambda: code_list("NIVAA")["B"],
    ):
        with pytest.raises(KeyError):
            wrong()


def test_label_in_each_language():
    code = code_list("BUSITUASJON", "2026-11-22")["UTE"]
    assert [code.label(language) for language in ("nn", "nb", "en")] == list(SITUATION["UTE"])


def test_columns_are_those_of_the_format_in_order():
    assert [c.name for c in columns()] == NAMES
    assert [c.name for c in columns() if c.kind is Kind.AREA] == AREAS
    required = "Fødselsnummer Fødselsår Busituasjon Målgrupper Bistandsnivå Bustadtype Registrert"
    assert " ".join(c.name for c in columns() if c.required) == required
    assert [c.name for c in columns() if c.must_exist] == ["Adressesperre", "Motsegn"]


def test_every_header_means_one_column():
    meant: dict[str, str] = {}
    for column in columns():
        for header in (column.name, *column.aliases):
            assert meant.setdefault(fold_header(header), column.name) == column.name


def test_facts_of_an_envelope_are_filled_once():
    single = [(c.compartment, c.fact) for c in columns() if c.kind is not Kind.AREA]
    assert len(set(single)) == len(single)
    assert {c.compartment for c in columns()} == {"identity", "assessment", "notes"}


def test_words_for_missing_answers_keep_the_three_apart():
    answers = {fold_label(text): answer for text, answer in row_words().answers}
    assert answers["ikkje spurt"] is Answer.NOT_ASKED
    assert answers["ukjend"] is Answer.UNKNOWN
    assert answers["vil ikkje svare"] is Answer.DECLINED
    assert len(answers) == len(row_words().answers)
