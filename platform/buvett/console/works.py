"""Pieces of work that a child does as one kind of process: `python -m buvett.console.works NAME < request`.

The request is one line of JSON and then the bytes of a file, if any; the answer is one line of JSON on standard
output. Nothing confidential is on a command line, where every user of the machine could read it.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import django

from buvett.services.roles import Process

Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for: plain options and the bytes of a file."""

    options: Mapping[str, Any]
    content: bytes


# Which kind of process does what; the module is imported in the child alone.
PROCESSES: Mapping[str, Process] = {
    "install": Process.OWNER,
    "migrate": Process.OWNER,
    "population": Process.OWNER,
    "people": Process.WEB,
    "import": Process.WEB,
    "counts": Process.WEB,
    "open": Process.PUBLISHER,
    "publish": Process.PUBLISHER,
    "contribute": Process.CONTRIBUTOR,
    "await": Process.WEB,
}


class WorkRefused(Exception):
    """The work was refused; the message is one sentence, without any confidential value. Exit code 2."""


def main() -> int:
    """Do one piece of work; 0, or 2 with one line on standard error."""
    name = sys.argv[1]
    line = sys.stdin.buffer.readline()
    request = Request(options=json.loads(line), content=sys.stdin.buffer.read())
    try:
        django.setup()
        answer = _work(name)(request)
    except WorkRefused as refusal:
        print(f"buvett: {refusal}", file=sys.stderr)
        return 2
    except Exception as error:  # noqa: BLE001 - a stack trace could quote a value; the kind and the place cannot
        print(f"buvett: {name} failed: {_place(error)}", file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False))
    return 0


def _work(name: str) -> Callable[[Request], Answer]:
    # Models can be imported only now: after django.setup(), in the process that they are for.
    from buvett.console import owner_works, push_works, register_works  # noqa: PLC0415

    return {**owner_works.WORKS, **register_works.WORKS, **push_works.WORKS}[name]


def _place(error: Exception) -> str:
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = f" at {at.tb_frame.f_globals.get('__name__', '?')}:{at.tb_lineno}" if at else ""
    return f"{type(error).__name__}{where}"


if __name__ == "__main__":
    sys.exit(main())
