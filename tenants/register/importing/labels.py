"""From the labels of a column to codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tenants.register.codelists import Answer, CodeList
from tenants.register.importing.errors import RefusedCode, RefusedFile
from tenants.register.importing.folding import fold_label

_SEPARATORS = ",;/|"
_NEXT_SEPARATOR = re.compile(f"[{_SEPARATORS}]")


@dataclass(frozen=True, kw_only=True)
class Labels:
    """All that one column understands: folded label to code, and which of them stand for no real answer."""

    codes: Mapping[str, str]
    answers: Mapping[str, Answer]
    order: Mapping[str, int]
    item: re.Pattern[str]
    # Texts as they stand in this file: thousands of cells hold a handful of them.
    found: dict[str, str | None] = field(default_factory=dict, repr=False)

    def find(self, text: str) -> str | None:
        """Return the code of a single label, or None."""
        if text not in self.found:
            self.found[text] = self.codes.get(fold_label(text))
        return self.found[text]

    def answer(self, text: str) -> Answer | None:
        """Return why the label is no real answer, or None if it is one."""
        return self.answers.get(fold_label(text)) if self.answers else None

    def split(self, text: str) -> tuple[tuple[str, ...], bool]:
        """Return the codes of a list of labels in the code list's order, and whether every part was understood.

        Labels may hold separators themselves, so at each place the longest known label is tried first.
        """
        rest = " ".join(text.split()).casefold()
        found: set[str] = set()
        understood = True
        while rest := rest.lstrip(_SEPARATORS + " "):
            if match := self.item.match(rest):
                found.add(self.codes[match["label"]])
                rest = rest[match.end() :]
                continue
            understood = False
            separator = _NEXT_SEPARATOR.search(rest)
            rest = rest[separator.end() :] if separator else ""
        return tuple(sorted(found, key=self.order.__getitem__)), understood


def labels_of(codes: CodeList, own: Mapping[str, str]) -> Labels:
    """Return the labels of a code list with a municipality's own: label to code or to a known label.

    Raises RefusedFile if one of the own labels stands for nothing that is known.
    """
    known = {fold_label(s): c.code for c in codes.codes for s in c.spellings}
    answers: dict[str, Answer] = {}
    for label, (code, answer) in codes.answers.items():
        known[fold_label(label)] = code
        answers[fold_label(label)] = answer
    for label, target in own.items():
        if fold_label(target) not in known:
            raise RefusedFile(
                RefusedCode.MAPPING_INVALID,
                f"The mapping's label {label!r} stands for {target!r}, which {codes.list_id} does not know.",
            )
        known[fold_label(label)] = known[fold_label(target)]
    longest_first = sorted(known, key=len, reverse=True)
    item = re.compile(
        rf"(?P<label>{'|'.join(map(re.escape, longest_first))})\s*(?:\([^()]*\))?\s*(?:[{_SEPARATORS}]|$)"
    )
    return Labels(codes=known, answers=answers, order={c.code: i for i, c in enumerate(codes.codes)}, item=item)
