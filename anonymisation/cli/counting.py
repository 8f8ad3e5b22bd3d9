"""`anonymise counts`: from rows to the agreed tables alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from anonymisation.cli.writing import write_all
from anonymisation.counts import Counts
from anonymisation.programme import Programme


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("counts", help="count rows into the programme's tables")
    parser.add_argument("--programme", required=True, type=Path, metavar="P.toml")
    parser.add_argument("--counts", required=True, type=Path, metavar="C.csv")
    parser.add_argument("--out", required=True, type=Path, metavar="T.json")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Count and write."""
    counts = Counts.load(arguments.counts, Programme.load(arguments.programme))
    write_all({arguments.out: counts.to_bytes()}, private=frozenset({arguments.out}))
    return 0
