"""Compile every django.po beside this file to the django.mo that Django reads: run it after each change of a text.

Both are kept under version control, so neither set-up nor a wheel needs a compiler; a test compares them.
Refuses (exit 1) a text that is missing, fuzzy or has other placeholders than its English original.
"""

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).resolve().parent
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def faults_of(catalog: Catalog) -> list[str]:
    """One line for each text that is not translated as it should be."""
    found = []
    for message in catalog:
        if not message.id:
            continue
        if message.fuzzy or not all(_texts(message.string)):
            found.append(f"{catalog.locale}: not translated: {message.id}")
        elif any(_placeholders(text) != _placeholders(_texts(message.id)[0]) for text in _texts(message.string)):
            found.append(f"{catalog.locale}: other placeholders: {message.id}")
    return found


def compile_all(folder: Path = HERE) -> list[str]:
    """Write a django.mo beside each django.po; the faults found, which leave that language uncompiled."""
    faults = []
    for source in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parent.parent.name, domain="django")
        found = faults_of(catalog)
        faults += found
        if not found:
            part = source.with_suffix(".mo.part")
            with part.open("wb") as file:
                write_mo(file, catalog)
            part.replace(source.with_suffix(".mo"))
    return faults


def _texts(of: Message | str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of)


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


if __name__ == "__main__":
    problems = compile_all()
    sys.stderr.write("".join(f"{line}\n" for line in problems))
    sys.exit(1 if problems else 0)
