"""`anonymise protect`."""

from __future__ import annotations

import argparse
from pathlib import Path

from anonymisation.cli.secrets import secret
from anonymisation.cli.writing import write_all
from anonymisation.costs import load_costs
from anonymisation.counts import Counts
from anonymisation.errors import InputError
from anonymisation.programme import Programme
from anonymisation.protection import protect
from anonymisation.release import Release


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "protect",
        help="make a release in which nobody is disclosed",
        description="Protects the counts by the programme's method, and writes a release in which nobody is disclosed"
        " (Safe, platform/docs/FORMATS.md), or nothing. Same input and same key, same bytes, except for dp.",
    )
    parser.add_argument("--programme", required=True, type=Path, metavar="P.toml")
    parser.add_argument("--counts", required=True, type=Path, metavar="C.csv|T.json")
    parser.add_argument("--out", required=True, type=Path, metavar="R.json")
    parser.add_argument("--history", nargs="+", action="extend", default=[], type=Path, metavar="H.json")
    parser.add_argument("--private-report", type=Path, metavar="D.json", help="never publish it")
    parser.add_argument("--key-file", type=Path, metavar="K", help="secret that breaks ties, and for record keys")
    parser.add_argument("--costs", type=Path, metavar="W.csv", help="what hiding single cells costs, for suppress")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Protect; write the release, and the private report where asked for."""
    if arguments.private_report is not None and arguments.private_report.resolve() == arguments.out.resolve():
        raise InputError("--private-report: is the same file as --out, which is published")
    programme = Programme.load(arguments.programme)
    key = secret(arguments.key_file)
    counts = Counts.load(arguments.counts, programme, key=key)
    history = [Release.load(path) for path in arguments.history]
    costs = None if arguments.costs is None else load_costs(arguments.costs, programme)
    done = protect(programme, counts, history=history, key=key, costs=costs)
    files = {arguments.out: done.release.to_bytes()}
    if arguments.private_report is not None:
        files[arguments.private_report] = done.report_bytes()
    write_all(files, private=frozenset({arguments.private_report} - {None}))
    return 0
