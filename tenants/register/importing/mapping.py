"""A municipality's own names for columns and labels: from ``--mapping M.toml``, or chosen in the page.

unread = ["Adresse 2"]

[headers]
"Klient" = "Fødselsnummer"

[labels.Busituasjon]
"Bur i bubil" = "UTE"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from tenants.register.codelists import columns
from tenants.register.importing.errors import RefusedCode, RefusedFile


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """``headers``: file's heading to canonical name. ``labels``: canonical name to (file's label to code or label).

    ``unread``: headings that stand for nothing here, whatever they are called elsewhere.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_mapping(text: str) -> ColumnMapping:
    """Return the mapping in the TOML text. Raises RefusedFile for broken TOML, unknown keys and unknown columns."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(f"is no valid TOML: {error}") from error
    unknown = sorted(set(raw) - {"headers", "labels", "unread"})
    if unknown:
        raise _invalid(f"has the unknown key {unknown[0]!r}; headers, labels and unread are known")
    headers, labels, unread = raw.get("headers", {}), raw.get("labels", {}), raw.get("unread", [])
    if not _is_text_table(headers) or not isinstance(labels, dict) or not all(map(_is_text_table, labels.values())):
        raise _invalid("must hold a table of texts under headers and one per column under labels")
    if not isinstance(unread, list) or not all(isinstance(heading, str) for heading in unread):
        raise _invalid("must hold a list of texts under unread")
    names = {c.name for c in columns()}
    for name in [*headers.values(), *labels]:
        if name not in names:
            raise _invalid(f"names the column {name!r}, which does not exist")
    labelled = {c.name for c in columns() if c.list_id}
    for name in labels:
        if name not in labelled:
            raise _invalid(f"has labels for the column {name!r}, which has no code list")
    return ColumnMapping(headers=headers, labels=labels, unread=frozenset(unread))


def _is_text_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _invalid(what: str) -> RefusedFile:
    return RefusedFile(RefusedCode.MAPPING_INVALID, f"The mapping {what}.")
