"""Names of keys: which root key wraps what, and where the wrapped key lies.

A name is one to eight segments joined by `/`; a segment is lower-case letters and digits, in groups joined by single
hyphens. So a name is a safe path, and becomes a file or variable name and back without loss.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenants.vault.errors import NameRefused

if TYPE_CHECKING:
    from uuid import UUID

    from tenants.vault.compartments import Compartment

_SEGMENT = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_NAME = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,7}}")
_LONGEST = 200


def checked(name: str) -> str:
    """The name itself. Raises `NameRefused` outside the grammar."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise NameRefused("a key name is lower-case segments of letters, digits and single hyphens, joined by /")
    return name


def as_file(name: str) -> str:
    """File name of a key name, without ending: `/` becomes `~` (a systemd credential may be named so too).

    >>> as_file("region/vt/signing")
    'region~vt~signing'
    """
    return checked(name).replace("/", "~")


def from_file(stem: str) -> str:
    """Key name of a file name without ending. Raises `NameRefused` where there is none."""
    return checked(stem.replace("~", "/"))


def as_variable(name: str) -> str:
    """Environment variable of a key name: a hyphen becomes `_`, a slash `__`.

    >>> as_variable("region/vest-telemark/signing")
    'BUVETT_KEY_REGION__VEST_TELEMARK__SIGNING'
    """
    return "BUVETT_KEY_" + checked(name).replace("-", "_").replace("/", "__").upper()


def from_variable(variable: str) -> str:
    """Key name of an environment variable made by `as_variable`. Raises `NameRefused` for any other."""
    if not variable.startswith("BUVETT_KEY_") or variable != variable.upper():
        raise NameRefused("not a variable that holds a key")
    return checked(variable.removeprefix("BUVETT_KEY_").replace("__", "/").replace("_", "-").lower())


@dataclass(frozen=True, slots=True)
class KeyName:
    """Where a key lies (`entry`, a name in the key store) and which root key wraps it (`root`, a name in the KMS)."""

    entry: str
    root: str

    def __post_init__(self) -> None:
        checked(self.entry)
        checked(self.root)


def compartment_key(municipality: UUID, compartment: Compartment) -> KeyName:
    """The data key of one compartment of a municipality: `<uuid>/assessment`, wrapped by the root key of that name."""
    name = f"{municipality}/{compartment.label}"
    return KeyName(entry=name, root=name)


def index_key(municipality: UUID, field: str) -> KeyName:
    """The blind index key of one field: `<uuid>/index/<field>`, wrapped by the root key `<uuid>/index`."""
    return KeyName(entry=f"{municipality}/index/{field}", root=f"{municipality}/index")


def region_key(region: UUID, use: str, item: str) -> KeyName:
    """A key of a region: `region/<uuid>/<use>/<item>`, wrapped by `region/<uuid>/<use>` (uses: period, signing)."""
    return KeyName(entry=f"region/{region}/{use}/{item}", root=f"region/{region}/{use}")
