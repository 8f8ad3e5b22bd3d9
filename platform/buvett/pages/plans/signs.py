"""Which signs a paper can print.

A sign that the fonts in Typst's wheel lack would refuse the whole paper (PDF/UA-1 wants every sign to be there), and
scripts that run from right to left can make its layout fail.
"""

import re

MISSING = "\ufffd"
# Latin, Greek and Cyrillic with their marks, punctuation, currencies, arrows, mathematics, frames and shapes: a test
# prints them all.
_PRINTED = re.compile(
    "[\t\n\u0020-\u007e\u00a0-\u036f\u0370-\u04ff\u1e00-\u1fff\u2010-\u2027\u2030-\u2040\u20a0-\u20bf"
    "\u2190-\u22ff\u2500-\u25ff\u2713\u2714\ufffd]"
)


def printable(text: str) -> str:
    """The text with ``MISSING`` for each sign that the paper has no letter for.

    >>> printable("Bustad 🏠 → æøå")
    'Bustad � → æøå'
    """
    return "".join(sign if _is_printed(sign) else MISSING for sign in text)


def _is_printed(sign: str) -> bool:
    return bool(_PRINTED.match(sign)) and (sign.isprintable() or sign in "\t\n\u00a0")
