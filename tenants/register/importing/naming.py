"""From what a person chose for one file to the names by which files are read. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tenants.register.importing.folding import fold_header
from tenants.register.importing.header import HeaderNames
from tenants.register.importing.mapping import ColumnMapping
from tenants.register.importing.survey import Survey

MOST = 500  # headings that are kept: a municipality has a handful of systems


def named(found: Survey, chosen: Mapping[str, int]) -> ColumnMapping:
    """Return the mapping by which the file is read so: canonical name to the place of a column in ``found``.

    A column that is not chosen is not read, even if its heading is known for something. Only headings are in it.
    Chosen columns must be alone in their heading.
    """
    headers = {found.columns[place].heading: name for name, place in chosen.items()}
    return ColumnMapping(
        headers=headers,
        unread=frozenset(column.heading for column in found.columns if column.heading not in headers),
    )


def merged(known: ColumnMapping, chosen: ColumnMapping) -> ColumnMapping:
    """Return what is kept of both: a heading has one meaning, the newest, and what needs no name is left out."""
    here = {fold_header(heading) for heading in (*chosen.headers, *chosen.unread)}
    headers = {heading: name for heading, name in known.headers.items() if fold_header(heading) not in here}
    headers |= chosen.headers
    for heading, name in chosen.headers.items():
        others = {text: other for text, other in headers.items() if text != heading}
        if HeaderNames(ColumnMapping(headers=others)).name(heading) == name:
            headers = others
    names = HeaderNames(ColumnMapping(headers=headers))
    unread = {heading for heading in known.unread if fold_header(heading) not in here}
    unread |= {heading for heading in chosen.unread if names.name(heading) is not None}
    return ColumnMapping(headers=dict(list(headers.items())[-MOST:]), unread=frozenset(sorted(unread)[:MOST]))


def without(known: ColumnMapping, heading: str) -> ColumnMapping:
    """Return the mapping in which the heading means again what it means everywhere."""
    gone = fold_header(heading)
    return ColumnMapping(
        headers={text: name for text, name in known.headers.items() if fold_header(text) != gone},
        unread=frozenset(text for text in known.unread if fold_header(text) != gone),
    )
