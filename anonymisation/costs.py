"""Reading what hiding single cells costs: a CSV beside the programme, since the programme says what and not how dear.

A row names a table, a code for each dimension of it, and a cost. An empty field under a dimension of the table stands
for every code that is published there, under another dimension it is all there may be. A later row goes before an
earlier one, so the general comes first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from anonymisation.errors import MOST_PROBLEMS, CostsError
from anonymisation.programme import Programme, Table
from anonymisation.reading import file_bytes

Place = tuple[str, tuple[str, ...]]
MOST_COST = 10**9
LARGEST_COSTS = 16 * 1024 * 1024
TABLE, COST = "table", "cost"


def is_cost(number: object) -> bool:
    """Tell whether `number` is a whole number from 0 to `MOST_COST`."""
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= MOST_COST


def load_costs(path: Path | str, programme: Programme) -> dict[Place, int]:
    """Return what hiding cells costs, by table and key, as `protect` takes it; raise `CostsError`."""
    path = Path(path)
    raw = file_bytes(path, error=CostsError, largest=LARGEST_COSTS)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CostsError(f"{path.name}: not UTF-8") from None
    return parse_costs(text, programme, source=path.name)


def parse_costs(text: str, programme: Programme, *, source: str = "costs") -> dict[Place, int]:
    """Read the text of such a file; `source` begins each line of a refusal.

    >>> from anonymisation.programme import EXAMPLE
    >>> parse_costs("table,place,situation,cost\\nsituation,REGION,ALL,5000\\n", Programme.parse(EXAMPLE))
    {('situation', ('REGION', 'ALL')): 5000}
    """
    reader = _Reader(programme, source)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        found = reader.read(rows)
    except csv.Error:
        raise CostsError(f"{source}: row {rows.line_num}: not CSV, or cut off") from None
    if reader.problems:
        raise CostsError(reader.problems)
    return found


class _Reader:
    def __init__(self, programme: Programme, source: str) -> None:
        self.programme, self.source = programme, source
        self.problems: list[str] = []
        self.names = [d.name for d in programme.dimensions]
        self.codes = {
            table.id: [
                [code for level in levels for code in programme.dimension(name).at_level(level)]
                for name, levels in zip(table.dimensions, table.levels, strict=True)
            ]
            for table in programme.tables
        }

    def bad(self, row: int, column: str, what: str) -> None:
        self.problems.append(f"{self.source}: row {row}, column {column}: {what}")
        if len(self.problems) > MOST_PROBLEMS:
            raise CostsError(self.problems)

    def read(self, rows: Iterator[list[str]]) -> dict[Place, int]:
        header = next(rows, [])
        self._check_header(header)
        found: dict[Place, int] = {}
        seen: set[tuple[str, ...]] = set()
        for row, fields in enumerate(rows if not self.problems else (), 2):
            if not fields:
                continue
            if len(fields) != len(header):
                self.bad(row, str(min(len(fields), len(header)) + 1), f"{len(header)} fields are needed")
                continue
            if tuple(fields[:-1]) in seen:
                self.bad(row, TABLE, "these cells have been given before")
            seen.add(tuple(fields[:-1]))
            cost = self._cost(row, fields[-1])
            found |= dict.fromkeys(
                self._places(row, fields[0], dict(zip(header[1:-1], fields[1:-1], strict=True))), cost
            )
        return found

    def _check_header(self, header: list[str]) -> None:
        """The table comes first and the cost last, so that a dimension may be called like either."""
        if not header or header[0] != TABLE:
            self.bad(1, "1", f"must be {TABLE}")
        if len(header) < 2 or header[-1] != COST:
            self.bad(1, str(max(2, len(header))), f"the last must be {COST}")
        if self.problems:
            return
        names = header[1:-1]
        for at, name in enumerate(names):
            if name not in self.names:
                self.bad(1, str(at + 2), "not a dimension of the programme")
            elif name in names[:at]:
                self.bad(1, name, "twice")
        for name in self.names:
            if name not in names:
                self.bad(1, name, "missing")

    def _cost(self, row: int, text: str) -> int:
        if not (text.isascii() and text.isdigit()) or len(text) > len(str(MOST_COST)) or not is_cost(int(text)):
            self.bad(row, COST, f"must be a whole number from 0 to {MOST_COST}")
            return 0
        return int(text)

    def _places(self, row: int, name: str, given: dict[str, str]) -> list[Place]:
        """Return the published cells that a row names; `given` are its codes by dimension."""
        table = next((t for t in self.programme.tables if t.id == name), None)
        if table is None:
            self.bad(row, TABLE, "unknown table")
            return []
        picks = self._picks(row, table, given)
        return [] if picks is None else [(table.id, key) for key in product(*picks)]

    def _picks(self, row: int, table: Table, given: dict[str, str]) -> list[list[str]] | None:
        """Return the codes of each of the table's dimensions; None where one is wrong."""
        wrong = False
        for name in self.names:
            if given[name] and name not in table.dimensions:
                self.bad(row, name, f"no dimension of table {table.id}: must be empty")
                wrong = True
        picks = []
        for name, codes in zip(table.dimensions, self.codes[table.id], strict=True):
            if given[name] and given[name] not in codes:
                self.bad(row, name, "no code that the table publishes")
                wrong = True
            picks.append([given[name]] if given[name] else codes)
        return None if wrong else picks
