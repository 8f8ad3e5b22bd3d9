"""A case's facts as labelled lines, in the language of the page. Not asked, unknown and declined stay apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from buvett.access.cases import OpenedCase
from tenants.register.codelists import Answer, Column, Kind, code_list, columns

TITLES = {
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "identity_number": gettext_lazy("National identity number"),
    "birth_year": gettext_lazy("Year of birth"),
    "phone": gettext_lazy("Telephone"),
    "address": gettext_lazy("Address"),
    "children": gettext_lazy("Children under 18"),
    "registered": gettext_lazy("Registered"),
    "address_protected": gettext_lazy("Protected address"),
    "objected": gettext_lazy("Has objected to being counted"),
    "text": gettext_lazy("Remarks"),
}
ANSWERS = {
    Answer.NOT_ASKED: gettext_lazy("not asked"),
    Answer.UNKNOWN: gettext_lazy("unknown"),
    Answer.DECLINED: gettext_lazy("declined to answer"),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Fact:
    """One line. ``level`` is G, Y, R or U for a function area: shown as letter, word and colour."""

    title: str
    values: tuple[str, ...]
    level: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Facts:
    """The lines of a case, by envelope."""

    identity: tuple[Fact, ...]
    assessment: tuple[Fact, ...]
    areas: tuple[Fact, ...]
    notes: tuple[Fact, ...]


def facts_of(case: OpenedCase, *, language: str) -> Facts:
    """All facts that the columns of the register name, in their order."""
    found: dict[str, list[Fact]] = {"identity": [], "assessment": [], "areas": [], "notes": []}
    envelopes = {"identity": case.identity, "assessment": case.assessment, "notes": case.notes}
    for column in columns():
        facts = envelopes[column.compartment]
        if column.kind is Kind.AREA:
            found["areas"].append(_area(column, facts, language))
        else:
            found[column.compartment].append(
                Fact(title=_title(column, language), values=_values(column, facts, language))
            )
    return Facts(**{name: tuple(lines) for name, lines in found.items()})


def _area(column: Column, facts: Mapping[str, Any], language: str) -> Fact:
    title = code_list("FUNKSJON")[column.name].label(language)
    level = facts.get("areas", {}).get(column.name) or "U"
    answer = facts.get("unanswered", {}).get(f"areas.{column.name}")
    if level == "U" and answer:
        return Fact(title=title, values=(str(ANSWERS[Answer(answer)]),))
    return Fact(title=title, values=(f"{level} – {code_list('NIVAA')[level].label(language)}",), level=level)


def _title(column: Column, language: str) -> str:
    if column.fact in TITLES:
        return str(TITLES[column.fact])
    if column.list_id is None:
        return column.name
    listed = code_list(column.list_id)
    return {"nn": listed.nn, "nb": listed.nb, "en": listed.en}[language]


def _values(column: Column, facts: Mapping[str, Any], language: str) -> tuple[str, ...]:
    value = facts.get(column.fact)
    if value is None or value in ("", []):
        answer = facts.get("unanswered", {}).get(column.fact)
        return (str(ANSWERS[Answer(answer)]) if answer else gettext("not filled in"),)
    if column.kind is Kind.FLAG:
        return (gettext("yes") if value else gettext("no"),)
    if column.kind is Kind.DATE:
        return (date_format(date.fromisoformat(value)),)
    if column.list_id and column.kind is Kind.CODE:
        return (code_list(column.list_id)[value].label(language),)
    if column.list_id and column.kind is Kind.CODES:
        return tuple(code_list(column.list_id)[code].label(language) for code in value)
    return (str(value),)
