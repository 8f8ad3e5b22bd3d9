"""`anonymise audit`: attack a release and say what comes out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from anonymisation.attack import audit
from anonymisation.cli.writing import write_all
from anonymisation.counts import Counts
from anonymisation.errors import ReleaseError
from anonymisation.programme import Programme
from anonymisation.reading import canonical
from anonymisation.release import Release


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "audit",
        help="attack a release; exit 1 where something is disclosed",
        description="Attacks a release with everything that was released before, as the public; with the truth also as"
        " each contributor. Code of its own, which shares nothing with what protects.",
    )
    parser.add_argument("--programme", required=True, type=Path, metavar="P.toml")
    parser.add_argument("--release", required=True, type=Path, metavar="R.json")
    parser.add_argument("--history", nargs="+", action="extend", default=[], type=Path, metavar="H.json")
    parser.add_argument("--truth", type=Path, metavar="C.csv|T.json", help="also play each contributor")
    parser.add_argument("--report", type=Path, metavar="A.json")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Audit; 0 where nothing is disclosed and all was checked, else 1."""
    programme = Programme.load(arguments.programme)
    release = Release.load(arguments.release)
    if release.programme.sha256 != programme.sha256:
        raise ReleaseError(f"{arguments.release.name}: is not of this programme")
    history = [Release.load(path) for path in arguments.history]
    counts = None
    if arguments.truth is not None:
        # Whoever attacks has no use for the secret behind record keys.
        counts = Counts.load(arguments.truth, programme, contributors=release.contributors, key=None)
    report = audit(release, history=history, counts=counts)
    if arguments.report is not None:
        # The ranges are for the owner of the truth: they are what an attacker would have to compute.
        write_all({arguments.report: canonical(report.to_json())}, private=frozenset({arguments.report}))
    disclosed = sum(len(attacker.disclosed) for attacker in report.attackers)
    unfinished = sum(attacker.unfinished for attacker in report.attackers)
    told = f"{len(report.attackers)} attackers: {disclosed} quantities disclosed, {unfinished} not settled"
    sys.stdout.write(("safe\n" if report.safe else "NOT safe\n") + told + "\n")
    return 0 if report.safe else 1
