"""The comparison in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anonymisation.comparison.comparing import Comparison, Row

NOTE = (
    "For the owner of the microdata only: worked out on the true counts, and not safe to publish. "
    "Choose a design before the counts that it will be used on are known."
)
HEAD = ("design", "method", "cells", "above 0", "shown", "near", "mean error", "largest error")
LEGEND = (
    "cells: published. above 0: of them in truth. shown: of those, with a number. near: of those, within 1 or a tenth"
    " of the truth. errors: over all cells that are shown. One run; other ties and other noise give other figures."
)


def text(comparison: Comparison) -> str:
    """Return the comparison as a table of plain text with the note that it is not to be published."""
    body = [_cells(row) for row in comparison.rows]
    widths = [max(len(line[at]) for line in (HEAD, *body)) for at in range(len(HEAD))]
    lines = [f"{comparison.programme} {comparison.period}: what each method and design would show", NOTE, ""]
    lines.append(_line(HEAD, widths))
    lines.append("  ".join("-" * width for width in widths))
    for row, line in zip(comparison.rows, body, strict=True):
        lines.append(_line(line, widths))
        if row.refused:
            lines.append(f"{'':{widths[0]}}  nothing released: {row.refused}")
    return "\n".join([*lines, "", LEGEND]) + "\n"


def percent(part: int | None, whole: int) -> str:
    """Return a share in whole per cent, or a dash where there is none."""
    return "-" if part is None or not whole else f"{100 * part / whole:.0f} %"


def method_told(row: Row) -> str:
    """Return a method with its options."""
    return f"{row.method} ({row.options})" if row.options else row.method


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.design,
        method_told(row),
        str(row.cells),
        str(row.above_0),
        percent(row.shown, row.above_0),
        percent(row.near, row.above_0),
        "-" if row.mean_error is None else f"{row.mean_error:.2f}",
        "-" if row.largest_error is None else str(row.largest_error),
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = [cell.ljust(width) for cell, width in zip(cells[:2], widths[:2], strict=True)]
    return "  ".join([*first, *(c.rjust(w) for c, w in zip(cells[2:], widths[2:], strict=True))]).rstrip()
