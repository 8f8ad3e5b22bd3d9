"""Strict reading of JSON: no repeated key, no NaN, no fraction where a whole number is meant."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

LARGEST_JSON = 64 * 1024 * 1024
LARGEST_COUNT = 10**12


def json_object(text: str | bytes, *, source: str, error: type[Exception]) -> dict[str, Any]:
    """Return the one JSON object in `text`; raise `error` with a line that starts with `source`."""

    def refuse(what: str) -> NoReturn:
        raise error(f"{source}: {what}")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            refuse("a key is repeated in an object")
        return found

    def constant(name: str) -> NoReturn:
        refuse(f"{name} is not a number")

    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except UnicodeDecodeError:
        refuse("not UTF-8")
    except json.JSONDecodeError as problem:
        refuse(f"row {problem.lineno}, column {problem.colno}: not JSON, or cut off")
    except (RecursionError, ValueError):
        refuse("not JSON that can be read")
    if not isinstance(value, dict):
        refuse("not a JSON object")
    return value


def file_bytes(path: Path | str, *, error: type[Exception], largest: int = LARGEST_JSON) -> bytes:
    """Return a file's bytes; raise `error` where it is absent, unreadable or larger than `largest` bytes."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            # A pipe or a device has no size to ask for.
            found = file.read(largest + 1)
    except OSError as problem:
        raise error(f"{path.name or path}: cannot be read ({problem.strerror})") from None
    if len(found) > largest:
        raise error(f"{path.name}: larger than {largest // 2**20} MiB")
    return found


def unknown_keys(found: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the keys of `found` that are not `known`, sorted."""
    return sorted(set(found) - set(known))


def is_whole(value: object) -> bool:
    """Tell whether `value` is an int and not a bool."""
    return isinstance(value, int) and not isinstance(value, bool)


def canonical(value: object) -> bytes:
    """Return `value` as canonical JSON: keys sorted, no blanks, UTF-8, a line feed at the end."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()
