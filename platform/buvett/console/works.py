"""Pieces of work that a child does as one kind of process: `python -m buvett.console.works NAME < request`.

The request is one line of JSON and then the bytes of a file, if any; the answer is one line of JSON on standard
output. Nothing confidential is on a command line, where every user of the machine could read it.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module

import django

from buvett.console.requests import WORKS, Answer, Request, WorkRefused


def main() -> int:
    """Do one piece of work; 0, or 2 with one line on standard error."""
    name = sys.argv[1]
    line = sys.stdin.buffer.readline()
    request = Request(options=json.loads(line), content=sys.stdin.buffer.read())
    try:
        django.setup()
        _check_roles()
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
    module = import_module(f"buvett.console.{WORKS[name][1]}")
    work: Callable[[Request], Answer] = module.WORKS[name]
    return work


def _check_roles() -> None:
    from buvett.startup import check_roles  # noqa: PLC0415 - settings are there after django.setup() only

    check_roles()


def _place(error: Exception) -> str:
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = f" at {at.tb_frame.f_globals.get('__name__', '?')}:{at.tb_lineno}" if at else ""
    return f"{type(error).__name__}{where}"


if __name__ == "__main__":
    sys.exit(main())
