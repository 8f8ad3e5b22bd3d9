import tomllib
from importlib.resources import files

import pytest

from buvett.locale.norwegian import sorting
from buvett.pages.help.glossary import terms
from tests import people

LANGUAGES = ("nn", "nb", "en")


def test_every_term_has_a_word_and_a_meaning_in_each_language() -> None:
    data = tomllib.loads(files("buvett.pages.help").joinpath("glossary.toml").read_text(encoding="utf-8"))

    assert len(data) >= 20
    for key, told in data.items():
        assert set(told) == set(LANGUAGES), key
        assert all(len(words) == 2 and all(words) for words in told.values()), key
        assert told["nn"][1] != told["nb"][1] != told["en"][1], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_stand_in_the_order_of_the_language(language: str) -> None:
    words = [term.word for term in terms(language)]

    assert words == sorted(words, key=sorting)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_open_to_all_and_holds_every_term(installation: object, language: str) -> None:
    client = people.browser()
    client.get(f"/language/{language}/")

    text = client.get("/words/").content.decode()

    assert [term.id for term in terms(language) if f'id="{term.id}"' not in text] == []
