"""The `anonymise` command: parses, calls one function, writes files or refuses (FORMATS.md section 1)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from anonymisation.errors import InputError, NoSafeRelease

# Each module has `add(commands)`, which adds its subcommand with a function `run(arguments) -> int`.
SUBCOMMANDS = ("protecting", "counting", "auditing", "comparing")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 disclosed, 2 bad input, 3 no safe release."""
    parser = argparse.ArgumentParser(prog="anonymise", description="Protect tables of counts, and attack them.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in SUBCOMMANDS:
        if find_spec(f"anonymisation.cli.{name}"):
            import_module(f"anonymisation.cli.{name}").add(commands)
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
