"""Kinds of people, as the published cells can tell them apart, and the cheapest kind to add.

A kind has one part of each dimension, and of a multi dimension any set of codes; which cells count it follows. There
may be far more kinds than can be listed, so the cheapest is found by eliminating one dimension after the other
(dynamic programming over the tables; Bertelè and Brioschi, Nonserial Dynamic Programming, 1972).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from anonymisation.cells import Cells, Ints
from anonymisation.errors import NoSafeRelease
from anonymisation.programme import Dimension, Programme

LARGEST_CLIQUE = 4_000_000
"""The most combinations that one step of the elimination may hold (8 bytes each, some times over)."""

Variables = tuple[int, ...]


@dataclass(frozen=True)
class Factor:
    """Cells by the values of some variables, in ascending order: `grid` holds numbers of cells, -1 for none."""

    variables: Variables
    grid: Ints


@dataclass(frozen=True)
class Step:
    """Eliminate `variable`: `inputs` are factors (from 0) and earlier messages, each with its shape in the clique."""

    variable: int
    clique: Variables
    inputs: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Kinds:
    """Variables with their sizes, what cells they decide, and the plan by which they are eliminated.

    `together` are groups of variables of which at least one must be 1 (the codes of a complete multi dimension).
    """

    sizes: tuple[int, ...]
    factors: tuple[Factor, ...]
    steps: tuple[Step, ...]
    together: tuple[Variables, ...]

    def cheapest(self, cost: Ints) -> tuple[int, ...]:
        """Return the kind (a value for each variable) with the least sum of `cost` (c,) over the cells that count it.

        Where a complete list would be left without a code, the cheapest code is added.
        """
        padded = np.append(cost, 0)
        arrays = [padded[factor.grid] for factor in self.factors]
        choices = []
        for step in self.steps:
            shape = tuple(self.sizes[v] for v in step.clique)
            total = np.zeros(shape, dtype=np.int64)
            for at, spread in step.inputs:
                total += arrays[at].reshape(spread)
            axis = step.clique.index(step.variable)
            choices.append(total.argmin(axis=axis))
            arrays.append(total.min(axis=axis))
        kind = [0] * len(self.sizes)
        for step, choice in zip(reversed(self.steps), reversed(choices), strict=True):
            kind[step.variable] = int(choice[tuple(kind[v] for v in step.clique if v != step.variable)])
        for codes in self.together:
            if not any(kind[v] for v in codes):
                trials = [[*kind[:v], 1, *kind[v + 1 :]] for v in codes]
                kind = min(trials, key=lambda trial: int(padded[self.cells(trial)].sum()))
        return tuple(kind)

    def cells(self, kind: Sequence[int]) -> Ints:
        """Return the numbers of the cells that count a kind."""
        found = np.array([factor.grid[tuple(kind[v] for v in factor.variables)] for factor in self.factors])
        return found[found >= 0]


def build(cells: Cells) -> Kinds:
    """Return the kinds of people that a programme's published cells can tell apart."""
    names, sizes, parts = _variables(cells)
    seen = np.zeros(len(cells.people) + 1, dtype=bool)
    factors = []
    for variables, grid in _grids(cells, names, parts):
        # A cell that two tables publish counts once.
        fresh = np.where(seen[grid], -1, grid)
        if (fresh >= 0).any():
            factors.append(Factor(variables, fresh))
            seen[fresh[fresh >= 0]] = True
    programme = cells.programme
    together = tuple(
        tuple(names[d.name, code] for code in d.codes)
        for d in programme.dimensions
        if d.multi and d.complete and all((d.name, code) in names for code in d.codes)
    )
    return Kinds(tuple(sizes), tuple(factors), _plan(sizes, factors, programme), together)


def _variables(cells: Cells) -> tuple[dict[tuple[str, str], int], list[int], dict[str, list[tuple[str, ...]]]]:
    """Return variables by dimension (and code, for a multi one), their sizes, and each dimension's parts.

    A part is told by the published codes that hold it.
    """
    programme = cells.programme
    names: dict[tuple[str, str], int] = {}
    sizes: list[int] = []
    parts: dict[str, list[tuple[str, ...]]] = {}
    for dimension in programme.dimensions:
        codes = _codes(programme, dimension)
        if dimension.multi:
            for code in codes:
                names[dimension.name, code] = len(sizes)
                sizes.append(2)
            continue
        leaves = cells.contributors if dimension.name == programme.contributor else dimension.codes
        places = [dimension.codes.index(leaf) for leaf in leaves]
        parts[dimension.name] = list(
            dict.fromkeys(tuple(c for c in codes if place in dimension.members[c]) for place in places)
        )
        names[dimension.name, ""] = len(sizes)
        sizes.append(len(parts[dimension.name]))
    return names, sizes, parts


def _codes(programme: Programme, dimension: Dimension) -> list[str]:
    """Return the codes other than the total that some table publishes."""
    levels = {
        level
        for table in programme.tables
        for name, chosen in zip(table.dimensions, table.levels, strict=True)
        for level in chosen
        if name == dimension.name and level != "total"
    }
    return [code for level in dimension.level_names if level in levels for code in dimension.at_level(level)]


def _grids(
    cells: Cells, names: dict[tuple[str, str], int], parts: dict[str, list[tuple[str, ...]]]
) -> Iterator[tuple[Variables, Ints]]:
    """Give, for each table and combination of levels, its variables and the numbers of its cells."""
    programme = cells.programme
    for table in programme.tables:
        numbers: dict[tuple[str | None, ...], int] = dict(
            zip(table.published(programme), cells.places[table.id].tolist(), strict=True)
        )
        axes = []
        for name, levels in zip(table.dimensions, table.levels, strict=True):
            axes.append([one for level in levels for one in _axis(programme.dimension(name), level, names, parts)])
        for chosen in product(*axes):
            variables = tuple(variable for variable, _ in chosen if variable is not None)
            keys = product(*(codes for _, codes in chosen))
            # A None stands for people without the code: no cell.
            flat = [numbers.get(key, -1) for key in keys]
            shape = [len(codes) for variable, codes in chosen if variable is not None]
            order = sorted(range(len(variables)), key=variables.__getitem__)
            grid = np.array(flat, dtype=np.int64).reshape(shape).transpose(order)
            yield tuple(sorted(variables)), grid


def _axis(
    dimension: Dimension, level: str, names: dict[tuple[str, str], int], parts: dict[str, list[tuple[str, ...]]]
) -> Iterator[tuple[int | None, tuple[str | None, ...]]]:
    """Give the variable of a dimension's level with the code that each of its values has."""
    if level == "total":
        yield None, (dimension.total,)
    elif dimension.multi:
        for code in dimension.codes:
            yield names[dimension.name, code], (None, code)
    else:
        codes = set(dimension.at_level(level))
        yield names[dimension.name, ""], tuple(next(c for c in part if c in codes) for part in parts[dimension.name])


def _plan(sizes: Sequence[int], factors: Sequence[Factor], programme: Programme) -> tuple[Step, ...]:
    """Order the variables so that the cliques stay small: always the one that makes the smallest next."""
    scopes: list[Variables] = [factor.variables for factor in factors]
    open_ = set(range(len(scopes)))
    left = set(range(len(sizes)))
    steps = []
    while left:
        cliques = {v: tuple(sorted({v}.union(*(scopes[f] for f in open_ if v in scopes[f])))) for v in left}
        variable = min(left, key=lambda v: (prod(sizes[u] for u in cliques[v]), v))
        clique = cliques[variable]
        if prod(sizes[v] for v in clique) > LARGEST_CLIQUE:
            names = ", ".join(table.id for table in programme.tables)
            raise NoSafeRelease(f"tables {names} are linked too densely to be fitted together: publish fewer")
        used = sorted(f for f in open_ if variable in scopes[f])
        spread = tuple((f, tuple(sizes[v] if v in scopes[f] else 1 for v in clique)) for f in used)
        steps.append(Step(variable, clique, spread))
        open_ -= set(used)
        open_.add(len(scopes))
        scopes.append(tuple(v for v in clique if v != variable))
        left.remove(variable)
    return tuple(steps)
