"""`anonymise counts`: from rows to the agreed tables alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from anonymisation.cli.secrets import secret
from anonymisation.cli.writing import write_all
from anonymisation.counts import Counts
from anonymisation.programme import Programme


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "counts",
        help="count rows into the programme's tables",
        description="Counts a CSV of persons or of cells into the programme's tables and writes those alone.",
    )
    parser.add_argument("--programme", required=True, type=Path, metavar="P.toml")
    parser.add_argument("--counts", required=True, type=Path, metavar="C.csv")
    parser.add_argument("--out", required=True, type=Path, metavar="T.json")
    parser.add_argument("--key-file", type=Path, metavar="K", help="secret for record keys (method cellkey)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Count and write."""
    programme = Programme.load(arguments.programme)
    counts = Counts.load(arguments.counts, programme, key=secret(arguments.key_file))
    write_all({arguments.out: counts.to_bytes()}, private=frozenset({arguments.out}))
    return 0
