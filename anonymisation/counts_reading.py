"""Reading counts: C.csv as a stream, T.json in one piece."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anonymisation.counts import FORMAT, Array, Counts, Keys, shape_of
from anonymisation.errors import MOST_PROBLEMS, CountsError
from anonymisation.programme import Dimension, Method, Programme
from anonymisation.reading import LARGEST_COUNT, file_bytes, is_whole, json_object, unknown_keys
from anonymisation.record_key import record_key

LARGEST_CSV = 512 * 1024 * 1024
MOST_DIGITS = 13
MOST_ROWS = 4_000_000
"""Rows that are remembered, because none may come twice: about 1 GB. Persons without a pseudonym are not."""
PERSON = "person"
ONE = 2**64
KEY = re.compile(r"[0-9a-f]{16}\Z", re.ASCII)

# What a row adds: the axis index of each code under a dimension (several, with the people total, for a multi one).
Places = tuple[tuple[int, ...], ...]


def load(
    path: Path, programme: Programme, *, contributors: Sequence[str] | None = None, key: bytes | None = b""
) -> Counts:
    """Read a file of either form."""
    if path.suffix.lower() == ".json":
        raw = file_bytes(path, error=CountsError)
        return parse_tables(raw, programme, source=path.name, contributors=contributors)
    try:
        if path.stat().st_size > LARGEST_CSV:
            raise CountsError(f"{path.name}: larger than {LARGEST_CSV // 2**20} MiB")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _Csv(path.name, programme, key).read(lines, contributors)
    except OSError as problem:
        raise CountsError(f"{path.name or path}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError:
        raise CountsError(f"{path.name}: not UTF-8") from None


class _Csv:
    """One pass over a CSV: memory is the arrays and, with `n` or `person`, the set of rows seen."""

    def __init__(self, source: str, programme: Programme, key: bytes | None) -> None:
        self.source = source
        self.programme = programme
        self.key = key
        self.dimensions = programme.dimensions
        self.problems: list[str] = []
        size = {t.id: int(np.prod(shape_of(programme, t))) for t in programme.tables}
        self.flat = {name: np.zeros(n, dtype=np.int64) for name, n in size.items()}
        self.sums = {name: np.zeros(n, dtype=np.uint64) for name, n in size.items()}

    def bad(self, row: int, column: str, what: str) -> None:
        self.problems.append(f"{self.source}: row {row}, column {column}: {what}")
        if len(self.problems) > MOST_PROBLEMS:
            raise CountsError(self.problems)

    def read(self, lines: Iterator[str], contributors: Sequence[str] | None) -> Counts:
        reader = csv.reader(lines, strict=True)
        try:
            header = next(reader, None)
            if not header:
                raise CountsError(f"{self.source}: row 1: empty; a header is needed")
            order, counted, person = self._header(header)
            self._rows(reader, order, counted, person)
        except csv.Error:
            raise CountsError(f"{self.source}: row {reader.line_num}: not CSV, or cut off") from None
        if self.problems:
            raise CountsError(self.problems)
        shapes = {t.id: shape_of(self.programme, t) for t in self.programme.tables}
        tables = {name: self.flat[name].reshape(shape) for name, shape in shapes.items()}
        keyed = person is not None and self.key is not None
        keys = {name: self.sums[name].reshape(shape) for name, shape in shapes.items()} if keyed else None
        return Counts.from_tables(self.programme, tables, contributors=contributors, keys=keys, source=self.source)

    def _header(self, header: list[str]) -> tuple[list[int], bool, int | None]:
        """Return where each dimension's column is, whether rows are counted, and where the pseudonym is if any."""
        counted = header[-1] == "n"
        names = header[:-1] if counted else header
        person = None
        if self.programme.policy.method is Method.CELLKEY and PERSON in names:
            person = names.index(PERSON)
            if counted:
                self.bad(1, PERSON, "a row is a person or a count n, not both")
            if self.key == b"":
                self.bad(1, PERSON, "record keys need a secret: give a key file")
        wanted = [d.name for d in self.dimensions]
        for name in sorted(set(wanted) - set(names)):
            self.bad(1, name, "missing")
        for at, name in enumerate(names, 1):
            if at - 1 == person:
                continue
            if name not in wanted:
                self.bad(1, str(at), "not a dimension of the programme" if name != "n" else "n must be last")
            elif name in names[: at - 1]:
                self.bad(1, name, "twice")
        if self.problems:
            raise CountsError(self.problems)
        return [names.index(name) for name in wanted], counted, person

    def _rows(self, reader: Iterator[list[str]], order: list[int], counted: bool, person: int | None) -> None:
        width = len(order) + counted + (person is not None)
        places = [_places(dimension) for dimension in self.dimensions]
        adders = [self._adder(table.id, table.axes(self.programme)) for table in self.programme.tables]
        seen: set[Places] = set()
        known: set[int] = set()
        people = 0
        for row, fields in enumerate(reader, 2):
            if not fields:
                continue
            if len(fields) != width:
                self.bad(row, str(min(len(fields), width) + 1), f"{width} fields are needed")
                continue
            found: list[tuple[int, ...]] = []
            for dimension, at, place in zip(self.dimensions, order, places, strict=True):
                here = place(fields[at])
                if here is None:
                    self.bad(row, dimension.name, "unknown or repeated code")
                    break
                found.append(here)
            else:
                n = 1
                if counted:
                    n = self._count(row, fields[-1])
                    cell = tuple(found)  # by place: the codes of a multi dimension may come in any order
                    if cell in seen:
                        self.bad(row, "n", "the cell has been given before")
                    seen.add(cell)
                record = 0
                if person is not None:
                    record = self._record(row, fields[person])
                    if record in known:
                        self.bad(row, PERSON, "the person has been given before")
                    known.add(record)
                people += n
                if people > LARGEST_COUNT:
                    # Stop before a sum can overflow.
                    raise CountsError([*self.problems, f"{self.source}: row {row}, column n: too many people together"])
                if len(seen) > MOST_ROWS or len(known) > MOST_ROWS:
                    raise CountsError([*self.problems, f"{self.source}: row {row}: more than {MOST_ROWS} rows"])
                for add in adders:
                    add(tuple(found), n, record)

    def _record(self, row: int, pseudonym: str) -> int:
        if not pseudonym.strip():
            self.bad(row, PERSON, "empty")
        return record_key(self.key or b"", pseudonym)

    def _count(self, row: int, text: str) -> int:
        if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS or int(text) > LARGEST_COUNT:
            self.bad(row, "n", "must be a whole number, not negative and not too large")
            return 0
        return int(text)

    def _adder(self, table: str, axes: Sequence[str]) -> Callable[[Places, int, int], None]:
        """Return what adds one row to one table; row-major strides over the table's axes."""
        names = [d.name for d in self.dimensions]
        shape = [self.programme.dimension(name).size for name in axes]
        strides = [int(np.prod(shape[at + 1 :])) for at in range(len(shape))]
        wanted = [(names.index(name), stride) for name, stride in zip(axes, strides, strict=True)]
        flat, sums = self.flat[table], self.sums[table]

        def add(places: Places, n: int, record: int) -> None:
            spots = [0]
            for at, stride in wanted:
                spots = [spot + stride * place for spot in spots for place in places[at]]
            for spot in spots:
                flat[spot] += n
                if record:
                    sums[spot] = (int(sums[spot]) + record) % ONE

        return add


def _places(dimension: Dimension) -> Callable[[str], tuple[int, ...] | None]:
    """Return what maps a field to places on the dimension's axis, or to None where the field is wrong."""
    known = {code: at for at, code in enumerate(dimension.codes)}
    if not dimension.multi:
        single = {code: (at,) for code, at in known.items()}
        return single.get
    last = len(dimension.codes)

    def several(field: str) -> tuple[int, ...] | None:
        codes = field.split("|") if field else []
        found = tuple(sorted({known[code] for code in codes if code in known}))
        return (*found, last) if len(found) == len(codes) else None

    return several


def parse_tables(
    text: str | bytes, programme: Programme, *, source: str, contributors: Sequence[str] | None = None
) -> Counts:
    """Read the text of a T.json."""
    value = json_object(text, source=source, error=CountsError)
    problems = [
        f"{source}: unknown key {key!r}" for key in unknown_keys(value, {"format", "programme_sha256", "tables"})
    ]
    if value.get("format") != FORMAT:
        problems.append(f"{source}: format must be {FORMAT}")
    if value.get("programme_sha256") != programme.sha256:
        problems.append(f"{source}: programme_sha256 is of another programme")
    tables = value.get("tables")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(f"{source}: tables must be a list of tables")
    if problems:
        raise CountsError(problems)
    names = [table.get("id") for table in value["tables"]]
    if not all(isinstance(name, str) for name in names) or sorted(names) != sorted(t.id for t in programme.tables):
        raise CountsError(f"{source}: needs exactly the programme's tables, each once")
    arrays, keys = {}, {}
    keyed = programme.policy.method is Method.CELLKEY and any(
        isinstance(cell, dict) and "k" in cell
        for table in value["tables"]
        if isinstance(table.get("cells"), list)
        for cell in table["cells"]
    )
    for given in value["tables"]:
        arrays[given["id"]], keys[given["id"]] = _table(given, programme, source, problems, keyed=keyed)
    if problems:
        raise CountsError(problems)
    return Counts.from_tables(programme, arrays, contributors=contributors, keys=keys if keyed else None, source=source)


def _table(
    given: dict[str, Any], programme: Programme, source: str, problems: list[str], *, keyed: bool
) -> tuple[Array, Keys]:
    """Return one table's counts and, where `keyed`, its sums of record keys; problems are added to `problems`."""
    table = programme.table(given["id"])
    where = f"{source}: table {table.id}"
    array = np.zeros(shape_of(programme, table), dtype=np.int64)
    sums = np.zeros(array.shape, dtype=np.uint64)
    wanted = {"key", "n", "k"} if keyed else {"key", "n"}
    problems += [f"{where}: unknown key {key!r}" for key in unknown_keys(given, {"id", "dimensions", "cells"})]
    axes = table.axes(programme)
    if given.get("dimensions") != list(axes):
        problems.append(f"{where}: dimensions must be {', '.join(axes)}")
    cells = given.get("cells")
    if not isinstance(cells, list):
        problems.append(f"{where}: cells must be a list")
        return array, sums
    places = []
    for name in axes:
        dimension = programme.dimension(name)
        places.append({c: at for at, c in enumerate((*dimension.codes, dimension.total)[: dimension.size])})
    seen: set[tuple[int, ...]] = set()
    for number, cell in enumerate(cells, 1):
        here = f"{where}: row {number}"
        if not isinstance(cell, dict) or set(cell) != wanted or not isinstance(cell["key"], list):
            problems.append(f"{here}: a cell has key and n" + (", and k like all others" if keyed else ""))
            continue
        key, n = cell["key"], cell["n"]
        if len(key) != len(axes):
            problems.append(f"{here}, column key: {len(axes)} codes are needed")
            continue
        wrong = [
            name
            for name, known, code in zip(axes, places, key, strict=True)
            if not isinstance(code, str) or code not in known
        ]
        problems += [f"{here}, column {name}: unknown code" for name in wrong]
        if not is_whole(n) or not 0 <= n <= LARGEST_COUNT:
            problems.append(f"{here}, column n: must be a whole number, not negative and not too large")
        elif not wrong:
            at = tuple(known[code] for known, code in zip(places, key, strict=True))
            if at in seen:
                problems.append(f"{here}, column key: the cell has been given before")
            seen.add(at)
            array[at] = n
            if keyed:
                if not isinstance(cell["k"], str) or not KEY.match(cell["k"]):
                    problems.append(f"{here}, column k: must be 16 hexadecimal digits")
                    continue
                sums[at] = int(cell["k"], 16)
    return array, sums
