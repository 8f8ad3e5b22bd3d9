"""The comparison as a picture: an SVG of bars that needs no colour, no script and no font of its own."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.sax.saxutils import escape

from anonymisation.comparison.comparing import Comparison, Row
from anonymisation.comparison.telling import NOTE, method_told, percent

WIDTH, LEFT, BAR = 900, 330, 440
LINE, GAP, TOP = 24, 34, 96
# Told apart in black and white: full, striped, dotted, empty.
FILLS = {"suppress": "#000", "round": "url(#striped)", "cellkey": "url(#dotted)", "dp": "#fff"}
PATTERNS = (
    '<pattern id="striped" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fff"/><rect width="2.5" height="6" fill="#000"/></pattern>'
    '<pattern id="dotted" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#fff"/><circle cx="3" cy="3" r="1.4" fill="#000"/></pattern>'
)


def svg(comparison: Comparison) -> bytes:
    """Return the picture: a bar for each row, as long as the share of cells above 0 that a reader learns nearly."""
    parts, y = [], TOP
    for design, rows in groupby(comparison.rows, key=lambda row: row.design):
        parts.append(_text(20, y + 16, design, weight="bold"))
        y += LINE
        for row in rows:
            parts += _bar(row, y)
            y += LINE
        y += GAP - LINE
    measure = "share of cells above 0 that a reader learns within 1 or a tenth"
    title = f"{comparison.programme} {comparison.period}: {measure}"
    frame = f'viewBox="0 0 {WIDTH} {y + 20}" role="img" aria-labelledby="title desc"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame} font-family="sans-serif" font-size="13" fill="#000">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(_spoken(comparison.rows))} {escape(NOTE)}</desc>',
        f"<defs>{PATTERNS}</defs>",
        f'<rect width="{WIDTH}" height="{y + 20}" fill="#fff"/>',
        _text(20, 28, title, weight="bold"),
        *(_text(20, 50 + 18 * at, line) for at, line in enumerate(NOTE.replace(". ", ".|").split("|"))),
    ]
    return "\n".join([*head, *parts, "</svg>", ""]).encode()


def _bar(row: Row, y: int) -> list[str]:
    told = percent(row.near, row.above_0) if not row.refused else "nothing released"
    length = round(BAR * row.share, 1)
    bar = f'<rect x="{LEFT}" y="{y + 3}" width="{length}" height="16" fill="{FILLS[row.method]}" stroke="#000"/>'
    label = _text(LEFT - 10, y + 16, method_told(row), anchor="end")
    return [label, *([bar] if row.share else []), _text(LEFT + length + 8, y + 16, told)]


def _text(x: float, y: float, words: str, *, weight: str = "normal", anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-weight="{weight}" text-anchor="{anchor}">{escape(words)}</text>'


def _spoken(rows: Iterable[Row]) -> str:
    """Return the text alternative: every bar in words."""
    told = (
        f"{row.design}, {method_told(row)}: {'nothing released' if row.refused else percent(row.near, row.above_0)}."
        for row in rows
    )
    return " ".join(told)
