"""The words of this field in plain language. Data: ``glossary.toml``, each term in three languages."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from buvett.locale import norwegian
from buvett.pages.rendering import page


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word and what it means, in one language; ``id`` stands in addresses."""

    id: str
    word: str
    meaning: str


@cache
def terms(language: str) -> tuple[Term, ...]:
    """All terms in the order of that language's alphabet."""
    data = tomllib.loads(files("buvett.pages.help").joinpath("glossary.toml").read_text(encoding="utf-8"))
    found = [Term(id=key, word=told[language][0], meaning=told[language][1]) for key, told in data.items()]
    return tuple(sorted(found, key=lambda term: norwegian.sorting(term.word)))


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Open to all: nothing here is anyone's."""
    return page(request, "help/glossary.html", {"terms": terms(get_language() or "nn")})
