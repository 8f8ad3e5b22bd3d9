"""Counts of people for one programme: frozen arrays, one for each table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anonymisation.errors import CountsError
from anonymisation.programme import Programme, Table
from anonymisation.reading import LARGEST_COUNT, canonical

Array = NDArray[np.int64]
Keys = NDArray[np.uint64]
FORMAT = "anonymise/counts/1"
LARGEST_CROSS = 50_000_000


def shape_of(programme: Programme, table: Table) -> tuple[int, ...]:
    """Return the shape of a table's counts over `table.axes(programme)`; a multi axis ends with the people total."""
    shape = tuple(programme.dimension(name).size for name in table.axes(programme))
    if prod(shape) > LARGEST_CROSS:
        raise CountsError(f"table {table.id}: its full cross is larger than {LARGEST_CROSS} counts")
    return shape


def margin(programme: Programme, axes: Sequence[str], array: NDArray[Any], keep: Sequence[str]) -> NDArray[Any]:
    """Return the margin of `array` (over `axes`) over the axes in `keep`, in the order of `keep`.

    An ordinary axis is summed away; of a multi axis the people total is taken.
    """
    for at in range(len(axes) - 1, -1, -1):
        if axes[at] not in keep:
            multi = programme.dimension(axes[at]).multi
            array = np.asarray(array.take(-1, axis=at) if multi else array.sum(axis=at))
    left = [name for name in axes if name in keep]
    return array.transpose([left.index(name) for name in keep])


@dataclass(frozen=True)
class Counts:
    """True counts at leaf level.

    `tables[id]` is an int64 array over `table.axes(programme)` (the table's dimensions, the contributor's last if it is
    not among them); the axis of a multi dimension has one place more, the last, for the people total; read-only.
    `contributors` are the codes that delivered, in the programme's order; the others' counts are zero and mean nothing.
    A region total is the sum over those that delivered: an absent municipality is not in the system at all, its own
    cells are hidden as `waiting`, and so is a group of contributors none of whom delivered.
    `keys[id]`, for cell keys only, are the sums of the record keys of those in each leaf cell, modulo 2**64.
    """

    programme: Programme
    tables: Mapping[str, Array] = field(compare=False)
    contributors: tuple[str, ...]
    keys: Mapping[str, Keys] | None = field(default=None, compare=False, repr=False)
    _bytes: bytes = field(default=b"", repr=False)

    @classmethod
    def load(
        cls,
        path: Path | str,
        programme: Programme,
        *,
        contributors: Sequence[str] | None = None,
        key: bytes | None = b"",
    ) -> Counts:
        """Read C.csv (streaming) or T.json by the name's end; raise `CountsError` with one line per problem.

        `contributors` says who delivered; default: everyone in the programme. `key` is the secret from which record
        keys are made, for method cellkey and a CSV of persons with a column `person`; None: they are not needed.
        """
        from anonymisation.counts_reading import load  # noqa: PLC0415 - the readers build on these values

        return load(Path(path), programme, contributors=contributors, key=key)

    @classmethod
    def parse(
        cls,
        text: str | bytes,
        programme: Programme,
        *,
        source: str = "counts",
        contributors: Sequence[str] | None = None,
    ) -> Counts:
        """Read the text of a T.json; raise `CountsError` with one line per problem."""
        from anonymisation.counts_reading import parse_tables  # noqa: PLC0415 - the readers build on these values

        return parse_tables(text, programme, source=source, contributors=contributors)

    @classmethod
    def from_tables(
        cls,
        programme: Programme,
        tables: Mapping[str, Array],
        *,
        contributors: Sequence[str] | None = None,
        keys: Mapping[str, Keys] | None = None,
        source: str = "counts",
    ) -> Counts:
        """Check arrays (one for each table, over its axes) and freeze them; raise `CountsError`."""
        if set(tables) != {table.id for table in programme.tables}:
            raise CountsError(f"{source}: needs counts for exactly the programme's tables")
        frozen = {}
        for table in programme.tables:
            array = np.asarray(tables[table.id])
            if array.dtype.kind not in "iu" or array.shape != shape_of(programme, table):
                raise CountsError(f"{source}: table {table.id}: needs whole numbers over {table.axes(programme)}")
            # As floating point numbers: a sum of whole ones could itself overflow.
            if array.size and (array.min() < 0 or array.sum(dtype=float) > LARGEST_COUNT):
                raise CountsError(f"{source}: table {table.id}: a count is negative, or all together are too large")
            array = array.astype(np.int64)
            array.flags.writeable = False
            frozen[table.id] = array
        who = programme.contributors if contributors is None else tuple(contributors)
        if unknown := sorted(set(who) - set(programme.contributors)):
            raise CountsError(f"{source}: {', '.join(unknown)}: not a contributor of the programme")
        if len(set(who)) != len(who):
            raise CountsError(f"{source}: a contributor is named twice")
        who = tuple(code for code in programme.contributors if code in who)
        sums = None if keys is None else _frozen_keys(programme, frozen, keys, source)
        problems = [*_absent(programme, frozen, who), *_lists(programme, frozen), *_disagreements(programme, frozen)]
        problems += [] if sums is None else _disagreements(programme, sums, what="record keys")
        if problems:
            raise CountsError([f"{source}: {line}" for line in problems])
        raw = b"".join(frozen[table.id].tobytes() for table in programme.tables)
        raw += b"" if sums is None else b"".join(sums[table.id].tobytes() for table in programme.tables)
        return cls(programme, MappingProxyType(frozen), who, None if sums is None else MappingProxyType(sums), raw)

    @classmethod
    def merge(cls, parts: Iterable[Counts]) -> Counts:
        """Join what each contributor sent into one; raise `CountsError` where two parts hold the same contributor."""
        parts = list(parts)
        if not parts:
            raise CountsError("counts: nobody delivered")
        programme = parts[0].programme
        if any(part.programme != programme for part in parts):
            raise CountsError("counts: the parts are of different programmes")
        who = [code for part in parts for code in part.contributors]
        total = {t.id: np.sum([part.tables[t.id] for part in parts], axis=0) for t in programme.tables}
        given = [part.keys for part in parts if part.keys is not None]
        if given and len(given) < len(parts):
            raise CountsError("counts: some parts hold record keys and some do not")
        keys = {t.id: np.stack([one[t.id] for one in given]).sum(axis=0) for t in programme.tables if given}
        return cls.from_tables(programme, total, contributors=who, keys=keys if given else None)

    def of(self, contributor: str) -> Counts:
        """Return one contributor's own counts alone: what it sends, and what it knows as an insider."""
        at = self.programme.contributors.index(contributor)
        own, keys = {}, {}
        for table in self.programme.tables:
            axes = table.axes(self.programme)
            axis = axes.index(str(self.programme.contributor))
            mask = np.zeros(shape_of(self.programme, table)[axis], dtype=np.int64)
            mask[at] = 1
            mask = mask.reshape([-1 if a == axis else 1 for a in range(len(axes))])
            own[table.id] = self.tables[table.id] * mask
            if self.keys is not None:
                keys[table.id] = self.keys[table.id] * mask.astype(np.uint64)
        given = None if self.keys is None else keys
        return Counts.from_tables(self.programme, own, contributors=(contributor,), keys=given)

    def to_json(self) -> dict[str, Any]:
        """Return the T.json object: non-empty leaf cells of each table."""
        tables = []
        for table in self.programme.tables:
            axes = table.axes(self.programme)
            dimensions = [self.programme.dimension(name) for name in axes]
            codes = [(*d.codes, d.total) if d.multi else d.codes for d in dimensions]
            array = self.tables[table.id]
            cells: list[dict[str, Any]] = [
                {"key": [codes[axis][i] for axis, i in enumerate(at)], "n": int(array[tuple(at)])}
                for at in np.argwhere(array)
            ]
            for cell, at in zip(cells, np.argwhere(array), strict=True):
                if self.keys is not None:
                    cell["k"] = f"{int(self.keys[table.id][tuple(at)]):016x}"
            tables.append({"id": table.id, "dimensions": list(axes), "cells": cells})
        return {"format": FORMAT, "programme_sha256": self.programme.sha256, "tables": tables}

    def to_bytes(self) -> bytes:
        """Return T.json, canonical."""
        return canonical(self.to_json())


def _frozen_keys(
    programme: Programme, tables: Mapping[str, Array], keys: Mapping[str, Keys], source: str
) -> dict[str, Keys]:
    """Check and freeze sums of record keys: nobody in a cell, no key."""
    frozen = {}
    for table in programme.tables:
        array = np.asarray(keys.get(table.id))
        if array.dtype != np.uint64 or array.shape != tables[table.id].shape or array[tables[table.id] == 0].any():
            raise CountsError(f"{source}: table {table.id}: its record keys do not fit its counts")
        array = array.copy()
        array.flags.writeable = False
        frozen[table.id] = array
    return frozen


def _absent(programme: Programme, tables: Mapping[str, Array], who: tuple[str, ...]) -> Iterable[str]:
    """Counts of contributors that did not deliver must be zero."""
    gone = [at for at, code in enumerate(programme.contributors) if code not in who]
    for table in programme.tables if gone else ():
        axis = table.axes(programme).index(str(programme.contributor))
        if tables[table.id].take(gone, axis=axis).any():
            yield f"table {table.id}: holds counts of a contributor that did not deliver"


def _lists(programme: Programme, tables: Mapping[str, Array]) -> Iterable[str]:
    """Codes of a multi dimension: each between 0 and the people total; complete ones cover everyone."""
    for table in programme.tables:
        array, axes = tables[table.id], table.axes(programme)
        multi = [at for at, name in enumerate(axes) if programme.dimension(name).multi]
        for at in multi:
            total, codes = array.take([-1], axis=at), array.take(range(array.shape[at] - 1), axis=at)
            if (codes > total).any():
                yield f"table {table.id}: a count under a code of {axes[at]} exceeds the people total"
            if programme.dimension(axes[at]).complete and (codes.sum(axis=at, keepdims=True) < total).any():
                yield f"table {table.id}: {axes[at]} is complete, but its codes do not cover everyone"
        for a, b in combinations(multi, 2):
            both = array.take(range(array.shape[a] - 1), axis=a).take(range(array.shape[b] - 1), axis=b)
            one = array.take(range(array.shape[a] - 1), axis=a).take([-1], axis=b)
            other = array.take([-1], axis=a).take(range(array.shape[b] - 1), axis=b)
            if (one + other - both > array.take([-1], axis=a).take([-1], axis=b)).any():
                yield f"table {table.id}: {axes[a]} and {axes[b]} cannot hold together"


def _disagreements(
    programme: Programme, tables: Mapping[str, Array] | Mapping[str, Keys], *, what: str = ""
) -> Iterable[str]:
    """Tables that share a margin must agree on it, each contributor alone."""
    for one, other in combinations(programme.tables, 2):
        first, second = one.axes(programme), other.axes(programme)
        shared = [name for name in first if name in second]
        here = margin(programme, first, tables[one.id], shared)
        there = margin(programme, second, tables[other.id], shared)
        if (here != there).any():
            over = ", ".join(shared) or "everyone"
            of = f"{what} of the margin" if what else "the margin"
            yield f"tables {one.id} and {other.id}: disagree on {of} over {over}"
