from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from buvett.locale.compile import compile_all, faults_of
from tests.unit.buvett.pages.messages import BUVETT, messages

LOCALE = BUVETT / "locale"
LANGUAGES = ("nn", "nb")


def catalog(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def msgids(found: Catalog) -> set[object]:
    return {message.id for message in found if message.id}


def test_messages_are_found_in_templates_and_code() -> None:
    found = messages()

    assert {"Sign in", "All numbers are hidden.", "without a name"} <= found
    assert ("%(number)s case may be counted.", "%(number)s cases may be counted.") in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert messages() - msgids(catalog(language)) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_over(language: str) -> None:
    assert msgids(catalog(language)) - messages() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_empty_fuzzy_or_lacks_a_placeholder(language: str) -> None:
    assert faults_of(catalog(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_texts_are_those_of_the_source(language: str, tmp_path: Path) -> None:
    source = Path(language, "LC_MESSAGES", "django.po")
    copy = tmp_path / source
    copy.parent.mkdir(parents=True)
    copy.write_bytes((LOCALE / source).read_bytes())

    assert compile_all(tmp_path) == []

    assert copy.with_suffix(".mo").read_bytes() == (LOCALE / source).with_suffix(".mo").read_bytes()


def test_faults_of_missing_fuzzy_and_other_placeholder() -> None:
    made = Catalog(locale="nn")
    made.add("Here", "")
    made.add("There", "Der", flags=["fuzzy"])
    made.add("%(name)s came", "%(namn)s kom")
    made.add(("%(n)s dog", "%(n)s dogs"), ("%(n)s hund", ""))

    assert faults_of(made) == [
        "nn: not translated: Here",
        "nn: not translated: There",
        "nn: other placeholders: %(name)s came",
        "nn: not translated: ('%(n)s dog', '%(n)s dogs')",
    ]


def test_faulty_language_is_not_compiled(tmp_path: Path) -> None:
    source = tmp_path / "nn" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Here"\nmsgstr ""\n')

    assert compile_all(tmp_path) == ["nn: not translated: Here"]
    assert not source.with_suffix(".mo").exists()
