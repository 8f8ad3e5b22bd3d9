"""The `anonymise` command: parses, calls one function, writes files or refuses (FORMATS.md section 1)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from anonymisation.cli import auditing, comparing, counting, protecting
from anonymisation.errors import InputError, NoSafeRelease

# Each module has `add(commands)`, which adds its subcommand with a function `run(arguments) -> int`.
SUBCOMMANDS = (protecting, auditing, comparing, counting)

EXIT_CODES = (
    "exit codes: 0 done, or nothing is disclosed; 1 (audit) something is disclosed, or not everything could be"
    " checked; 2 bad input, one line for each problem and nothing written; 3 (protect) no safe release exists or none"
    " was proven."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 disclosed, 2 bad input, 3 no safe release."""
    parser = argparse.ArgumentParser(
        prog="anonymise",
        description="Protect tables of counts, and attack them. The guide is platform/docs/anonymise.md.",
        epilog=EXIT_CODES,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for subcommand in SUBCOMMANDS:
        subcommand.add(commands)
    for command in commands.choices.values():
        command.epilog = EXIT_CODES
    parsed = parser.parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except InputError as refused:
        for line in refused.problems:
            sys.stderr.write(" ".join(line.split()) + "\n")
        return 2
    except NoSafeRelease as refused:
        sys.stderr.write(f"{refused}\n")
        return 3
    except MemoryError:
        sys.stderr.write("the input needs more memory than there is\n")
        return 2
    return code
