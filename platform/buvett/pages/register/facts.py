"""A case's facts as labelled lines, in the language of the page. Not asked, unknown and declined stay apart."""

from dataclasses import dataclass

from django.utils.translation import gettext

from buvett.access.cases import OpenedCase
from buvett.pages.register.words import ANSWERS, title_of, value_of
from tenants.register.codelists import Answer
from tenants.register.kartlegging import answer_of, kartlegging_facts

IDENTITY = ("given_name", "family_name", "identity_number", "no_number", "phone", "address")


@dataclass(frozen=True, kw_only=True, repr=False)
class Fact:
    """One line. ``level`` is G, Y or R for a function area: shown as letter, word and colour."""

    title: str
    value: str
    level: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Facts:
    """The lines of a case, by envelope."""

    identity: tuple[Fact, ...]
    assessment: tuple[Fact, ...]
    areas: tuple[Fact, ...]
    notes: tuple[Fact, ...]


def facts_of(case: OpenedCase, *, language: str) -> Facts:
    """All facts of the case. Texts that nobody has filled in say so."""
    kartlegging = {True: [], False: []}  # type: dict[bool, list[Fact]]
    for fact in kartlegging_facts():
        answer = answer_of(fact, case.assessment)
        if isinstance(answer, Answer):
            line = Fact(title=title_of(fact.name, language), value=str(ANSWERS[answer]))
        elif answer == []:
            line = Fact(title=title_of(fact.name, language), value=gettext("none of these"))
        else:
            line = Fact(
                title=title_of(fact.name, language),
                value=value_of(fact.name, answer, language),
                level=answer if fact.area else "",
            )
        kartlegging[bool(fact.area)].append(line)
    registered = _text("registered", case.assessment.get("registered"), language)
    return Facts(
        identity=tuple(
            _text(name, case.identity.get(name), language)
            for name in IDENTITY
            if name != "no_number" or case.identity.get(name)
        ),
        assessment=(*kartlegging[False], registered),
        areas=tuple(kartlegging[True]),
        notes=(_text("text", case.notes.get("text"), language),),
    )


def _text(name: str, value: object, language: str) -> Fact:
    shown = gettext("not filled in") if value in (None, "") else value_of(name, value, language)
    return Fact(title=title_of(name, language), value=shown)
