"""Read the code lists that lie beside this file into frozen values: they are data, never constants of the program."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


class Answer(Enum):
    """Why a fact has no real answer. The three are kept apart: they lead to different next steps."""

    NOT_ASKED = "not_asked"
    UNKNOWN = "unknown"
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class Code:
    """One code with its labels, and other spellings that files use. ``regional_ok``: may be shown for the region."""

    code: str
    nn: str
    nb: str
    en: str
    parent: str | None
    sensitive: bool
    regional_ok: bool
    source: str
    aliases: tuple[str, ...]
    from_age: int | None

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every text that stands for this code in a file, the code itself first."""
        return (self.code, self.nn, self.nb, self.en, *self.aliases)

    def label(self, language: str) -> str:
        """Return the label in ``nn``, ``nb`` or ``en``. Raises KeyError for another language."""
        return {"nn": self.nn, "nb": self.nb, "en": self.en}[language]


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """One version of a list. Codes are never reused; a change is a new version."""

    list_id: str
    version: str
    valid_from: date
    source: str
    nn: str
    nb: str
    en: str
    codes: tuple[Code, ...]
    parents: tuple[Code, ...]
    always_counted: tuple[str, ...]
    answers: Mapping[str, tuple[str, Answer]]

    def __getitem__(self, code: str) -> Code:
        """Return the code. Raises KeyError."""
        for entry in self.codes:
            if entry.code == code:
                return entry
        raise KeyError(f"{self.list_id} has no code {code!r}")


@cache
def code_list(list_id: str, version: str | None = None) -> CodeList:
    """Return a version of the list, without ``version`` the newest. Raises KeyError if there is none.

    >>> code_list("BISTAND")["5"].nn
    'Heildøgns bemanning/vernetiltak'
    """
    raw = read_data(list_id.lower(), version)
    return CodeList(
        list_id=raw["list_id"],
        version=raw["version"],
        valid_from=raw["valid_from"],
        source=raw["source"],
        nn=raw["nn"],
        nb=raw["nb"],
        en=raw["en"],
        codes=tuple(_code(c, raw["source"]) for c in raw["codes"]),
        parents=tuple(_code(c, raw["source"]) for c in raw.get("parents", [])),
        always_counted=tuple(raw.get("always_counted", ())),
        answers=MappingProxyType({a["label"]: (a["code"], Answer(a["state"])) for a in raw.get("answers", [])}),
    )


def list_ids() -> tuple[str, ...]:
    """Return the ids of all lists, sorted."""
    return tuple(sorted({name.split(".")[0].upper() for name in _file_names()} - {"COLUMNS", "ROWS"}))


def _code(raw: Mapping[str, Any], source: str) -> Code:
    return Code(
        code=raw["code"],
        nn=raw["nn"],
        nb=raw["nb"],
        en=raw["en"],
        parent=raw.get("parent"),
        sensitive=raw.get("sensitive", False),
        regional_ok=raw.get("regional_ok", True),
        source=raw.get("source", source),
        aliases=tuple(raw.get("aliases", ())),
        from_age=raw.get("from_age"),
    )


def _file_names() -> list[str]:
    return [entry.name for entry in (files(__package__) / "data").iterdir() if entry.name.endswith(".toml")]


def read_data(stem: str, version: str | None) -> dict[str, Any]:
    """Return the parsed file ``stem.version.toml``; versions are ISO dates, so the last in order is the newest."""
    versions = sorted(name.split(".")[1] for name in _file_names() if name.split(".")[0] == stem)
    wanted = version or (versions[-1] if versions else "")
    if wanted not in versions:
        raise KeyError(f"there is no code list {stem.upper()!r} in version {wanted or 'any'!r}")
    text = (files(__package__) / "data" / f"{stem}.{wanted}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
