"""Tokens that cannot occur by chance and cannot be compressed, and a scan that finds them in any file.

A token in clear is found as it stands, in UTF-16, in hexadecimal (as a dump writes bytes) and in Base64.
"""

import base64
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def _random(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


# All tokens of a process begin alike, so that one look for the beginning tells whether any of them is there.
BEGINNING = "Q" + _random(17)


def token() -> str:
    """30 characters, the last 12 new; it begins with a letter so that no cell takes it for a number."""
    return BEGINNING + _random(12)


@cache
def forms(found: str) -> tuple[bytes, ...]:
    """The bytes by which the token would show, each once."""
    plain = found.encode()
    # Base64 depends on where the token begins within three bytes: the middle of each of the three forms.
    encoded = [base64.b64encode(b"\0" * shift + plain)[4 : len(plain) // 3 * 4] for shift in range(3)]
    wide = found.encode("utf-16-le")
    return tuple(dict.fromkeys([plain, wide, plain.hex().encode(), plain.hex().upper().encode(), *encoded]))


@dataclass
class Scan:
    """Where tokens show: place → tokens."""

    tokens: list[str]
    found: dict[str, set[str]] = field(default_factory=dict)

    def folder(self, place: str, folder: Path, *, but: Path | None = None) -> None:
        """Read every file below the folder; ``but``: a part of it that is looked at as a place of its own."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not (but and path.is_relative_to(but)):
                with suppress(FileNotFoundError):  # a server took it away meanwhile: nothing of it is at rest
                    self.bytes(place, path.read_bytes())

    def bytes(self, place: str, content: bytes) -> None:
        """Look at some bytes."""
        self.found.setdefault(place, set())
        any_token = any(form in content for form in _BEGINNINGS)
        for one in self.tokens:
            if one.startswith(BEGINNING) and not any_token:
                continue
            if any(form in content for form in forms(one)):
                self.found[place].add(one)


_BEGINNINGS = forms(BEGINNING)
