"""`anonymise compare`: what each method and coarser design would show and cost."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from anonymisation.cli.secrets import secret
from anonymisation.cli.writing import write_all
from anonymisation.comparison import compare, svg, text
from anonymisation.comparison.designs import with_method
from anonymisation.counts import Counts
from anonymisation.errors import InputError
from anonymisation.programme import Method, Programme


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "compare",
        help="what each method and coarser design would show and cost; for the owner of the microdata only",
        description="Protects the same counts by every method and in coarser designs (merged categories, pooled"
        " neighbours, fewer tables, pooled years), and holds each against the truth. Publishes nothing. On real counts"
        " the output is for the owner of the microdata only.",
    )
    parser.add_argument("--programme", required=True, type=Path, metavar="P.toml")
    parser.add_argument("--counts", required=True, type=Path, metavar="C.csv|T.json")
    also = "counts of other periods in the same columns, to show what pooled years would"
    parser.add_argument("--also", nargs="+", action="extend", default=[], type=Path, metavar="C.csv", help=also)
    parser.add_argument("--methods", default=",".join(Method), help="default: %(default)s")
    parser.add_argument("--svg", type=Path, metavar="F.svg", help="also draw it")
    parser.add_argument("--json", type=Path, metavar="F.json", help="also write it as JSON")
    parser.add_argument("--key-file", type=Path, metavar="K", help="secret that breaks ties, and for record keys")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare; print the table, write what is asked for."""
    programme = Programme.load(arguments.programme)
    names = arguments.methods.split(",")
    if not set(names) <= set(Method) or len(set(names)) < len(names):
        raise InputError("--methods: must be some of suppress, round, cellkey, dp, each once, with commas between")
    methods = [Method(name) for name in names]
    key = secret(arguments.key_file)
    # A CSV with a column person is read for its record keys, whatever the programme's own method.
    keyed = key and Method.CELLKEY in methods and arguments.counts.suffix.lower() != ".json"
    reader = with_method(programme, Method.CELLKEY) if keyed else programme
    counts = Counts.load(arguments.counts, reader, key=key)
    others = [Counts.load(path, programme) for path in arguments.also]
    found = compare(programme, counts, methods=methods, others=others, key=key)
    files = {}
    if arguments.svg is not None:
        files[arguments.svg] = svg(found)
    if arguments.json is not None:
        files[arguments.json] = found.to_bytes()
    write_all(files, private=frozenset(files))
    sys.stdout.write(text(found))
    return 0
