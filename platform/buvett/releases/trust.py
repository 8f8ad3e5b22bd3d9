"""Which key a region signs with, as the contributor knows it: kept with its own keys, outside the database.

The public key that numbers are sealed to lies in the database. Whoever rules the database could put a key of its own
there and open what is sealed to it. So the publisher signs each run's key, and the contributor seals to none
but a signed one.
"""

import logging
from pathlib import Path
from uuid import UUID

from django.conf import settings

from buvett.releases import keys
from buvett.releases.models import Run
from tenants.vault.files import read_regular, write_new

log = logging.getLogger(__name__)
# Others may read a public key; that nobody else can write it is what counts.
_MAY_NOT = 0o022


def statement(run: Run) -> bytes:
    """What the region signs when it opens a run: all that decides who seals what to which key."""
    said = (
        run.agreement.region_id,
        run.agreement_id,
        run.agreement.programme_sha256,
        run.period,
        run.pk,
        run.attempt,
        run.left_out_id or "-",
        run.counted_on,
        bytes(run.public_key).hex(),
    )
    return "\n".join(("bu-vett run 1", *map(str, said))).encode()


def is_signed_by_region(run: Run) -> bool:
    """Whether the run's key is signed with the key that this contributor knows the region by.

    Outside production a region that was never met is known from then on by the key that signed its first run; in
    production the operator places the key (operating guide). What is missing or cannot be read: False, and a line in
    the log that names the file.
    """
    path = place(run.agreement.region_id)
    key, signature = bytes(run.signed_with), bytes(run.signature)
    if not keys.is_signed(statement(run), signature=signature, public_key=key):
        log.error("the key of run %s is not signed: nothing is sealed to it", run.pk)
        return False
    if settings.MODE != "production" and not path.exists():
        _remember(path, key)
    known = _known(path)
    if known != key.hex():
        log.error("the key of run %s is not signed by the region as %s knows it", run.pk, path)
    return known == key.hex()


def place(region: UUID) -> Path:
    """The file of this process that holds the region's public key: 64 hexadecimal digits."""
    return Path(settings.KEY_FOLDER) / f"region-{region}.pub"


def _remember(path: Path, key: bytes) -> None:
    try:
        write_new(path, f"{key.hex()}\n".encode(), mode=0o600)
    except FileExistsError:  # another worker was faster: its key counts
        return


def _known(path: Path) -> str | None:
    try:
        return read_regular(path, forbidden=_MAY_NOT).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
