"""What codes of a release are called, from the versioned code lists of the register."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tenants.register.codelists import CodeList, code_list, list_ids


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The words for one dimension in one language."""

    title: str
    of: Mapping[str, str]
    code_list: str  # the list and its version
    definition: str  # where the list is from, in English

    def __getitem__(self, code: str) -> str:
        return self.of.get(code, code)


def labels_for(name: str, dimension: Mapping[str, Any], *, language: str) -> Labels:
    """The words for the dimension called ``name`` of a release.

    A dimension names no code list: it is recognised by its codes, the list with fewest codes besides them wins.
    """
    codes = frozenset(dimension["codes"])
    found = _list_of(codes)
    if found is None:
        return Labels(title=name, of={}, code_list="", definition="")
    area = _area(name)
    title = _title(found, language)
    if area:
        areas = code_list("FUNKSJON")
        title = f"{_title(areas, language)}: {areas[area].label(language)}"
    words = {entry.code: entry.label(language) for entry in (*found.parents, *found.codes)}
    if found.list_id == "NIVAA":
        # Letter and word, so that a colour never has to carry the meaning.
        words = {code: f"{code} – {word}" for code, word in words.items()}
    return Labels(title=title, of=words, code_list=f"{found.list_id} {found.version}", definition=found.source)


def _title(found: CodeList, language: str) -> str:
    return {"nn": found.nn, "nb": found.nb, "en": found.en}[language]


def _area(name: str) -> str | None:
    """The function area that a dimension such as ``area_BU`` is about."""
    parts = {part.upper() for part in name.replace("-", "_").split("_")}
    areas = [entry.code for entry in code_list("FUNKSJON").codes if entry.code in parts]
    return areas[0] if areas else None


@cache
def _list_of(codes: frozenset[str]) -> CodeList | None:
    candidates = []
    for list_id in list_ids():
        listed = code_list(list_id)
        known = {entry.code for entry in (*listed.codes, *listed.parents)}
        if codes and codes <= known:
            candidates.append((len(known - codes), list_id))
    return code_list(min(candidates)[1]) if candidates else None
