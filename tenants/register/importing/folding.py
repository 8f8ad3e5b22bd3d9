"""Make texts comparable: what a person reads as the same header or label becomes the same string."""

from __future__ import annotations

import re
import unicodedata

_CLOSING_PARENTHESIS = re.compile(r"\s*\([^()]*\)\s*$")
_LETTERS = str.maketrans({"ø": "o", "å": "a", "æ": "ae"})


def fold_label(text: str) -> str:
    """Return the text without case, outer and repeated blanks, and a closing parenthesis.

    >>> fold_label(" Mellombels  butilbod (stl § 27) ")
    'mellombels butilbod'
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
    return _CLOSING_PARENTHESIS.sub("", folded) or folded


def fold_header(text: str) -> str:
    """Return the letters and digits of the text, without case and with ø, å, æ as o, a, ae.

    >>> fold_header("Målgruppe(r)")
    'malgrupper'
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    return "".join(c for c in folded if c.isalnum())


def without_closing_parenthesis(text: str) -> str:
    """Return the text without a parenthesis at its end."""
    return _CLOSING_PARENTHESIS.sub("", text)
