"""Programmes of a few lines, for what can be followed by hand."""

import numpy as np

from anonymisation import Counts, Programme
from anonymisation.attack import sight
from anonymisation.attack.sight import Publication
from tests.oracle.adapter import publish

PLACES = 'codes = ["A", "B", "C"]\nlevels = { side = { WEST = ["A", "B"], EAST = ["C"] } }'
COARSE = 'codes = ["IN", "OUT"]'
FINE = 'codes = ["OWN", "RENT", "OUT"]\nlevels = { roof = { IN = ["OWN", "RENT"], NO_ROOF = ["OUT"] } }'
NEEDS = 'codes = ["X"]\nmulti = true'
"""Bodies of dimensions; every total is ALL."""


def programme(
    *tables: str,
    name: str = "now",
    policy: str = "threshold = 3",
    owned: bool = True,
    more: str = "",
    **dimensions: str,
) -> Programme:
    """A programme of tables like "place kind", or "place kind!" for a sensitive one; `place` contributes if `owned`.

    `more` is said of each table.
    """
    text = f'[programme]\nid = "{name}"\nperiod = "2026"\npopulation = "people"\n'
    text += 'contributor = "place"\n' * owned + f"[policy]\n{policy}\n"
    text += "".join(f'[dimensions.{each}]\ntotal = "ALL"\n{body}\n' for each, body in dimensions.items())
    for table in tables:
        axes = ", ".join(f'"{axis}"' for axis in table.rstrip("!").split())
        text += f'[[tables]]\nid = "{table.rstrip("!")}"\ndimensions = [{axes}]\n'
        text += "sensitive = true\n" * table.endswith("!") + more
    return Programme.parse(text)


def counts(told: Programme, *tables: list, contributors: tuple[str, ...] | None = None) -> Counts:
    """Counts of a programme, a nested list for each table in their order."""
    arrays = {table.id: np.array(values) for table, values in zip(told.tables, tables, strict=True)}
    return Counts.from_tables(told, arrays, contributors=contributors)


def seen(known: Counts, *hidden: tuple[str, tuple[str, ...]]) -> Publication:
    """What an attacker sees of a release of true values with some cells hidden."""
    return sight.publication(publish(known, set(hidden)))
